//! What is done with one group: one kernel action a function, and none allocates.

use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, OFlags, mkdir, open};
use rustix::io::{Errno, Result, write};

/// Makes the group `dir`.
///
/// # Errors
///
/// Those of mkdir(2). EAGAIN: `cgroup.max.depth` or `cgroup.max.descendants` of a group above is reached.
pub fn make(dir: &CStr) -> Result<()> {
    mkdir(dir, Mode::from_raw_mode(0o755))
}

/// Makes a new group threaded (v2), by its file `cgroup.type`. There is no way back but to remove it.
///
/// # Errors
///
/// EOPNOTSUPP: the group above is not the root of a threaded subtree, nor can become it.
pub fn make_threaded(cgroup_type: &CStr) -> Result<()> {
    set(cgroup_type, b"threaded")
}

/// Lets the child groups of a v2 group have controllers, by its file `cgroup.subtree_control`; `list` is such as
/// `+pids +memory`. May be repeated.
///
/// # Errors
///
/// ENOENT: the group does not have the controller itself. EBUSY: it has processes, and so has a child group
/// that is not threaded, or the controller is not a threaded one.
pub fn enable(subtree_control: &CStr, list: &CStr) -> Result<()> {
    set(subtree_control, list.to_bytes())
}

/// Moves the calling process into a v2 group of which it may be a member, by the group's file `cgroup.procs`.
///
/// # Errors
///
/// EACCES: the group above both the old and the new one is not the caller's. EBUSY: the group has children with
/// controllers.
pub fn enter(procs: &CStr) -> Result<()> {
    set(procs, b"0")
}

/// Opens the file `tasks` of a v1 group, to be written by who joins. The permission is checked now and not
/// then, so the joining process may be in a user namespace that could not open it.
///
/// # Errors
///
/// Those of open(2).
pub fn open_tasks(tasks: &CStr) -> Result<OwnedFd> {
    open(tasks, OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Joins the v1 group of `tasks`: moves the calling thread, and so the process while it has but one thread.
///
/// A thread that moves itself needs no lock against the forks of others. Moving another process waits for a
/// grace period of the kernel, some 10 ms on a machine that was idle.
///
/// # Errors
///
/// Those of write(2). ESRCH, ENOSPC: the group is of another controller as well, which refuses.
pub fn join(tasks: impl AsFd) -> Result<()> {
    write_whole(tasks, b"0")
}

/// Opens a v2 group for `CLONE_INTO_CGROUP`, clone3(2) (since Linux 5.7): the child starts as a member, and
/// nothing is moved.
///
/// # Errors
///
/// Those of open(2).
pub fn open_dir(dir: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    open(dir, flags, Mode::empty())
}

/// Writes a control file: opens it, writes `value` by one call, as the kernel reads each write by itself.
///
/// # Errors
///
/// Those of open(2), and what the kernel says of the value.
pub fn set(file: &CStr, value: &[u8]) -> Result<()> {
    let file = open(file, OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    write_whole(file, value)
}

pub(crate) fn write_whole(file: impl AsFd, value: &[u8]) -> Result<()> {
    if write(file, value)? == value.len() { Ok(()) } else { Err(Errno::IO) }
}
