//! How `init` knows a tree of its own.

use super::tree::{UNFINISHED, make_file};
use rustix::fs::{AtFlags, Dir, FileType, statat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;

/// The file that says so. Written before anything else, so that an `init` that was interrupted can be repeated.
pub const MARKER: &str = ".containerception-rootfs";

const TEXT: &str = "\
containerception init made this root filesystem.
While this file is here, it may be made anew: init replaces its own files and keeps the others.
";

/// Writes the marker.
///
/// # Errors
/// As [`make_file`].
pub fn mark(root: BorrowedFd<'_>) -> io::Result<()> {
    make_file(root, OsStr::new(MARKER), 0o644, |file| file.write_all(TEXT.as_bytes()))
}

/// Whether the directory has the marker. A link of its name is none.
///
/// # Errors
/// What `fstatat(2)` reports.
pub fn is_marked(root: BorrowedFd<'_>) -> io::Result<bool> {
    match statat(root, MARKER, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Whether the directory is empty, but for what an `init` that was interrupted at its first file leaves.
///
/// # Errors
/// What `getdents(2)` reports.
pub fn is_empty(root: BorrowedFd<'_>) -> io::Result<bool> {
    for entry in Dir::read_from(root)? {
        let entry = entry?;
        if ![".", "..", UNFINISHED].map(str::as_bytes).contains(&entry.file_name().to_bytes()) {
            return Ok(false);
        }
    }
    Ok(true)
}
