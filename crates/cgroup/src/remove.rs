//! Removing the groups of a container, with all that it has made below them.

use std::ffi::{CStr, CString};
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{AtFlags, rmdir, unlinkat};
use rustix::io::{self, Errno};
use rustix::process::{Pid, getpid};

use crate::events_file::EventsFile;
use crate::file::open_group;
use crate::freeze::{freeze_v1, is_freezer_v1, thaw_v1};
use crate::members;
use crate::tree::walk;

/// A killed process stays a member until it has left the kernel: a millisecond, longer if it has much memory
/// to give back. In milliseconds; about a second in all.
const PAUSES: [u64; 11] = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// How long members of a v1 group are given to stop before they are killed.
const PATIENCE: Duration = Duration::from_millis(100);

/// Why a group is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// EBUSY: it still has members, or groups below it have. EDEADLK: the caller is one of them, and nobody
    /// was killed in that group. Else what open(2), read(2) or rmdir(2) said.
    pub errno: Errno,
    /// Who was last seen in it or below it.
    pub members: Vec<Pid>,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; members:", self.errno)?;
        if self.members.is_empty() {
            return f.write_str(" none seen");
        }
        self.members.iter().try_for_each(|pid| write!(f, " {pid}"))
    }
}

impl std::error::Error for Busy {}

/// Removes the group `dir`, as [`remove_all`] does. Where a container has several groups, that is to be called:
/// its members may be frozen by another one of them, and would not die.
///
/// # Errors
///
/// [`Busy`], with what is left in it. It may be called again.
pub fn remove(dir: &CStr) -> Result<(), Busy> {
    remove_all(&[dir]).map_err(|left| left.into_iter().map(|(_, busy)| busy).next().unwrap_or_else(Busy::new))
}

/// Removes the groups `dirs`, all that we made for one container: empty ones at once; else their members are
/// killed, groups below them are removed, and it is tried again for about a second. A group that is not there is
/// success.
///
/// In a group of v2 they die by `cgroup.kill`. On v1 those of a freezer group are frozen first, so that none
/// forks meanwhile; where that is not among them, their groups get a limit of no processes. What is frozen on v1
/// dies when it is thawed, and so it is thawed, by whomever it was frozen.
///
/// # Errors
///
/// Those that are left, each with what is in it. It may be called again.
pub fn remove_all(dirs: &[&CStr]) -> Result<(), Vec<(CString, Busy)>> {
    let mut left: Vec<Left> = dirs.iter().map(|dir| Left { dir, busy: Busy::new() }).collect();
    let mut pauses = PAUSES.into_iter();
    loop {
        left.retain_mut(Left::remains);
        let Some(pause) = pauses.next().filter(|_| !left.iter().all(Left::is_refused)) else { break };
        left.iter().for_each(Left::freeze);
        left.iter_mut().for_each(Left::sweep);
        left.iter().for_each(Left::thaw);
        wait(&left, Duration::from_millis(pause));
    }
    let left: Vec<_> = left.into_iter().map(|group| (group.dir.to_owned(), group.busy)).collect();
    if left.is_empty() { Ok(()) } else { Err(left) }
}

impl Busy {
    fn new() -> Busy {
        Busy { errno: Errno::BUSY, members: Vec::new() }
    }
}

/// A group that is to go.
struct Left<'a> {
    dir: &'a CStr,
    busy: Busy,
}

impl Left<'_> {
    /// Removes it, if nothing is in it; returns whether it remains.
    fn remains(&mut self) -> bool {
        if self.is_refused() {
            return true;
        }
        match rmdir(self.dir) {
            Ok(()) | Err(Errno::NOENT) => return false,
            Err(errno) => self.busy.errno = errno,
        }
        true
    }

    /// Whether it cannot go, however often it is tried.
    fn is_refused(&self) -> bool {
        self.busy.errno != Errno::BUSY
    }

    /// Before the first of them is killed. A caller that is among them would stop itself.
    fn freeze(&self) {
        if let Some(group) = self.freezer()
            && self.busy.members.is_empty()
            && members::all(group).is_ok_and(|members| !members.contains(&getpid()))
        {
            let _forks_meanwhile = self.freezer().map(|group| freeze_v1(group.as_fd(), PATIENCE));
        }
    }

    /// Kills on the way down, removes on the way up.
    fn sweep(&mut self) {
        if self.is_refused() {
            return;
        }
        match open_group(self.dir).and_then(sweep) {
            Ok(seen) => self.busy.members = seen,
            // Some process has not left yet; or a group went away under our feet (ENODEV: its files).
            Err(Errno::BUSY | Errno::NOENT | Errno::NODEV) => {}
            Err(errno) => self.busy.errno = errno,
        }
    }

    /// With those below it, of which the container may have frozen some by itself.
    fn thaw(&self) {
        let thaw = |group: BorrowedFd<'_>| {
            let _frozen_above = thaw_v1(group);
            Ok(())
        };
        let _gone = self.freezer().map(|group| walk(group, thaw, |_, _| ()));
    }

    /// The group, if it is one of the v1 freezer.
    fn freezer(&self) -> Option<OwnedFd> {
        open_group(self.dir).ok().filter(|group| is_freezer_v1(group.as_fd()))
    }
}

/// Goes once through all groups below `top`. Returns whom it met.
fn sweep(top: OwnedFd) -> io::Result<Vec<Pid>> {
    let mut seen = Vec::new();
    let kill = |group: BorrowedFd<'_>| {
        seen.extend(members::kill(group)?);
        Ok(())
    };
    let remove = |above: BorrowedFd<'_>, name: &CStr| {
        // Still busy: the group above it will be too, and the next round comes here again.
        let _still_busy = unlinkat(above, name, AtFlags::REMOVEDIR);
    };
    walk(top, kill, remove)?;
    Ok(seen)
}

/// Waits for the killed to leave: on v2 until the kernel says that nobody is in the group, but never longer than
/// `pause`.
fn wait(left: &[Left<'_>], pause: Duration) {
    let populated = |group: &Left<'_>| {
        let mut events = EventsFile::open(open_group(group.dir).ok()?.as_fd()).ok()?;
        events.is("populated").is_ok_and(|is| is).then_some(events)
    };
    match left.iter().find_map(populated) {
        Some(mut events) => drop(events.wait("populated", false, pause)),
        None => sleep(pause),
    }
}
