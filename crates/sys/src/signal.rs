//! Signals: blocked and read from a descriptor by those who supervise, reset for those who are executed.

use crate::{Result, check};
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::mem::MaybeUninit;

pub use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// A set of signal numbers.
#[derive(Clone, Copy)]
pub struct Set(libc::sigset_t);

impl Set {
    /// The set of `signals`.
    pub fn of(signals: &[i32]) -> Self {
        let mut set = MaybeUninit::uninit();
        // SAFETY: sigemptyset initialises the set that it is given.
        let mut set = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            set.assume_init()
        };
        for signal in signals {
            // SAFETY: the set is initialised; a number out of range is refused with EINVAL and changes nothing.
            unsafe { libc::sigaddset(&mut set, *signal) };
        }
        Set(set)
    }

    /// Blocks these signals in this thread, on top of those that already are.
    pub fn block(&self) -> Result<()> {
        // SAFETY: reads an initialised set.
        check(unsafe { libc::sigprocmask(libc::SIG_BLOCK, &self.0, std::ptr::null_mut()) }.into()).map(drop)
    }

    /// Unblocks these signals in this thread; one that waits has its effect before this returns.
    pub fn unblock(&self) -> Result<()> {
        // SAFETY: reads an initialised set.
        check(unsafe { libc::sigprocmask(libc::SIG_UNBLOCK, &self.0, std::ptr::null_mut()) }.into()).map(drop)
    }
}

/// The parts of `struct signalfd_siginfo` that are of use here.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// The signal's number.
    pub signal: i32,
    /// Why it was sent (`si_code`; `SI_USER` is 0, `SI_KERNEL` 128).
    pub code: i32,
}

/// A descriptor from which the blocked signals of a set are read: `signalfd(2)`.
#[derive(Debug)]
pub struct SignalFd(OwnedFd);

impl SignalFd {
    /// Opens it, close-on-exec and non-blocking, for the signals of `set`, which must be blocked.
    pub fn new(set: &Set) -> Result<Self> {
        // SAFETY: reads an initialised set and returns a new descriptor.
        let fd = unsafe { libc::signalfd(-1, &set.0, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
        check(fd.into())?;
        // SAFETY: the descriptor is new and nobody else owns it.
        Ok(SignalFd(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// The next signal that waits, if one does.
    pub fn next(&self) -> Option<Info> {
        let mut info = MaybeUninit::<libc::signalfd_siginfo>::uninit();
        let size = size_of::<libc::signalfd_siginfo>();
        // SAFETY: the buffer is `size` bytes long.
        let read = unsafe { libc::read(self.0.as_raw_fd(), info.as_mut_ptr().cast(), size) };
        // SAFETY: a read of the whole size has initialised all of it; signalfd never returns a part.
        (read == size as isize)
            .then(|| unsafe { info.assume_init() })
            .map(|info| Info { signal: info.ssi_signo as i32, code: info.ssi_code })
    }
}

impl AsFd for SignalFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Whether this process ignores `signal`, as its parent may have wanted (`nohup(1)`).
pub fn is_ignored(signal: i32) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: changes nothing, and fills `action` unless it fails.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: the call that returned 0 has filled it.
    asked == 0 && unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

/// Gives every signal its default action and unblocks all: what a program may expect when it is executed. Rust's
/// runtime ignores SIGPIPE, and an ignored signal stays ignored across `execve(2)`.
pub fn reset_all() -> Result<()> {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL is a valid disposition of every signal; KILL, STOP and the two that the C library keeps
        // for itself are refused with EINVAL, and are at their default anyway.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let none = Set::of(&[]);
    // SAFETY: reads an initialised set.
    check(unsafe { libc::sigprocmask(libc::SIG_SETMASK, &none.0, std::ptr::null_mut()) }.into()).map(drop)
}
