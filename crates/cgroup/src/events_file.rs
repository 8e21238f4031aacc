//! `cgroup.events` of a v2 group: whether anybody is in it, and whether it is frozen; and waiting for either.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::{Errno, Result};

use crate::file::{open, read_all};
use crate::text::flat;

/// The file, held open: the kernel tells by poll(2) that it has changed since it was last read (cgroup-v2.rst,
/// "[Un]populated Notification").
pub(crate) struct EventsFile(File);

impl EventsFile {
    /// Opens that of `group`. ENOENT: it is a v1 group.
    pub(crate) fn open(group: BorrowedFd<'_>) -> Result<EventsFile> {
        open(group, "cgroup.events", OFlags::RDONLY).map(|file| EventsFile(file.into()))
    }

    /// Whether the entry `key` is 1. ENODEV: the group has gone.
    pub(crate) fn is(&mut self, key: &str) -> Result<bool> {
        self.0.seek(SeekFrom::Start(0)).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        Ok(flat(&read_all(&self.0)?, key) == Some(1))
    }

    /// Waits until the entry `key` is `wanted`, or `patience` is at its end; returns whether it is.
    pub(crate) fn wait(&mut self, key: &str, wanted: bool, patience: Duration) -> Result<bool> {
        let end = Instant::now() + patience;
        loop {
            if self.is(key)? == wanted {
                return Ok(true);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            changed(self.0.as_fd(), PollFlags::PRI, left)?;
        }
    }
}

/// Waits until `file` has one of `flags`, or `patience` is at its end. A signal may end the wait sooner.
pub(crate) fn changed(file: BorrowedFd<'_>, flags: PollFlags, patience: Duration) -> Result<()> {
    let timeout = Timespec {
        tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: patience.subsec_nanos().into(),
    };
    match poll(&mut [PollFd::from_borrowed_fd(file, flags)], Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(errno) => Err(errno),
    }
}
