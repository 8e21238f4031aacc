//! Paths inside a root filesystem, walked by descriptors (R1): `openat2(2)` does not leave the directory that it starts
//! in, and what it returns is mounted on, not the path.

use plan::facts::Inode;
use plan::mount::{Node, Place};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstat, mkdirat, openat, openat2};
use std::ffi::CStr;
use sys::{Errno, Result};

/// The longest path, with its NUL: PATH_MAX.
const MOST: usize = 4096;

/// Opens the mount point at `place`; one below the current directory is made if it is missing.
///
/// # Errors
/// EXDEV if a link leads out of the directory; ELOOP for a link where none may be; ENOENT for a dangling one.
pub(crate) fn mount_point(place: &Place, node: Node) -> Result<OwnedFd> {
    match place {
        Place::Host(path) => openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()),
        Place::Inside(path) | Place::Layer(path) => {
            open_or_make(path, node, ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
        }
        Place::Asked(path) => open_or_make(path, node, ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS),
    }
}

/// Opens a path below the current directory, which is not left and in which no link is followed.
pub(crate) fn below(path: &CStr) -> Result<OwnedFd> {
    open(CWD, path, ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
}

fn open_or_make(path: &CStr, node: Node, resolve: ResolveFlags) -> Result<OwnedFd> {
    match open(CWD, path, resolve) {
        Err(Errno::NOENT) => make(path, node, resolve),
        other => other,
    }
}

fn open(directory: impl AsFd, path: &CStr, resolve: ResolveFlags) -> Result<OwnedFd> {
    // An open that races with a rename elsewhere on the system gives EAGAIN and is to be repeated (openat2(2)).
    loop {
        match openat2(&directory, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Err(Errno::AGAIN) => {}
            other => return other,
        }
    }
}

/// Makes the missing parts of `path`, one after the other, each in the directory that was just opened.
fn make(path: &CStr, node: Node, resolve: ResolveFlags) -> Result<OwnedFd> {
    let bytes = path.to_bytes();
    let mut parent: Option<OwnedFd> = None;
    let mut from = 0;
    loop {
        let end = bytes[from..].iter().position(|b| *b == b'/').map_or(bytes.len(), |at| from + at);
        let mut buffer = [0; MOST];
        let prefix = terminated(&mut buffer, &bytes[..end])?;
        let opened = match open(CWD, prefix, resolve) {
            Err(Errno::NOENT) => {
                let mut buffer = [0; MOST];
                let name = terminated(&mut buffer, &bytes[from..end])?;
                let kind = if end == bytes.len() { node } else { Node::Directory };
                make_one(parent.as_ref().map_or(CWD, AsFd::as_fd), name, kind)?
            }
            other => other?,
        };
        if end == bytes.len() {
            return Ok(opened);
        }
        parent = Some(opened);
        from = end + 1;
    }
}

fn make_one(parent: impl AsFd, name: &CStr, node: Node) -> Result<OwnedFd> {
    let made = match node {
        Node::Directory => mkdirat(&parent, name, Mode::from_raw_mode(0o755)),
        Node::File => {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            openat(&parent, name, flags, Mode::from_raw_mode(0o644)).map(drop)
        }
    };
    match made {
        // Something is there that cannot be followed: a link to nowhere. Or another container made it just now.
        Ok(()) | Err(Errno::EXIST) => open(parent, name, ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS),
        Err(errno) => Err(errno),
    }
}

/// Which file an open descriptor is of.
pub(crate) fn inode(fd: impl AsFd) -> Result<Inode> {
    fstat(fd).map(|stat| Inode { device: stat.st_dev, number: stat.st_ino })
}

fn terminated<'a>(buffer: &'a mut [u8; MOST], bytes: &[u8]) -> Result<&'a CStr> {
    if bytes.len() >= MOST {
        return Err(Errno::NAMETOOLONG);
    }
    buffer[..bytes.len()].copy_from_slice(bytes);
    CStr::from_bytes_until_nul(&buffer[..=bytes.len()]).map_err(|_| Errno::INVAL)
}
