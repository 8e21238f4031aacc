//! What the caller may do with a group, asked before it is tried.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat, statfs};

use spec::error::reason;

use crate::{Layout, Place};

/// `CGROUP_SUPER_MAGIC` and `CGROUP2_SUPER_MAGIC`, statfs(2).
const MAGIC: [u64; 2] = [0x0027_e0eb, 0x6367_7270];

/// The directory is one of a control group file system, as something else may be mounted over it, and the
/// effective ids may make directories there.
pub(crate) fn may_make_below(group: &Path) -> Result<(), String> {
    // Of a group that is to be made, the one above counts.
    let there = group.ancestors().find(|group| group.exists()).unwrap_or(group);
    let is_cgroup = statfs(there).map(|fs| MAGIC.contains(&(fs.f_type as u64)));
    match is_cgroup {
        Ok(true) => access(there, Access::WRITE_OK | Access::EXEC_OK),
        Ok(false) => Err(format!("{} is not a control group", there.display())),
        Err(errno) => Err(format!("{}: {}", there.display(), reason(&errno))),
    }
}

pub(crate) fn may_write(file: &Path) -> Result<(), String> {
    access(file, Access::WRITE_OK)
}

/// Whether the caller can put processes of its own group of v2 into the group `directory`: it must be allowed to write to
/// `cgroup.procs` of that, and of the group above both (cgroup-v2.rst, "Delegation Containment").
pub fn may_enter(directory: &CStr) -> bool {
    let target = Path::new(OsStr::from_bytes(directory.to_bytes()));
    let Ok(Place { own, .. }) = Layout::detect().v2 else { return false };
    let above = target.ancestors().find(|above| own.starts_with(above));
    [Some(target), above]
        .iter()
        .all(|group| group.is_some_and(|group| may_write(&group.join("cgroup.procs")).is_ok()))
}

/// Asks for the effective ids, as the calls that follow are made with those. A read-only mount is EROFS.
fn access(path: &Path, access: Access) -> Result<(), String> {
    accessat(CWD, path, access, AtFlags::EACCESS)
        .map_err(|errno| format!("{} is not writable: {}", path.display(), reason(&errno)))
}
