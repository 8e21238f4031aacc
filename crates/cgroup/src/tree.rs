//! All groups below one.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::FileType;
use rustix::io::{Errno, Result};

use crate::file::{names, open_child};

/// Visits `top` and all groups below it on the way down, and leaves each but `top` on the way up: `leave` is told
/// the group above it and its name. A group that goes away before its turn is passed over.
///
/// By fd, so no symbolic link is followed, and with one fd however deep a container has nested its groups. The
/// way up by `..` is sure: a group is never moved to another parent.
///
/// # Errors
///
/// The first one of `visit`, or that a directory cannot be opened or read.
pub(crate) fn walk(
    top: OwnedFd,
    mut visit: impl FnMut(BorrowedFd<'_>) -> Result<()>,
    mut leave: impl FnMut(BorrowedFd<'_>, &CStr),
) -> Result<()> {
    visit(top.as_fd())?;
    let mut here = top;
    let mut to_visit = vec![children(here.as_fd())?];
    let mut entered: Vec<CString> = Vec::new();
    while let Some(level) = to_visit.last_mut() {
        if let Some(name) = level.pop() {
            here = match open_child(here.as_fd(), &name) {
                Err(Errno::NOENT) => continue,
                child => child?,
            };
            visit(here.as_fd())?;
            to_visit.push(children(here.as_fd())?);
            entered.push(name);
        } else if let Some(name) = entered.pop() {
            here = open_child(here.as_fd(), c"..")?;
            to_visit.pop();
            leave(here.as_fd(), &name);
        } else {
            break;
        }
    }
    Ok(())
}

/// The names of the groups just below `group`: in a control group file system all directories are groups. One
/// that has been removed has none.
fn children(group: BorrowedFd<'_>) -> Result<Vec<CString>> {
    match names(group, FileType::Directory) {
        Err(Errno::NOENT) => Ok(Vec::new()),
        names => names,
    }
}
