//! What happens to a container while it lives: a limit is reached, somebody is killed for want of memory, it is
//! frozen, it ends.
//!
//! All of it is states and counters in files. v2 tells when one has changed, by inotify(7); v1 does not, and is
//! looked at five times a second. So two events of a kind may be told as one, with their number; none is lost,
//! but for those of a v1 group that is removed before it was looked at again.

mod sample;

use std::ffi::OsStr;
use std::fmt::{Display, Formatter, Result as Written};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use rustix::io::{Errno, read};

use crate::controller::{Group, Version};
use crate::events_file::changed;
use sample::Sample;

/// How often v1 groups are looked at.
const PERIOD: Duration = Duration::from_millis(200);

/// The files of v2 that tell of their changes.
const TELLING: [&str; 3] = ["cgroup.events", "memory.events", "pids.events"];

/// How often something has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Since the last time that it was told.
    pub new: u64,
    /// Since the group was made.
    pub total: u64,
}

/// What has happened. Groups below are included, where the kernel includes them in its counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A limit of memory was reached, and nothing could be given back (v2 only).
    Oom(Count),
    /// Processes were killed for want of memory, here or outside.
    OomKill(Count),
    /// It was about to exceed its limit of memory.
    MemoryMax(Count),
    /// It has exceeded what it may have without being slowed down (v2 only).
    MemoryHigh(Count),
    /// A fork was refused by a limit of processes.
    PidsMax(Count),
    /// All its processes have stopped.
    Frozen,
    /// They go on.
    Thawed,
    /// Nobody is in it any more, or it has been removed. Nothing comes after it.
    Ended,
}

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        f.pad(match self {
            Event::Oom(_) => "oom",
            Event::OomKill(_) => "oom_kill",
            Event::MemoryMax(_) => "memory_max",
            Event::MemoryHigh(_) => "memory_high",
            Event::PidsMax(_) => "pids_max",
            Event::Frozen => "frozen",
            Event::Thawed => "thawed",
            Event::Ended => "ended",
        })
    }
}

/// Somebody who waits for events.
#[derive(Debug)]
pub struct Watch {
    groups: Vec<Group>,
    last: Sample,
    bell: Option<OwnedFd>,
}

impl Watch {
    /// Begins to watch the container that has `groups`. What has happened before is not told.
    ///
    /// # Errors
    ///
    /// ENOENT: a group has gone. Else what open(2) said of one.
    pub fn new(groups: &[Group]) -> io::Result<Watch> {
        // The bell first: what happens between the two then rings it.
        let bell = bell(groups).ok();
        let last = Sample::take(groups)?.ok_or(Errno::NOENT)?;
        Ok(Watch { groups: groups.to_vec(), last, bell })
    }

    /// Goes on with other groups of the same container: one that was made for it meanwhile counts from the time of its making,
    /// so that what has happened in it since is told.
    pub fn go_on_with(&mut self, groups: &[Group]) {
        self.bell = bell(groups).ok();
        self.groups = groups.to_vec();
    }

    /// Waits until something has happened, at most for `timeout`; then nothing is returned.
    ///
    /// # Errors
    ///
    /// EMFILE, ENFILE, ENOMEM: it cannot be looked. It may be called again.
    pub fn wait(&mut self, timeout: Duration) -> io::Result<Vec<Event>> {
        let end = Instant::now() + timeout;
        loop {
            let events = self.look()?;
            let left = end.saturating_duration_since(Instant::now());
            if !events.is_empty() || left.is_zero() {
                return Ok(events);
            }
            self.pause(left)?;
        }
    }

    fn look(&mut self) -> io::Result<Vec<Event>> {
        if self.last.ended {
            return Ok(Vec::new());
        }
        let mut now = Sample::take(&self.groups)?.unwrap_or(self.last.gone());
        let events = now.since(&self.last);
        now.ended = events.contains(&Event::Ended);
        self.last = now;
        Ok(events)
    }

    /// Until the bell rings, or until it is time to look again.
    fn pause(&self, left: Duration) -> io::Result<()> {
        let rings_for_all = self.groups.iter().all(|group| group.version == Version::V2);
        let period = if rings_for_all && self.bell.is_some() { left } else { left.min(PERIOD) };
        let Some(bell) = &self.bell else {
            sleep(period);
            return Ok(());
        };
        changed(bell.as_fd(), PollFlags::IN, period)?;
        // Which file it was does not matter: all are looked at.
        while read(bell, &mut [0_u8; 1024]).is_ok() {}
        Ok(())
    }
}

/// What rings when a file of a v2 group changes. An error: no such group, or no more of them for this user
/// (`fs.inotify.max_user_instances`); then it is looked at as on v1.
fn bell(groups: &[Group]) -> Result<OwnedFd, Errno> {
    let bell = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    let v2 = groups.iter().find(|group| group.version == Version::V2).ok_or(Errno::NOENT)?;
    let directory = Path::new(OsStr::from_bytes(v2.directory.to_bytes()));
    for file in TELLING.map(|name| directory.join(name)).iter().filter(|file| file.exists()) {
        add_watch(&bell, file, WatchFlags::MODIFY)?;
    }
    Ok(bell)
}
