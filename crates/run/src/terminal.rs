//! The two terminals: the container's, of which the runtime holds the master side, and the runtime's own.

use crate::context::Context;
use plan::terminal::Op;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::getpgrp;
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{
    OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr, tcsetwinsize,
};
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::Open { master, slave } => {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            let pty = openat(CWD, c"dev/pts/ptmx", flags, Mode::empty())?;
            unlockpt(&pty)?;
            let peer =
                ioctl_tiocgptpeer(&pty, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
            ctx.fill(*slave, peer);
            ctx.fill(*master, pty);
            Ok(())
        }
        Op::Relay { master } => {
            let master = ctx.take(*master)?;
            ctx.terminal = Some(Raw::new(master)?);
            Ok(())
        }
    }
}

/// The relay between the two terminals. The runtime's own is restored when this is dropped.
#[derive(Debug)]
pub(crate) struct Raw {
    master: OwnedFd,
    /// The mode of the own terminal before, while it is raw.
    before: Option<Termios>,
    /// Whether the own stdin has ended.
    deaf: bool,
    /// Whether the container's side has ended.
    mute: bool,
}

impl Raw {
    fn new(master: OwnedFd) -> Result<Self> {
        let mut raw = Raw { master, before: None, deaf: false, mute: false };
        raw.resize();
        raw.enter()?;
        Ok(raw)
    }

    /// Sets the own terminal to raw mode, if this is a foreground job: a background one must not touch it.
    fn enter(&mut self) -> Result<()> {
        if self.before.is_some() || !is_foreground() {
            return Ok(());
        }
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Drain, &raw)?;
        self.before = Some(before);
        Ok(())
    }

    /// Gives the own terminal its mode back.
    pub fn restore(&mut self) {
        if let Some(before) = self.before.take() {
            let _ = tcsetattr(stdin(), OptionalActions::Drain, &before);
        }
    }

    /// After a stop: the size may have changed, and the job may be in the foreground again.
    pub fn resume(&mut self) {
        let _ = self.enter();
        self.resize();
    }

    /// Gives the container's terminal the size of the own one.
    pub fn resize(&mut self) {
        if let Ok(size) = tcgetwinsize(stdin()) {
            let _ = tcsetwinsize(&self.master, size);
        }
    }

    /// Where the container's output comes from, while there can be any.
    pub fn output(&self) -> Option<BorrowedFd<'_>> {
        (!self.mute).then(|| self.master.as_fd())
    }

    /// Where the own input comes from, while it is this job's to read.
    pub fn input(&self) -> Option<BorrowedFd<'_>> {
        (!self.deaf && self.before.is_some()).then(stdin)
    }

    /// Moves what there is, once each way.
    pub fn pump(&mut self, written: bool, typed: bool) {
        let mut buffer = [0; 16 << 10];
        if written && !self.mute {
            // EIO says that nobody has the other side open.
            match rustix::io::read(&self.master, &mut buffer) {
                Ok(0) | Err(Errno::IO) => self.mute = true,
                Ok(count) => drop(write_all(stdout(), &buffer[..count])),
                Err(_) => {}
            }
        }
        if typed && !self.deaf && self.before.is_some() {
            match rustix::io::read(stdin(), &mut buffer) {
                Ok(0) | Err(Errno::IO) => self.deaf = true,
                Ok(count) => drop(write_all(self.master.as_fd(), &buffer[..count])),
                Err(_) => {}
            }
        }
    }

    /// Moves what the container has left behind.
    pub fn drain(&mut self) {
        while !self.mute {
            let mut fds = [PollFd::new(&self.master, PollFlags::IN)];
            match rustix::event::poll(&mut fds, Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 })) {
                Ok(1..) => self.pump(true, false),
                _ => return,
            }
        }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.restore();
    }
}

fn is_foreground() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
}

fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(errno) => return Err(errno),
            Ok(count) => bytes = &bytes[count..],
        }
    }
    Ok(())
}
