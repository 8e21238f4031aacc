//! The signals that are meant for the command, as they reach the runtime.

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
        let mut all = FORWARDED.to_vec();
        all.retain(|signal| *signal != libc::SIGHUP || !is_ignored(*signal));
        let set = Set::of(&all);
        set.block()?;
        Ok(Signals { fd: SignalFd::new(&set)?, in_background: is_ignored(libc::SIGINT) })
    }

    /// The next one that waits, if one does.
    pub fn next(&self) -> Option<Info> {
        self.fd.next()
    }

    /// A key's signal goes to the whole foreground group, and so to the command as well if it is in it.
    pub fn are_for_others(&self, info: &Info, shares_session: bool) -> bool {
        let key = matches!(info.signal, libc::SIGINT | libc::SIGQUIT);
        info.code == SI_KERNEL && (shares_session || (self.in_background && key))
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
