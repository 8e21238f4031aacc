//! The host's `/proc`, opened once, before any code that is not ours runs, and verified to be one (R2): a file system
//! of another kind mounted there could catch what is written to it (CVE-2019-16884, CVE-2025-52881).

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags, fstatfs, openat, openat2};
use std::ffi::CStr;
use std::fmt::Display;
use std::io::Write;
use sys::{Errno, Result};

/// An open, verified `/proc`.
#[derive(Debug)]
pub(crate) struct ProcFs(OwnedFd);

impl ProcFs {
    /// Opens it.
    ///
    /// # Errors
    /// ENODEV if what is there is no proc file system.
    pub fn open() -> Result<Self> {
        Self::open_at(c"/proc")
    }

    /// Opens the one at `path`.
    ///
    /// # Errors
    /// As [`ProcFs::open`].
    pub fn open_at(path: &CStr) -> Result<Self> {
        let fd = openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        verify(&fd)?;
        Ok(ProcFs(fd))
    }

    /// Writes to a file of a process, in one write, as the kernel wants it for id maps.
    pub fn write(&self, pid: i32, file: &str, text: &str) -> Result<()> {
        let (path, length) = path(pid, file)?;
        let path = CStr::from_bytes_until_nul(&path[..=length]).map_err(|_| Errno::INVAL)?;
        write(&self.0, path, text.as_bytes())
    }

    /// Opens a namespace of a process, or of the caller (`self`). It is a magic link, so its last part is followed.
    pub fn namespace(&self, path: &CStr) -> Result<OwnedFd> {
        openat(&self.0, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
    }
}

/// Fails unless `fd` is on a proc file system.
pub(crate) fn verify(fd: &OwnedFd) -> Result<()> {
    if fstatfs(fd)?.f_type as u64 == PROC_SUPER_MAGIC as u64 { Ok(()) } else { Err(Errno::NODEV) }
}

/// Writes `text` to `path` below `proc`, over which nothing may be mounted and in which nothing is a link.
pub(crate) fn write(proc: &OwnedFd, path: &CStr, text: &[u8]) -> Result<()> {
    let resolve = ResolveFlags::NO_XDEV | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let fd = openat2(proc, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty(), resolve)?;
    let written = rustix::io::write(&fd, text)?;
    if written == text.len() { Ok(()) } else { Err(Errno::IO) }
}

/// A path made in `buffer`, without allocating.
pub(crate) fn path_in(buffer: &mut [u8; 64], text: impl Display) -> Result<&CStr> {
    let mut rest = &mut buffer[..63];
    write!(rest, "{text}").map_err(|_| Errno::NAMETOOLONG)?;
    CStr::from_bytes_until_nul(buffer).map_err(|_| Errno::INVAL)
}

/// `PID/FILE`, NUL-terminated, without allocating.
pub(crate) fn path(pid: i32, file: impl Display) -> Result<([u8; 64], usize)> {
    let mut path = [0; 64];
    let mut rest = &mut path[..63];
    write!(rest, "{pid}/{file}").map_err(|_| Errno::NAMETOOLONG)?;
    let length = 63 - rest.len();
    Ok((path, length))
}
