//! Groups above those of containers: who has made one may end while others are in it. Then it is left to the last of them, by a
//! link that is no container's.
//!
//! ```text
//! containers/:parent      a symbolic link to such a group
//! containers/:parent.1    the next, and so on without gaps
//! ```

use super::{Left, left, links, removed, write_down};
use plan::Residue;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat, rename, rmdir};
use std::ffi::{CStr, CString};
use sys::{Errno, Result};

/// Removes the group `path`, if nobody is in it any more; else the last that ends will.
pub(super) fn leave(journal: &CStr, path: &CStr) -> std::result::Result<(), Left> {
    if !matches!(rmdir(path), Err(Errno::BUSY | Errno::NOTEMPTY)) {
        // It has gone, or belongs to somebody else by now.
        return Ok(());
    }
    let directory = directory(journal);
    let written =
        alone(&directory).and_then(|_lock| write_down(&directory, &Residue::Parent(path.to_owned())));
    written.map(drop).map_err(|errno| left(path, &errno.to_string()))
}

/// Removes those that were left: each time those in which none is any more.
pub(super) fn tidy(journal: &CStr) -> std::result::Result<(), Left> {
    let directory = directory(journal);
    if links(&directory, "parent").is_empty() {
        return Ok(());
    }
    let _lock = alone(&directory).map_err(|errno| left(&directory, &errno.to_string()))?;
    while remove_empty(&directory)? {}
    Ok(())
}

/// Whether there were any. The last link takes the place of each that goes, so that there is no gap at any moment.
fn remove_empty(directory: &CStr) -> std::result::Result<bool, Left> {
    let mut links = links(directory, "parent");
    let before = links.len();
    for at in (0..before).rev() {
        if let Some((_, path)) = links.get(at)
            && !matches!(rmdir(path), Err(Errno::BUSY | Errno::NOTEMPTY))
        {
            remove(&mut links, at)?;
        }
    }
    Ok(links.len() < before)
}

fn remove(links: &mut Vec<(CString, CString)>, at: usize) -> std::result::Result<(), Left> {
    let Some((last, path)) = links.pop() else { return Ok(()) };
    match links.get_mut(at) {
        None => removed(&last),
        Some((link, old)) => {
            *old = path;
            rename(&last, &*link).map_err(|errno| left(link, &errno.to_string()))
        }
    }
}

/// The place beside all journals, as if it were that of a container without a name.
fn directory(journal: &CStr) -> CString {
    let bytes = journal.to_bytes();
    let end = bytes.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    CString::new(bytes.get(..end).unwrap_or_default()).unwrap_or_default()
}

/// Only one changes these links at a time.
fn alone(directory: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let lock = openat(CWD, directory, flags, Mode::empty())?;
    flock(&lock, FlockOperation::LockExclusive)?;
    Ok(lock)
}
