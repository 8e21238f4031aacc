//! Stopping all processes of a group at once, and letting them go on.
//!
//! On v2 every group has it, threaded ones too (seen with Linux 6.12), and what is frozen can be killed. On v1 it
//! is a controller of its own, and a SIGKILL waits until the group is thawed (seen with Linux 6.18).

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::getpid;

use crate::controller::{Controller, Group, Version};
use crate::events_file::EventsFile;
use crate::file::{has, is_there, open_group, put, read};
use crate::members;

/// How long to wait before a v1 group is looked at again: it has nothing that tells of its state.
const SHORTEST: Duration = Duration::from_micros(100);
const LONGEST: Duration = Duration::from_millis(10);

/// Why a group is not as it was asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The group has no freezer: a v1 group of other controllers, or v2 before Linux 5.2.
    NoFreezer,
    /// The group is not there any more.
    Gone,
    /// The caller is in it, and would stop itself.
    Own,
    /// Some process did not stop in time, as it may wait for a device or a network file system. All go on.
    Late,
    /// A group above is frozen, and so is this one until that is thawed.
    FrozenAbove,
    /// What open(2), read(2) or write(2) said.
    Kernel(Errno),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoFreezer => f.write_str("the group has no freezer"),
            Error::Gone => f.write_str("the group is not there any more"),
            Error::Own => f.write_str("the caller is in the group"),
            Error::Late => f.write_str("some process did not stop in time"),
            Error::FrozenAbove => f.write_str("a group above is frozen"),
            Error::Kernel(errno) => errno.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// The group by which a container is frozen: that of v2, where killing goes on, else that of the v1 controller.
pub fn freezer(groups: &[Group]) -> Option<&Group> {
    let v2 = groups.iter().find(|group| group.version == Version::V2);
    v2.or_else(|| groups.iter().find(|group| group.controllers.contains(&Controller::Freezer)))
}

/// Stops all processes of `group` and of those below it; returns when all have stopped. One that is frozen
/// already stays so.
///
/// # Errors
///
/// [`Error`]. After [`Error::Late`] it has been thawed again.
pub fn freeze(group: &Group, patience: Duration) -> Result<(), Error> {
    let open = open(group)?;
    if members(group)?.contains(&getpid()) {
        return Err(Error::Own);
    }
    let frozen = match group.version {
        Version::V2 => freeze_v2(open.as_fd(), patience),
        Version::V1 => freeze_v1(open.as_fd(), patience),
    };
    match frozen {
        Ok(true) => Ok(()),
        Ok(false) => {
            thaw(group, patience)?;
            Err(Error::Late)
        }
        Err(errno) => Err(cause(errno, open.as_fd())),
    }
}

/// Lets the processes of `group` go on. Groups below that were frozen by themselves stay so. May be repeated.
///
/// # Errors
///
/// [`Error`].
pub fn thaw(group: &Group, patience: Duration) -> Result<(), Error> {
    let open = open(group)?;
    let thawed = match group.version {
        Version::V2 => thaw_v2(open.as_fd(), patience),
        Version::V1 => thaw_v1(open.as_fd()),
    };
    match thawed {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::FrozenAbove),
        Err(errno) => Err(cause(errno, open.as_fd())),
    }
}

/// Whether all processes of `group` are stopped by it or by a group above; one that is about to be frozen is not
/// yet.
///
/// # Errors
///
/// [`Error`].
pub fn is_frozen(group: &Group) -> Result<bool, Error> {
    let open = open(group)?;
    let frozen = match group.version {
        Version::V2 => EventsFile::open(open.as_fd()).and_then(|mut events| events.is("frozen")),
        Version::V1 => is_state(open.as_fd(), "FROZEN"),
    };
    frozen.map_err(|errno| cause(errno, open.as_fd()))
}

/// Whether `group` or one above has been asked to stop: all its processes stand still, or are about to.
///
/// # Errors
///
/// [`Error`].
pub fn is_asked_to_stop(group: &Group) -> Result<bool, Error> {
    let open = open(group)?;
    let asked = match group.version {
        Version::V2 => read(open.as_fd(), "cgroup.freeze").map(|text| text.trim_end() == "1"),
        // A pause that was cut short leaves FREEZING (freezer-subsystem.rst).
        Version::V1 => is_state(open.as_fd(), "THAWED").map(|thawed| !thawed),
    };
    Ok(asked.map_err(|errno| cause(errno, open.as_fd()))? || is_frozen(group)?)
}

fn freeze_v2(group: BorrowedFd<'_>, patience: Duration) -> Result<bool, Errno> {
    let mut events = EventsFile::open(group)?;
    put(group, "cgroup.freeze", b"1")?;
    events.wait("frozen", true, patience)
}

fn thaw_v2(group: BorrowedFd<'_>, patience: Duration) -> Result<bool, Errno> {
    let mut events = EventsFile::open(group)?;
    put(group, "cgroup.freeze", b"0")?;
    events.wait("frozen", false, patience)
}

/// A v1 group is found to be frozen when its state is read. Whoever was about to fork or to be moved may have
/// been missed (freezer-subsystem.rst has FREEZING for that), so it is asked for again each time.
pub(crate) fn freeze_v1(group: BorrowedFd<'_>, patience: Duration) -> Result<bool, Errno> {
    let (end, mut pause) = (Instant::now() + patience, SHORTEST);
    loop {
        put(group, "freezer.state", b"FROZEN")?;
        if is_state(group, "FROZEN")? {
            return Ok(true);
        }
        if Instant::now() >= end {
            return Ok(false);
        }
        sleep(pause);
        pause = LONGEST.min(pause * 2);
    }
}

/// Thaws a v1 group: at once, unless one above is frozen.
pub(crate) fn thaw_v1(group: BorrowedFd<'_>) -> Result<bool, Errno> {
    put(group, "freezer.state", b"THAWED")?;
    is_state(group, "THAWED")
}

fn is_state(group: BorrowedFd<'_>, state: &str) -> Result<bool, Errno> {
    read(group, "freezer.state").map(|text| text.trim_end() == state)
}

fn open(group: &Group) -> Result<OwnedFd, Error> {
    open_group(&group.directory)
        .map_err(|errno| if errno == Errno::NOENT { Error::Gone } else { Error::Kernel(errno) })
}

fn members(group: &Group) -> Result<Vec<rustix::process::Pid>, Error> {
    members::all(open(group)?).map_err(Error::Kernel)
}

/// A file that is missing in a group which is there is a freezer that is missing.
fn cause(errno: Errno, group: BorrowedFd<'_>) -> Error {
    match errno {
        _ if !is_there(group) => Error::Gone,
        Errno::NOENT => Error::NoFreezer,
        errno => Error::Kernel(errno),
    }
}

/// Whether `group` is one of the v1 freezer.
pub(crate) fn is_freezer_v1(group: BorrowedFd<'_>) -> bool {
    has(group, "freezer.state")
}
