//! What an actor needs to perform its steps; all of it is made before the clone, so that nothing is allocated after.

use crate::bell::Bell;
use crate::board::Board;
pub use crate::journal::Journal;
use crate::journal::Left;
use crate::procfs::ProcFs;
use crate::step::Stepper;
use plan::limit::NotHeld;
use plan::{Op, Plan, Slot};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use spec::Namespaces;
use spec::error::Error;
use std::process::Child;
use sys::exec::CStringArray;
use sys::{Errno, Result};

/// Tells the steps of a plan from its board.
pub type Narrator<'a> = Box<dyn FnMut(&Plan, &Board) + 'a>;

/// The state of an actor.
pub(crate) struct Context<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The board, which all actors share.
    pub board: &'a Board,
    /// The host's `/proc`, opened and verified before anything else; the runtime's alone.
    pub proc: Option<ProcFs>,
    /// The runtime's journal.
    pub journal: Option<Journal>,
    /// The lock on the range of ids, in the runtime.
    pub range: Option<OwnedFd>,
    /// The end of the bell that this actor has.
    pub bell: Option<Bell>,
    /// The other end, until the clone, when each side drops the other's.
    pub other_bell: Option<Bell>,
    /// The first process of the container: its pid and pidfd, in the runtime.
    pub init: Option<(i32, OwnedFd)>,
    /// The command: its pid, in init.
    pub command: Option<i32>,
    /// `newuidmap` and `newgidmap`, while they run.
    pub helpers: Vec<Child>,
    /// What a helper said when it failed.
    pub message: Option<String>,
    /// The error of a step of the runtime's that knows more than an errno.
    pub error: Option<Error>,
    /// Whether the step that failed could not even be written down.
    pub not_recorded: bool,
    /// Limits that are not held, where the best effort will do.
    pub not_held: Vec<NotHeld>,
    /// What dead runs have left that could not be undone.
    pub left: Vec<Left>,
    /// The filter, as the kernel takes it.
    pub filter: Vec<sys::seccomp::Instruction>,
    /// The command's arguments.
    pub arguments: CStringArray,
    /// The command's environment.
    pub environment: CStringArray,
    /// The relay between the container's terminal and the runtime's own, once there is one.
    pub terminal: Option<crate::terminal::Relay>,
    /// Who tells the steps, if anyone wants to hear them.
    pub narrator: Option<Narrator<'a>>,
    /// Who stops before each step, if anyone wants that.
    pub stepper: Option<Stepper>,
    /// The namespaces that init holds for those who join later.
    pub held: [Option<OwnedFd>; Namespaces::NAMES.len()],
    /// Descriptors by slot.
    slots: Vec<Option<OwnedFd>>,
}

impl<'a> Context<'a> {
    /// Prepares everything for `plan`.
    pub fn new(plan: &'a Plan, board: &'a Board) -> Result<Self> {
        let (bell, other_bell) = Bell::pair()?;
        let (mut arguments, mut environment, mut filter) = (Vec::new(), Vec::new(), Vec::new());
        for step in &plan.steps {
            match &step.op {
                Op::Process(plan::process::Op::Execute { arguments: a, environment: e, .. }) => {
                    (arguments, environment) = (a.clone(), e.clone());
                }
                Op::Security(plan::security::Op::Filter { program }) => {
                    let convert = |i: &plan::security::Instruction| sys::seccomp::Instruction {
                        code: i.code,
                        jt: i.jt,
                        jf: i.jf,
                        k: i.k,
                    };
                    filter = program.iter().map(convert).collect();
                }
                _ => {}
            }
        }
        Ok(Context {
            plan,
            board,
            proc: Some(ProcFs::open()?),
            journal: None,
            range: None,
            bell: Some(bell),
            other_bell: Some(other_bell),
            init: None,
            command: None,
            helpers: Vec::new(),
            message: None,
            error: None,
            not_recorded: false,
            not_held: Vec::new(),
            left: Vec::new(),
            filter,
            arguments: CStringArray::new(arguments),
            environment: CStringArray::new(environment),
            terminal: None,
            narrator: None,
            stepper: None,
            held: Default::default(),
            slots: (0..plan.slots).map(|_| None).collect(),
        })
    }

    /// Has the steps told that are done by now.
    pub fn report(&mut self) {
        if let Some(narrator) = &mut self.narrator {
            narrator(self.plan, self.board);
        }
    }

    /// Fills a slot.
    pub fn fill(&mut self, slot: Slot, fd: OwnedFd) {
        if let Some(place) = self.slots.get_mut(usize::from(slot.0)) {
            *place = Some(fd);
        }
    }

    /// What is in a slot. The laws of the plan see to it that it is full.
    pub fn get(&self, slot: Slot) -> Result<BorrowedFd<'_>> {
        self.slots.get(usize::from(slot.0)).and_then(Option::as_ref).map(AsFd::as_fd).ok_or(Errno::BADF)
    }

    /// Takes what is in a slot, which then is empty.
    pub fn take(&mut self, slot: Slot) -> Result<OwnedFd> {
        self.slots.get_mut(usize::from(slot.0)).and_then(Option::take).ok_or(Errno::BADF)
    }

    /// Closes what is in all slots.
    pub fn clear(&mut self) {
        self.slots.iter_mut().for_each(|slot| *slot = None);
    }

    /// The actor's end of the bell.
    pub fn bell(&self) -> Result<&Bell> {
        self.bell.as_ref().ok_or(Errno::BADF)
    }

    /// The host's `/proc`.
    pub fn proc(&self) -> Result<&ProcFs> {
        self.proc.as_ref().ok_or(Errno::NODEV)
    }

    /// The container's first process, or the joiner, as the host's `/proc` calls it.
    pub fn first_in_proc(&self) -> Result<i32> {
        let (pid, pidfd) = self.init.as_ref().ok_or(Errno::SRCH)?;
        self.proc()?.number(*pid, pidfd.as_fd())
    }

    /// The pidfd of the container's first process.
    pub fn pidfd(&self) -> Result<BorrowedFd<'_>> {
        self.init.as_ref().map(|(_, pidfd)| pidfd.as_fd()).ok_or(Errno::SRCH)
    }
}
