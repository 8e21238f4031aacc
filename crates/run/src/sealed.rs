//! An exec runs from a sealed copy of the host's program, in memory, where the container could write to the program itself.
//!
//! Between the check of a path (`origin`) and `execve(2)` a hostile container can put a link to `/proc/self/exe` in its
//! place; and whoever has CAP_SYS_ADMIN in it names the interpreter of a file without any path: a user namespace has
//! a `binfmt_misc` of its own (Linux 6.7). Either way the program of the joining process becomes the command, and root
//! inside can open it through `/proc/PID/exe` (CVE-2019-5736). Where the file's owner is nobody inside, that is all it can:
//! no capability reaches an inode whose ids are not mapped (`capabilities(7)`). Else what it finds there is a copy, which
//! nobody can write to (`memfd_create(2)`, F_SEAL_WRITE) and nobody runs again. A copy costs some milliseconds.

use crate::diagnose::general;
use crate::rule;
use plan::Container;
use plan::identity::Extent;
use rustix::fd::OwnedFd;
use rustix::fs::{
    CWD, MemfdFlags, Mode, OFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, memfd_create, openat,
    sendfile,
};
use spec::catalogue::INTERNAL;
use spec::error::{Error, Result};
use std::ffi::{CStr, CString, OsString};
use std::os::unix::ffi::OsStringExt;
use sys::Errno;
use sys::exec::{CStringArray, execveat};

/// What `ps` and `top` call it.
const NAME: &CStr = c"containerception";
/// Neither its bytes nor its size change, nor do the seals.
const SEALS: SealFlags =
    SealFlags::WRITE.union(SealFlags::SHRINK).union(SealFlags::GROW).union(SealFlags::SEAL);
/// The most that one call copies; the kernel's own bound is 2 GiB.
const MOST: usize = 1 << 30;

/// Begins again from a sealed copy, if `container` could write to the program of this process.
///
/// # Errors
/// The copy cannot be made or executed.
pub fn begin_again(container: &Container) -> Result<()> {
    if !rule::holds("sealed") {
        return Ok(());
    }
    run_copy(container).map_err(|errno| {
        general(errno.raw_os_error()).unwrap_or_else(|| {
            Error::new(INTERNAL, format!("cannot run from a sealed copy of containerception: {errno}"))
                .why("memory is short, or this host executes no memory (sysctl vm.memfd_noexec)")
        })
    })
}

fn run_copy(container: &Container) -> sys::Result<()> {
    let own = openat(CWD, c"/proc/self/exe", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    if fcntl_get_seals(&own).is_ok_and(|seals| seals.contains(SEALS)) {
        // The kernel has named it after the descriptor that was executed.
        return rustix::thread::set_name(NAME);
    }
    if !can_write(container, &own)? {
        return Ok(());
    }
    let copy = make()?;
    while sendfile(&copy, &own, None, MOST)? > 0 {}
    fcntl_add_seals(&copy, SEALS)?;
    let word = |word: OsString| CString::new(word.into_vec()).map_err(|_| Errno::INVAL);
    let arguments = std::env::args_os().map(word).collect::<sys::Result<_>>()?;
    let entry = |(name, value): (OsString, OsString)| word([name, value].join(std::ffi::OsStr::new("=")));
    let environment = std::env::vars_os().map(entry).collect::<sys::Result<_>>()?;
    Err(execveat(&copy, &CStringArray::new(arguments), &CStringArray::new(environment)))
}

/// Whether somebody inside is the file's owner, or others than its owner may write. An access control list that lets
/// them shows in the bits of the group (`acl(5)`).
fn can_write(container: &Container, file: &OwnedFd) -> sys::Result<bool> {
    let stat = fstat(file)?;
    let inside =
        |extent: &Extent| stat.st_uid.checked_sub(extent.outside).is_some_and(|id| id < extent.count);
    let owner = container.ids.as_ref().is_none_or(|ids| ids.uids.iter().any(inside));
    Ok(owner || stat.st_mode & 0o022 != 0)
}

/// A file in memory that can be executed; before Linux 6.3 all could.
fn make() -> sys::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    match memfd_create(NAME, flags | MemfdFlags::EXEC) {
        Err(Errno::INVAL) => memfd_create(NAME, flags),
        made => made,
    }
}
