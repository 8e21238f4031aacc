//! Makes directories, links and small files.

use plan::etc::MOST;
use plan::file::{COPY, Entry, Op};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat, sendfile, symlinkat};
use rustix::process::umask;
use std::ffi::CStr;
use sys::identity::set_file_ids;
use sys::{Errno, Result};

pub(crate) fn perform(op: &Op) -> Result<()> {
    let Op::Make { entries, owner, .. } = op;
    // Modes are meant as they are written, whatever the caller's mask.
    umask(Mode::empty());
    if let Some((uid, gid)) = owner {
        set_file_ids(*uid, *gid)?;
    }
    let made = entries.iter().try_for_each(make);
    if owner.is_some() {
        // Only root makes files as somebody else.
        set_file_ids(0, 0)?;
    }
    made
}

fn make(entry: &Entry) -> Result<()> {
    match entry {
        Entry::Directory(path, mode) => mkdirat(CWD, path, Mode::from_raw_mode(*mode)),
        Entry::Link(path, target) => symlinkat(target, CWD, path),
        Entry::File(path, mode, content) => write(&create(path, *mode)?, content),
        Entry::Copy(path, source) => match open_source(source)? {
            Some(source) => copy(&source, &create(path, COPY)?),
            None => Ok(()),
        },
    }
}

fn create(path: &CStr, mode: u32) -> Result<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    openat(CWD, path, flags, Mode::from_raw_mode(mode))
}

fn write(file: &OwnedFd, content: &[u8]) -> Result<()> {
    let mut rest = content;
    while !rest.is_empty() {
        match rustix::io::write(file, rest)? {
            0 => return Err(Errno::NOSPC),
            written => rest = &rest[written..],
        }
    }
    Ok(())
}

/// Opens a file of the host with the rights of root inside. One that has gone since it was found, or that not everyone
/// can read, is left out.
fn open_source(path: &CStr) -> Result<Option<OwnedFd>> {
    // Non-blocking: nothing that could hang is to be opened.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    match openat(CWD, path, flags, Mode::empty()) {
        Err(Errno::NOENT | Errno::ACCESS) => Ok(None),
        opened => opened.map(Some),
    }
}

/// At most [`MOST`] bytes, should the file have grown.
fn copy(from: &OwnedFd, to: &OwnedFd) -> Result<()> {
    let mut rest = MOST as usize;
    while rest > 0 {
        match sendfile(to, from, None, rest)? {
            0 => break,
            sent => rest -= sent,
        }
    }
    Ok(())
}
