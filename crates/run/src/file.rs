//! Makes directories, links and small files.

use plan::file::{Entry, Op};
use rustix::fd::AsFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, chownat, mkdirat, openat, symlinkat};
use rustix::process::{Gid, Uid, umask};
use std::ffi::CStr;
use sys::{Errno, Result};

pub(crate) fn perform(op: &Op) -> Result<()> {
    let Op::Make { entries, owner, .. } = op;
    // Modes are meant as they are written, whatever the caller's mask.
    umask(Mode::empty());
    for entry in entries {
        let path = match entry {
            Entry::Directory(path, mode) => {
                mkdirat(CWD, path, Mode::from_raw_mode(*mode))?;
                path
            }
            Entry::Link(path, target) => {
                symlinkat(target, CWD, path)?;
                path
            }
            Entry::File(path, mode, content) => {
                write(path, *mode, content)?;
                path
            }
        };
        if let Some((uid, gid)) = owner {
            let (uid, gid) = (Uid::from_raw(*uid), Gid::from_raw(*gid));
            chownat(CWD, path, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
        }
    }
    Ok(())
}

fn write(path: &CStr, mode: u32, content: &[u8]) -> Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = openat(CWD, path, flags, Mode::from_raw_mode(mode))?;
    let mut rest = content;
    while !rest.is_empty() {
        match rustix::io::write(file.as_fd(), rest)? {
            0 => return Err(Errno::NOSPC),
            written => rest = &rest[written..],
        }
    }
    Ok(())
}
