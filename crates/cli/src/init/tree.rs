//! Writing into a tree that a container may have had in its hands.
//!
//! Whoever was root inside may have left `usr/bin -> /etc` behind, so the kernel resolves no path of the tree: each
//! component is opened below the one before, and a symbolic link is an error. openat2(2) with `RESOLVE_NO_SYMLINKS`
//! would say so in one call; kernels before 5.6 and the seccomp filters of older engines lack it.
//!
//! Each thing is made under a name of its own and then renamed: a program that runs is never cut short, an interrupted
//! `init` leaves nothing half written, and no existing file (which could be a hard link to another) is opened.

use super::manifest::Entry;
use rustix::fs::{AtFlags, Mode, OFlags, fchmod, mkdirat, openat, renameat, statat, symlinkat, unlinkat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

/// The name that everything has while it is made. One name: a repeated `init` clears away what an interrupted one left.
pub const UNFINISHED: &str = ".containerception-unfinished";

const DIRECTORY: OFlags =
    OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Writes one entry of the manifest below `root`; the directories above it are there.
///
/// # Errors
/// `ENOTDIR`, `EISDIR` or `ENOTEMPTY` where the tree has something of another kind, `InvalidInput` for a path with
/// `..`, and what reading the host's file or writing reports.
pub fn write(root: BorrowedFd<'_>, path: &Path, entry: &Entry) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let parent = open_parent(root, path)?;
    let parent = parent.as_fd();
    match entry {
        Entry::Directory { mode } => make_directory(parent, name, *mode),
        Entry::Symlink { target } => {
            replace(parent, name, |unfinished| Ok(symlinkat(target, parent, unfinished)?))
        }
        Entry::Copy { mode, .. } => make_file(parent, name, *mode, |to| copy(path, to)),
        Entry::Text { .. } if exists(parent, name)? => Ok(()),
        Entry::Text { content } => make_file(parent, name, 0o644, |to| to.write_all(content.as_bytes())),
    }
}

/// Makes a regular file that `fill` writes, in place of what has the name.
///
/// # Errors
/// As [`write()`], and those of `fill`.
pub fn make_file(
    parent: BorrowedFd<'_>,
    name: &OsStr,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    replace(parent, name, |unfinished| {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(parent, unfinished, flags, Mode::from_raw_mode(0o600))?);
        fill(&mut file)?;
        // After the content, and by a call of its own: umask(2) does not reach it, nor a default ACL (acl(5)).
        Ok(fchmod(&file, Mode::from_raw_mode(mode))?)
    })
}

fn open_parent(root: BorrowedFd<'_>, path: &Path) -> io::Result<OwnedFd> {
    let start = openat(root, ".", DIRECTORY, Mode::empty())?;
    path.parent().into_iter().flat_map(Path::components).try_fold(start, |at, component| match component {
        Component::RootDir | Component::CurDir => Ok(at),
        Component::Normal(name) => Ok(openat(&at, name, DIRECTORY, Mode::empty())?),
        Component::ParentDir | Component::Prefix(_) => Err(io::ErrorKind::InvalidInput.into()),
    })
}

/// Keeps a directory that is there, with its mode: it may be the user's wish.
fn make_directory(parent: BorrowedFd<'_>, name: &OsStr, mode: u32) -> io::Result<()> {
    match openat(parent, name, DIRECTORY, Mode::empty()) {
        Ok(_) => Ok(()),
        Err(Errno::NOENT) => replace(parent, name, |unfinished| {
            mkdirat(parent, unfinished, Mode::from_raw_mode(0o700))?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            Ok(fchmod(openat(parent, unfinished, flags, Mode::empty())?, Mode::from_raw_mode(mode))?)
        }),
        Err(errno) => Err(errno.into()),
    }
}

/// Makes something under the unfinished name, and renames it when it is whole.
fn replace(
    parent: BorrowedFd<'_>,
    name: &OsStr,
    make: impl FnOnce(&OsStr) -> io::Result<()>,
) -> io::Result<()> {
    let unfinished = OsStr::new(UNFINISHED);
    remove(parent, unfinished)?;
    make(unfinished).and_then(|()| Ok(renameat(parent, unfinished, parent, name)?)).inspect_err(|_| {
        // The first error is the one to tell; what cannot be removed now, the next `init` removes.
        let _ = remove(parent, unfinished);
    })
}

fn remove(parent: BorrowedFd<'_>, name: &OsStr) -> io::Result<()> {
    match unlinkat(parent, name, AtFlags::empty()) {
        Err(Errno::ISDIR) => Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?),
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Copies by `copy_file_range(2)`, which shares blocks on btrfs and xfs. Attributes do not come along: a file
/// capability (capabilities(7)) is a set-user-ID bit by another name.
fn copy(from: &Path, to: &mut File) -> io::Result<()> {
    io::copy(&mut File::open(from)?, to).map(drop)
}

fn exists(parent: BorrowedFd<'_>, name: &OsStr) -> io::Result<bool> {
    match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}
