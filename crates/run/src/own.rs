//! The runtime's own terminal, raw as long as it is this job's.

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr};
use sys::Result;
use sys::terminal::{is_controlling, is_foreground};

/// The runtime's own terminal.
#[derive(Debug)]
pub(crate) struct Own {
    /// Whether there is one; without, what the container prints goes to stdout all the same.
    pub exists: bool,
    /// Opened once more, to be written without waiting: as a flag of stdout, that would hold for the caller, too.
    /// `/dev/tty` can be opened by everybody, whomever the terminal belongs to (after `su(1)`).
    tty: Option<OwnedFd>,
    /// Its mode before, while it is raw.
    before: Option<Termios>,
}

impl Own {
    /// Looks at stdin and stdout.
    pub fn open() -> Self {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let is_tty = is_controlling(stdin()) && is_controlling(stdout());
        let tty = is_tty.then(|| openat(CWD, c"/dev/tty", flags, Mode::empty()).ok()).flatten();
        Own { exists: isatty(stdin()), tty, before: None }
    }

    /// Where keys come from.
    pub fn input(&self) -> BorrowedFd<'_> {
        self.tty.as_ref().map_or(stdin(), AsFd::as_fd)
    }

    /// Where output goes.
    pub fn output(&self) -> BorrowedFd<'_> {
        self.tty.as_ref().map_or(stdout(), AsFd::as_fd)
    }

    /// Sets raw mode, if this is the foreground job; to one in the background neither the terminal nor its mode belong.
    pub fn enter(&mut self) -> Result<()> {
        if !self.exists || !is_foreground(self.input()) {
            self.before = None;
            return Ok(());
        }
        let before = self.before.take().map_or_else(|| tcgetattr(self.input()), Ok)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(self.input(), OptionalActions::Drain, &raw)?;
        self.before = Some(before);
        Ok(())
    }

    /// Gives it its mode back.
    pub fn restore(&mut self) {
        if let Some(before) = self.before.take()
            && is_foreground(self.input())
        {
            let _ = tcsetattr(self.input(), OptionalActions::Drain, &before);
        }
    }

    /// Whether it is raw, and so in the foreground.
    pub fn is_raw(&self) -> bool {
        self.before.is_some()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.restore();
    }
}
