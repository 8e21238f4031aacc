//! The host's `/proc`, opened once, before any code that is not ours runs, and verified to be one (R2): a file system
//! of another kind mounted there could catch what is written to it (CVE-2019-16884, CVE-2025-52881).

use rustix::fd::{AsRawFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags, fstatfs, openat, openat2, readlinkat};
use rustix::process::getpid;
use std::ffi::CStr;
use std::fmt::Display;
use std::fs::File;
use std::io::{Read, Write};
use sys::{Errno, Result};

/// An open, verified `/proc`.
#[derive(Debug)]
pub(crate) struct ProcFs {
    directory: OwnedFd,
    /// Whether it is that of a PID namespace around the caller's, and so calls processes by other numbers.
    foreign: bool,
}

impl ProcFs {
    /// Opens it.
    ///
    /// # Errors
    /// ENODEV if what is there is no proc file system.
    pub fn open() -> Result<Self> {
        let ProcFs { directory, .. } = Self::open_at(c"/proc")?;
        let own = getpid().as_raw_nonzero().get();
        let seen = readlinkat(&directory, c"self", Vec::new()).ok();
        let foreign = seen.and_then(|seen| seen.to_str().ok()?.parse().ok()) != Some(own);
        Ok(ProcFs { directory, foreign })
    }

    /// Opens the one at `path`, for what is not called by a number. Nothing is allocated.
    ///
    /// # Errors
    /// As [`ProcFs::open`].
    pub fn open_at(path: &CStr) -> Result<Self> {
        let fd = openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        verify(&fd)?;
        Ok(ProcFs { directory: fd, foreign: false })
    }

    /// The number by which the process `pid` of `pidfd` is called here.
    ///
    /// # Errors
    /// ESRCH: it has ended, or cannot be seen here.
    pub fn number(&self, pid: i32, pidfd: BorrowedFd<'_>) -> Result<i32> {
        if !self.foreign {
            return Ok(pid);
        }
        // The numbers there are those of the PID namespace of this /proc (pidfd_open(2)).
        let (path, length) = path("self", format_args!("fdinfo/{}", pidfd.as_raw_fd()))?;
        let path = CStr::from_bytes_until_nul(&path[..=length]).map_err(|_| Errno::INVAL)?;
        let mut text = String::new();
        let mut info =
            File::from(openat(&self.directory, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?);
        info.read_to_string(&mut text).map_err(|_| Errno::IO)?;
        let number = text.lines().find_map(|line| line.strip_prefix("Pid:")?.trim().parse().ok());
        number.filter(|number| *number > 0).ok_or(Errno::SRCH)
    }

    /// Writes to a file of a process, in one write, as the kernel wants it for id maps.
    pub fn write(&self, pid: i32, file: &str, text: &str) -> Result<()> {
        let (path, length) = path(pid, file)?;
        let path = CStr::from_bytes_until_nul(&path[..=length]).map_err(|_| Errno::INVAL)?;
        write(&self.directory, path, text.as_bytes())
    }

    /// Opens a namespace of a process, or of the caller (`self`). It is a magic link, so its last part is followed.
    pub fn namespace(&self, path: &CStr) -> Result<OwnedFd> {
        openat(&self.directory, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
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
pub(crate) fn path(process: impl Display, file: impl Display) -> Result<([u8; 64], usize)> {
    let mut path = [0; 64];
    let mut rest = &mut path[..63];
    write!(rest, "{process}/{file}").map_err(|_| Errno::NAMETOOLONG)?;
    let length = 63 - rest.len();
    Ok((path, length))
}
