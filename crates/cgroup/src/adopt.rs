//! Bringing a container that runs into a v1 group which it was started without: one of the freezer for `pause`,
//! or of a controller that `update` needs.

use std::collections::HashSet;
use std::ffi::CString;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::path::DecInt;
use rustix::process::Pid;

use crate::controller::Group;
use crate::file::{open, open_group};
use crate::group::write_whole;
use crate::members;

/// How often the members are listed. A process that is forked by one which was moved is in the new group from its
/// birth, so each time only those are found whose parents had not been moved when they were forked.
const ROUNDS: usize = 32;

/// Why not all processes are in the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A group cannot be opened or read: it has gone (ENOENT), or what open(2) or read(2) said.
    Group {
        /// Its directory.
        directory: CString,
        /// What was said.
        errno: Errno,
    },
    /// A process is not let in: EACCES; ENOSPC, of a cpuset without CPUs or nodes; EINVAL, of real-time processes
    /// in a cpu group without time for them. Others may have been moved.
    Refused {
        /// Which.
        pid: Pid,
        /// What write(2) said.
        errno: Errno,
    },
    /// They fork faster than they can be moved.
    Outside {
        /// Who was last seen outside.
        members: Vec<Pid>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Group { directory, errno } => write!(f, "{}: {errno}", directory.to_string_lossy()),
            Error::Refused { pid, errno } => write!(f, "process {pid} is not let in: {errno}"),
            Error::Outside { members } => {
                f.write_str("still outside:")?;
                members.iter().try_for_each(|pid| write!(f, " {pid}"))
            }
        }
    }
}

impl std::error::Error for Error {}

/// Moves all processes that are in one of `from`, or in a group below one, into the v1 group `to`, until none is
/// outside. Returns how many were moved. Where a container has made groups below its own, its processes
/// nevertheless share this one: they are not told apart in `to`.
///
/// On a machine that was idle each move waits some 10 ms for a grace period of the kernel.
///
/// # Errors
///
/// [`Error`]. It may be called again.
pub fn adopt(from: &[Group], to: &Group) -> Result<usize, Error> {
    let target = opened(to)?;
    let procs = open(target.as_fd(), "cgroup.procs", OFlags::WRONLY).map_err(|errno| unread(to, errno))?;
    let mut moved = 0;
    let mut outside = HashSet::new();
    for _ in 0..ROUNDS {
        outside = outsiders(from, to)?;
        let count = move_each(&outside, from, procs.as_fd())?;
        if count == 0 {
            return Ok(moved);
        }
        moved += count;
    }
    Err(Error::Outside { members: outside.into_iter().collect() })
}

/// Who is in one of `from` but not in `to`.
fn outsiders(from: &[Group], to: &Group) -> Result<HashSet<Pid>, Error> {
    let mut outside = members(from)?;
    let inside = members(std::slice::from_ref(to))?;
    outside.retain(|pid| !inside.contains(pid));
    Ok(outside)
}

/// Moves those of `pids` that are still members of one of `from`. Returns how many there were.
fn move_each(pids: &HashSet<Pid>, from: &[Group], procs: BorrowedFd<'_>) -> Result<usize, Error> {
    let pids: Vec<Pid> = pids.iter().copied().collect();
    let list = || members(from).map(|members| members.into_iter().collect());
    let (mut moved, mut refused) = (0, Ok(()));
    members::each(&pids, list, |pid, _held| {
        match write_whole(procs, DecInt::new(pid.as_raw_nonzero().get()).as_bytes()) {
            Ok(()) => moved += 1,
            // It has ended. While its pidfd is held the pid can be another process's only if that was reaped and
            // all pids were gone through since it was found to be a member.
            Err(Errno::SRCH) => {}
            Err(errno) => refused = Err(Error::Refused { pid, errno }),
        }
    })?;
    refused.map(|()| moved)
}

/// The members of `groups` and of all groups below them.
///
/// # Errors
///
/// [`Error::Group`].
pub fn members(groups: &[Group]) -> Result<HashSet<Pid>, Error> {
    let mut found = HashSet::new();
    for group in groups {
        found.extend(members::all(opened(group)?).map_err(|errno| unread(group, errno))?);
    }
    Ok(found)
}

fn opened(group: &Group) -> Result<OwnedFd, Error> {
    open_group(&group.directory).map_err(|errno| unread(group, errno))
}

fn unread(group: &Group, errno: Errno) -> Error {
    Error::Group { directory: group.directory.clone(), errno }
}
