//! The plan of a container: which kernel steps make it, in which order, by whom, and why.
//!
//! Pure: [`plan`] computes a [`Plan`] from what is wanted ([`spec::Spec`]) and what the host is ([`Facts`]), without
//! touching the system. The room `run` performs it; this room has the words in which it is told.

pub mod cgroup;
pub mod check;
pub mod container;
pub mod diff;
pub mod etc;
pub mod facts;
pub mod file;
pub mod identity;
pub mod join;
pub mod limit;
pub mod loss;
pub mod mount;
pub mod namespace;
pub mod nest;
pub mod network;
pub mod op;
pub mod place;
pub mod process;
pub mod quota;
pub mod security;
pub mod state;
pub mod tell;
pub mod terminal;

mod build;
mod handoff;

pub use build::{exec, plan};
pub use container::Container;
pub use facts::Facts;
pub use loss::Loss;
pub use op::Op;
pub use tell::{Call, Count, Lesson, Tell};

use std::fmt;

/// The process that performs a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Actor {
    /// `containerception` itself, outside.
    Runtime,
    /// Its clone inside: PID 1.
    Init,
    /// What enters a container that runs, forks the command there, and ends.
    Joiner,
    /// What init or the joiner forks, and what becomes the command.
    Command,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Actor::Runtime => "runtime",
            Actor::Init => "init",
            Actor::Joiner => "joiner",
            Actor::Command => "command",
        })
    }
}

/// Why a step is in this plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// It is part of what a container is.
    Container,
    /// An option asked for it.
    Asked(&'static str),
    /// A security rule of `ARCHITECTURE.md` demands it.
    Rule(&'static str),
    /// This host needs it.
    Host(&'static str),
    /// A later step, or what may come inside, needs it.
    SoThat(&'static str),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Container => write!(f, "part of every container"),
            Why::Asked(option) => write!(f, "asked for by {option}"),
            Why::Rule(rule) => write!(f, "security rule {rule}"),
            Why::Host(fact) => write!(f, "on this host: {fact}"),
            Why::SoThat(reason) => write!(f, "so that {reason}"),
        }
    }
}

/// A place for a descriptor that one step makes and a later one uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Slot(pub u16);

/// What replaces an op when the kernel answers with one of certain errnos.
#[derive(Clone, Debug)]
pub struct Otherwise {
    /// The errnos.
    pub on: &'static [i32],
    /// The op that is tried then.
    pub op: Op,
    /// What the container lacks then, if somebody should hear of it.
    pub loss: Option<Loss>,
}

/// One line of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// Who performs it.
    pub actor: Actor,
    /// What is done.
    pub op: Op,
    /// Why it is here.
    pub why: Why,
    /// What is done where the kernel refuses the op.
    pub otherwise: Option<Otherwise>,
}

/// Something that outlives the process that made it, and so stands in the journal before it is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Residue {
    /// A control group.
    Group(std::ffi::CString),
    /// A control group that goes when nobody uses it.
    Parent(std::ffi::CString),
    /// The file by which controllers were enabled, which stay so.
    Enabled(std::ffi::CString),
    /// The lock file of a range of ids.
    IdRange(std::ffi::CString),
    /// A directory with all that is in it.
    Tree(std::ffi::CString),
}

impl Residue {
    /// The name of its kind, which is that of its entry in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            Residue::Group(_) => "group",
            Residue::Parent(_) => "parent",
            Residue::Enabled(_) => "enabled",
            Residue::IdRange(_) => "ids",
            Residue::Tree(_) => "tree",
        }
    }

    /// Where it is.
    pub fn path(&self) -> &std::ffi::CStr {
        match self {
            Residue::Group(path)
            | Residue::Parent(path)
            | Residue::Enabled(path)
            | Residue::IdRange(path)
            | Residue::Tree(path) => path,
        }
    }
}

/// A hand-off: after this step the other side acts. Derived wherever the side of the actor changes, but for what init
/// does [alongside](Plan::alongside).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handoff {
    /// The index of the step after which the bell is rung.
    pub after: usize,
    /// The index of the step before which the other side waits for it.
    pub before: usize,
    /// The descriptors that go along, because the side that is woken uses them and could not inherit them.
    pub slots: Vec<Slot>,
}

/// An ordered list of steps that obeys the laws of [`check`].
#[derive(Clone, Debug)]
pub struct Plan {
    /// The steps, in the order in which they are performed.
    pub steps: Vec<Step>,
    /// Where one process waits for another.
    pub handoffs: Vec<Handoff>,
    /// How many slots the steps use.
    pub slots: u16,
    /// What a person should know about this container: what it lacks on this host, and why.
    pub notes: Vec<String>,
    /// The limits that it goes without, since the best effort will do.
    pub not_held: Vec<limit::NotHeld>,
    /// Whose ids the container has, if it has a user namespace.
    pub ids: Option<identity::Ids>,
}

impl Plan {
    /// The groups that it makes.
    pub fn groups(&self) -> Vec<::cgroup::Group> {
        let group = |step: &Step| match &step.op {
            Op::Cgroup(cgroup::Op::Make { directory, version, controllers, .. }) => Some(::cgroup::Group {
                version: *version,
                controllers: controllers.clone(),
                directory: directory.clone(),
            }),
            _ => None,
        };
        self.steps.iter().filter_map(group).collect()
    }

    /// Whether the processes of the container are in a group below that of v2, of which those inside have parts.
    pub fn shares_out(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.op, Op::Cgroup(cgroup::Op::EnterPayload { .. })))
    }

    /// The hand-off after step `index`, if there is one.
    pub fn handoff_after(&self, index: usize) -> Option<&Handoff> {
        self.handoffs.iter().find(|handoff| handoff.after == index)
    }

    /// The hand-off before step `index`, if there is one.
    pub fn handoff_before(&self, index: usize) -> Option<&Handoff> {
        self.handoffs.iter().find(|handoff| handoff.before == index)
    }

    /// The indices of the steps that init performs as soon as it is born, while the runtime goes on with its own.
    pub fn alongside(&self) -> std::ops::Range<usize> {
        handoff::alongside(&self.steps)
    }

    /// The call that writes down in the journal what the step `index` will leave, before the step's own calls.
    pub fn record(&self, index: usize) -> Option<Call> {
        let residue = self.steps.get(index)?.op.residue()?;
        let (path, journal) = (tell::show(residue.path()), tell::show(self.journal()?));
        let before = self.steps.iter().take(index).filter_map(|step| step.op.residue());
        let number = match before.filter(|before| before.kind() == residue.kind()).count() {
            0 => String::new(),
            number => format!(".{number}"),
        };
        Some(Call::once(
            "symlinkat",
            format!("{path:?}, {:?}", format!("{journal}:{}{number}", residue.kind())),
        ))
    }

    fn journal(&self) -> Option<&std::ffi::CStr> {
        self.steps.iter().find_map(|step| match &step.op {
            Op::State(state::Op::MakeJournal { journal }) => Some(journal.as_c_str()),
            _ => None,
        })
    }

    /// Who is born outside: init, or the joiner of a container that runs.
    pub fn born(&self) -> Actor {
        let inside = self.steps.iter().skip(self.birth() + 1).map(|step| step.actor);
        inside.into_iter().find(|actor| *actor != Actor::Runtime).unwrap_or(Actor::Init)
    }

    /// The index of the step that clones the first process inside.
    pub fn birth(&self) -> usize {
        handoff::birth(&self.steps)
    }
}
