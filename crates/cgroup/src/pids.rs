//! The pids controller: how many processes and threads a group and those below it may have.

use std::ffi::CStr;

use rustix::io::Result;
use rustix::path::DecInt;

use crate::group::set;

/// Lets the child groups of a v2 group have the controller, by the file `cgroup.subtree_control`. May be
/// repeated.
///
/// # Errors
///
/// ENOENT: the group does not have the controller itself. EBUSY: it has processes, and so has a child group
/// that is not threaded.
pub fn enable(subtree_control: &CStr) -> Result<()> {
    set(subtree_control, b"+pids")
}

/// Sets the limit of a group, by its file `pids.max`. At the limit fork(2) fails with EAGAIN, and so does
/// clone3(2) into the group; a process that is moved there counts, but is not refused.
///
/// # Errors
///
/// EINVAL: more than the kernel's own maximum of pids, 4,194,304.
pub fn set_max(pids_max: &CStr, processes: u32) -> Result<()> {
    set(pids_max, DecInt::new(processes).as_bytes())
}
