//! The signals that are meant for the command, as they reach the runtime.

use plan::{Op, Plan, process};
use rustix::fd::{AsFd, BorrowedFd};
use sys::Result;
use sys::signal::{Info, Set, SignalFd, is_ignored};

/// The signals that are passed on to the command, in the runtime and in init. The rest is not meant for it (SIGCHLD),
/// cannot be caught, or says that the program itself is broken.
pub(crate) const FORWARDED: [i32; 10] = [
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGWINCH,
    libc::SIGALRM,
    libc::SIGTSTP,
    libc::SIGCONT,
];

/// `si_code` of a signal that the kernel itself sent, such as a terminal's (`sigaction(2)`).
const SI_KERNEL: i32 = 0x80;

/// Whether the kernel has sent it, as a terminal does, to all of the foreground job.
pub(crate) fn from_terminal(info: &Info) -> bool {
    info.code == SI_KERNEL
}

/// Whether the command is in the caller's session, and so in the job to which a terminal sends its signals.
pub(crate) fn shares_session(plan: &Plan) -> bool {
    !plan.steps.iter().any(|step| matches!(step.op, Op::Process(process::Op::NewSession { .. })))
}

/// Signals that the runtime reads instead of dying of them.
#[derive(Debug)]
pub(crate) struct Signals {
    fd: SignalFd,
    /// Whether a terminal's keys are for others: a shell without job control has the jobs that it starts in the
    /// background ignore INT, since they stay in the foreground's process group (POSIX, XCU 2.11). A signal that is
    /// blocked comes even if it is ignored.
    in_background: bool,
}

impl Signals {
    /// Blocks them. Done before the clone, so that none is lost and none kills the runtime half-way. A hang-up that is
    /// ignored stays so, as `nohup(1)` has it.
    pub fn block() -> Result<Self> {
        let mut all = [&FORWARDED[..], &[libc::SIGCHLD]].concat();
        all.retain(|signal| *signal != libc::SIGHUP || !is_ignored(*signal));
        let set = Set::of(&all);
        set.block()?;
        Ok(Signals { fd: SignalFd::new(&set)?, in_background: is_ignored(libc::SIGINT) })
    }

    /// The next one that waits, if one does.
    pub fn next(&self) -> Option<Info> {
        self.fd.next()
    }

    /// Whether a terminal has sent a signal that the command has got itself, or is not to get.
    pub fn is_for_others(&self, info: &Info, shares_session: bool) -> bool {
        let key = matches!(info.signal, libc::SIGINT | libc::SIGQUIT);
        from_terminal(info) && (shares_session || (self.in_background && key))
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
