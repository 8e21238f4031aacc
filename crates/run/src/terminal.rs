//! The two terminals: the container's, of which the runtime holds the master side, and the runtime's own.
//!
//! With the caller's shell, containerception behaves as the command itself would: it stops when the command stops, and a
//! command that reads in the background stops it. Two things it cannot do. After a SIGKILL nobody restores the mode of
//! the terminal but the shell (`stty sane`, in one that does not). And where stdin is a terminal but stdout is not, the
//! command has the caller's terminal itself, which is not the one of its session and so lets it read in the background:
//! such a job wants `< /dev/null`.

use crate::context::Context;
use crate::flow::Flow;
use crate::own::Own;
use plan::terminal::Op;
use rustix::event::{PollFd, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid, fchown, openat};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use rustix::termios::{tcdrain, tcgetwinsize, tcsetwinsize};
use std::time::{Duration, Instant};
use sys::Result;
use sys::terminal::is_foreground;

/// How long a stop waits for a terminal that is slow.
const PATIENCE: Duration = Duration::from_millis(200);

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::Open { master, slave, owner } => {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let pty = openat(CWD, c"dev/pts/ptmx", flags | OFlags::NOFOLLOW, Mode::empty())?;
            unlockpt(&pty)?;
            let peer =
                ioctl_tiocgptpeer(&pty, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
            if *owner != 0 {
                fchown(&peer, Some(Uid::from_raw(*owner)), None::<Gid>)?;
            }
            ctx.fill(*slave, peer);
            ctx.fill(*master, pty);
        }
        Op::Relay { master } => {
            let mut relay = Relay::new(ctx.take(*master)?);
            ctx.board.set_foreground(relay.resume());
            ctx.terminal = Some(relay);
        }
    }
    Ok(())
}

/// The relay between the two terminals. The mode of the own one is restored when this is dropped.
#[derive(Debug)]
pub(crate) struct Relay {
    own: Own,
    /// Gone once the container's terminal is hung up.
    master: Option<OwnedFd>,
    typed: Flow,
    printed: Flow,
}

impl Relay {
    fn new(master: OwnedFd) -> Self {
        Relay { own: Own::open(), master: Some(master), typed: Flow::new(), printed: Flow::new() }
    }

    /// Takes up the own terminal in its present state: after a stop, the job may be in the foreground or not, and the
    /// size may be another. Returns whether it is in the foreground.
    pub fn resume(&mut self) -> bool {
        match self.master.as_ref().map(|_| self.own.enter()) {
            Some(Ok(())) => self.resize(),
            Some(Err(_)) => self.hang_up(),
            None => {}
        }
        self.own.is_raw()
    }

    /// Waits until the own terminal is in the foreground: the kernel stops a background job that does anything to its
    /// terminal (SIGTTOU, `tcdrain(3)`), and answers EIO where no shell could continue it.
    pub fn claim(&mut self) {
        if tcdrain(self.own.input()).is_err() {
            self.hang_up();
        }
    }

    /// Before a stop: what was printed is printed, unless the own terminal takes nothing, and that has its mode back.
    pub fn finish(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && self.is_ready_soon() {
            self.print();
        }
        self.own.restore();
    }

    /// Whether there is something printed, or room for it within the time that whoever shows the own terminal needs.
    fn is_ready_soon(&self) -> bool {
        let wait = if self.printed.is_empty() { Duration::ZERO } else { PATIENCE };
        let wait = Timespec { tv_sec: 0, tv_nsec: wait.subsec_nanos().into() };
        self.awaits_output().is_some_and(|fd| matches!(poll(&mut [fd], Some(&wait)), Ok(1..)))
    }

    /// Gives the container's terminal the size of the own one.
    pub fn resize(&mut self) {
        if let (Ok(size), Some(master)) = (tcgetwinsize(self.own.input()), &self.master) {
            let _ = tcsetwinsize(master, size);
        }
    }

    /// Whether this job waits to become the foreground one, which a shell tells only one that had stopped.
    pub fn is_waiting(&self) -> bool {
        self.master.is_some() && self.own.exists && !self.own.is_raw()
    }

    /// Whether this job has become the foreground one meanwhile.
    pub fn is_called(&self) -> bool {
        self.is_waiting() && is_foreground(self.own.input())
    }

    /// Whether the container can print no more.
    pub fn is_over(&self) -> bool {
        self.master.is_none()
    }

    /// What the output waits for.
    pub fn awaits_output(&self) -> Option<PollFd<'_>> {
        let master = self.master.as_ref()?.as_fd();
        Some(self.printed.awaits(master, self.own.output()))
    }

    /// What the input waits for, while it is this job's to read.
    pub fn awaits_input(&self) -> Option<PollFd<'_>> {
        let master = self.master.as_ref().filter(|_| self.own.is_raw())?.as_fd();
        Some(self.typed.awaits(self.own.input(), master))
    }

    /// Moves output, until the container's side has ended.
    pub fn print(&mut self) {
        if let Some(master) = &self.master
            && !self.printed.pump(master.as_fd(), self.own.output())
        {
            self.hang_up();
        }
    }

    /// Moves input. In raw mode it ends only when the own terminal is hung up, and then so is the container's.
    pub fn type_in(&mut self) {
        if let Some(master) = self.master.as_ref().filter(|_| self.own.is_raw())
            && !self.typed.pump(self.own.input(), master.as_fd())
        {
            self.hang_up();
        }
    }

    /// Hangs up the container's terminal: its session gets SIGHUP, and who reads it finds the end.
    fn hang_up(&mut self) {
        self.own.restore();
        self.master = None;
    }
}
