//! Removing a group that we made, with all that a container has made below it.

use std::ffi::{CStr, CString};
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, rmdir, unlinkat};
use rustix::io::{self, Errno};
use rustix::process::Pid;

use crate::members;

/// A killed process stays a member until it has left the kernel: a millisecond, longer if it has much memory
/// to give back. In milliseconds; about a second in all.
const PAUSES: [u64; 11] = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// Why a group is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// EBUSY: it still has members, or groups below it have. EDEADLK: the caller is one of them, and nobody
    /// was killed in that group. Else what open(2), read(2) or rmdir(2) said.
    pub errno: Errno,
    /// Who was last seen in it or below it.
    pub members: Vec<Pid>,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; members:", self.errno)?;
        if self.members.is_empty() {
            return f.write_str(" none seen");
        }
        self.members.iter().try_for_each(|pid| write!(f, " {pid}"))
    }
}

impl std::error::Error for Busy {}

/// Removes the group `dir`, one that we made: an empty one at once; else its members are killed, groups below
/// it are removed, and it is tried again for about a second. A group that is not there is success.
///
/// # Errors
///
/// [`Busy`], with what is left in it. It may be called again.
pub fn remove(dir: &CStr) -> Result<(), Busy> {
    let mut busy = Busy { errno: Errno::BUSY, members: Vec::new() };
    for pause in PAUSES {
        sleep(Duration::from_millis(pause));
        match try_remove(dir, &mut busy.members) {
            Ok(()) => return Ok(()),
            // Some process has not left yet; or a group below went away under our feet (ENODEV: its files).
            Err(Errno::BUSY | Errno::NOENT | Errno::NODEV) => {}
            Err(errno) => return Err(Busy { errno, ..busy }),
        }
    }
    Err(busy)
}

fn try_remove(dir: &CStr, seen: &mut Vec<Pid>) -> io::Result<()> {
    match rmdir(dir) {
        Err(Errno::BUSY) => {}
        Err(Errno::NOENT) => return Ok(()),
        done => return done,
    }
    *seen = sweep(open_group(CWD, dir)?)?;
    rmdir(dir)
}

/// Goes once through all groups below `top`: kills on the way down, removes on the way up. Returns whom it met.
///
/// By fd, so no symbolic link is followed, and with one fd however deep a container has nested its groups. The
/// way up by `..` is sure: a group is never moved to another parent.
fn sweep(top: OwnedFd) -> io::Result<Vec<Pid>> {
    let mut seen = members::kill(top.as_fd())?;
    let mut here = top;
    let mut to_visit = vec![children(here.as_fd())?];
    let mut entered: Vec<CString> = Vec::new();
    while let Some(level) = to_visit.last_mut() {
        if let Some(name) = level.pop() {
            here = open_group(here.as_fd(), &name)?;
            seen.extend(members::kill(here.as_fd())?);
            to_visit.push(children(here.as_fd())?);
            entered.push(name);
        } else if let Some(name) = entered.pop() {
            here = open_group(here.as_fd(), c"..")?;
            to_visit.pop();
            // Still busy: the group above it will be too, and the next round comes here again.
            let _still_busy = unlinkat(&here, &name, AtFlags::REMOVEDIR);
        } else {
            break;
        }
    }
    Ok(seen)
}

/// The names of the groups just below `group`: in a control group file system all directories are groups.
fn children(group: BorrowedFd<'_>) -> io::Result<Vec<CString>> {
    let name = |entry: rustix::fs::DirEntry| {
        let is_group =
            entry.file_type() == FileType::Directory && !matches!(entry.file_name().to_bytes(), b"." | b"..");
        is_group.then(|| entry.file_name().to_owned())
    };
    Dir::read_from(group)?.filter_map(|entry| entry.map(name).transpose()).collect()
}

fn open_group(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}
