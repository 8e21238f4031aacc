//! Empties a directory by descriptors, never following a link and never leaving its file system.

use super::is_directory;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, Dir, Mode, OFlags, ResolveFlags, chmodat, fchmod, openat2, renameat, unlinkat};
use std::ffi::{CStr, CString};
use sys::{Errno, Result};

/// How deep the removal goes by recursion. A container can make a tree deeper than any stack or table of descriptors;
/// what is deeper is moved up to the top and removed from there.
const DEPTH: usize = 64;
/// The prefix of the name under which it waits there.
const MOVED: &str = ".containerception-moved-";

/// Removes all that is in `root`.
///
/// # Errors
/// EXDEV where another file system is mounted; else what the kernel says. The first error ends it.
pub(super) fn clear(root: &OwnedFd) -> Result<()> {
    let mut moved = 0;
    while !is_empty(root)? {
        clear_below(root, root, 0, &mut moved)?;
    }
    Ok(())
}

fn clear_below(root: &OwnedFd, directory: &OwnedFd, depth: usize, moved: &mut usize) -> Result<()> {
    for name in names(directory)? {
        match remove_entry(root, directory, &name, depth, moved) {
            // Somebody else may be at it: each start removes what is left of former boots.
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn remove_entry(
    root: &OwnedFd,
    directory: &OwnedFd,
    name: &CStr,
    depth: usize,
    moved: &mut usize,
) -> Result<()> {
    match unlinkat(directory, name, AtFlags::empty()) {
        // unlink(2) of a directory: EISDIR on Linux, EPERM in POSIX.
        Err(Errno::ISDIR | Errno::PERM) if is_directory(directory, name)? => {
            remove_directory(root, directory, name, depth, moved)
        }
        outcome => outcome,
    }
}

fn remove_directory(
    root: &OwnedFd,
    parent: &OwnedFd,
    name: &CStr,
    depth: usize,
    moved: &mut usize,
) -> Result<()> {
    if depth == DEPTH {
        *moved += 1;
        return renameat(parent, name, root, format!("{MOVED}{moved}"));
    }
    let directory = open(parent, name)?;
    // A directory may be readable and yet refuse changes, to its owner as well.
    let _ = fchmod(&directory, Mode::RWXU);
    clear_below(root, &directory, depth + 1, moved)?;
    unlinkat(parent, name, AtFlags::REMOVEDIR)
}

/// Opens a directory; one that its owner may not read or search is opened up first.
fn open(parent: &OwnedFd, name: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_XDEV | ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    let open = || openat2(parent, name, flags, Mode::empty(), resolve);
    match open() {
        Err(Errno::ACCESS) => {
            // It is a directory, not a link: the caller has looked. If it was swapped since, the mode of a file of the
            // caller's own changes, and the open fails.
            chmodat(parent, name, Mode::RWXU, AtFlags::empty())?;
            open()
        }
        other => other,
    }
}

fn names(directory: &OwnedFd) -> Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_owned();
        if !matches!(name.as_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    Ok(names)
}

fn is_empty(directory: &OwnedFd) -> Result<bool> {
    Ok(names(directory)?.is_empty())
}
