//! Performs steps on the quota of what a container writes to disk, and takes it back.
//!
//! The directory itself says what it is bounded by: its project is one of ours. So whoever removes it (the journal's link
//! says where it is; those of former boots are found) takes the limit back first, and a run that was killed at any moment
//! leaves nothing that the next would not find.

use crate::context::Context;
use crate::probe::is_first_of_range;
use plan::quota::{Op, Quota};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use spec::catalogue::LIMIT_NOT_HELD;
use spec::error::{Error, reason};
use std::ffi::CStr;
use sys::quota::{Attributes, Quota as Limits, fsgetxattr, fssetxattr, getqstatv, getquota, setquota};
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::Hold(quota) => hold(&open(&quota.directory)?, quota),
        Op::Prove(quota) => match not_held(&open(&quota.directory)?, quota) {
            None => Ok(()),
            Some(why) => {
                ctx.error = Some(error(&why));
                Err(Errno::RANGE)
            }
        },
    }
}

/// # Errors
/// EAGAIN if somebody else has the project: the range of ids that it is the first of is the state directory's alone, and
/// a file system can be shared by more than one.
fn hold(directory: &OwnedFd, quota: &Quota) -> Result<()> {
    if is_used(directory.as_fd(), quota.project) {
        return Err(Errno::AGAIN);
    }
    let attributes = fsgetxattr(directory.as_fd())?;
    fssetxattr(directory.as_fd(), &attributes.of_project(quota.project))?;
    setquota(directory.as_fd(), quota.project, Limits::at(quota.bytes >> 10, quota.files))
}

/// Whether a project has files or a limit on the file system of `file`.
pub(crate) fn is_used(file: BorrowedFd<'_>, project: u32) -> bool {
    getquota(file, project).is_ok_and(|quota| {
        [quota.kibibytes, quota.files, quota.used_bytes, quota.used_files].iter().any(|number| *number != 0)
    })
}

/// What keeps the directory from being held at its limits, if something does.
fn not_held(directory: &OwnedFd, quota: &Quota) -> Option<String> {
    let refused = |errno: Errno| format!("it cannot be read back: {}", reason(&errno));
    let read = || {
        let directory = directory.as_fd();
        Ok((fsgetxattr(directory)?, getqstatv(directory)?, getquota(directory, quota.project)?))
    };
    let (attributes, (_, enforced), found) = match read() {
        Ok(read) => read,
        Err(errno) => return Some(refused(errno)),
    };
    let own = attributes.project == quota.project && attributes.inherits();
    let (kibibytes, files) = (found.kibibytes, found.files);
    if !own {
        Some(format!("what is made in it is of project {}", attributes.project))
    } else if !enforced {
        Some("its file system holds no project to a limit".to_owned())
    } else if (kibibytes << 10, files) != (quota.bytes, quota.files) {
        Some(format!(
            "it was given {} bytes and {} files, and shows {kibibytes} KiB and {files}",
            quota.bytes, quota.files
        ))
    } else if found.used_files != 1 {
        Some(format!("project {} has {} files already", quota.project, found.used_files))
    } else {
        None
    }
}

fn error(why: &str) -> Error {
    Error::new(LIMIT_NOT_HELD, "--storage-opt size= is not held as it was asked for")
        .why(why)
        .fix("run it again; if that does not help, leave out medium=disk: what lies in memory is bounded")
}

/// Takes back the limit of a directory, if it is one of ours.
///
/// # Errors
/// Those of quotactl(2). Where quotas are off by now, or are not the caller's to set, there is nothing to take back.
pub(crate) fn release(directory: &OwnedFd) -> Result<()> {
    let ours = |attributes: &Attributes| attributes.inherits() && is_first_of_range(attributes.project);
    let Some(attributes) = fsgetxattr(directory.as_fd()).ok().filter(ours) else { return Ok(()) };
    match setquota(directory.as_fd(), attributes.project, Limits::at(0, 0)) {
        Err(Errno::SRCH | Errno::NOSYS | Errno::PERM | Errno::ACCESS) => Ok(()),
        released => released,
    }
}

fn open(directory: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(CWD, directory, flags, Mode::empty())
}
