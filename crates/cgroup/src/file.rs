//! The control files of a group, by the descriptor of its directory: what is read and written belongs to one
//! group, even if another one is given its name meanwhile.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Read;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{Access, AtFlags, CWD, Dir, FileType, Mode, OFlags, accessat, openat};
use rustix::io::{Errno, Result};

use crate::group::write_whole;

/// Opens the group `dir`, to read its files and its children.
pub(crate) fn open_group(dir: &CStr) -> Result<OwnedFd> {
    open_child(CWD, dir)
}

/// Opens the group `name` just below `parent`, or `..` above it.
pub(crate) fn open_child(parent: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// What a control file says.
pub(crate) fn read(group: BorrowedFd<'_>, name: &str) -> Result<String> {
    read_all(File::from(open(group, name, OFlags::RDONLY)?))
}

/// The rest of an open file.
pub(crate) fn read_all(mut file: impl Read) -> Result<String> {
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    Ok(text)
}

/// Writes a control file by one call, as the kernel reads each write by itself.
pub(crate) fn put(group: BorrowedFd<'_>, name: &str, value: &[u8]) -> Result<()> {
    write_whole(open(group, name, OFlags::WRONLY)?, value)
}

/// Opens a control file.
pub(crate) fn open(group: BorrowedFd<'_>, name: &str, access: OFlags) -> Result<OwnedFd> {
    openat(group, name, access | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Whether the group has a control file of that name.
pub(crate) fn has(group: BorrowedFd<'_>, name: &str) -> bool {
    accessat(group, name, Access::EXISTS, AtFlags::empty()).is_ok()
}

/// Whether the group is still there. The descriptor of one that was removed stays open, but every group has this
/// file.
pub(crate) fn is_there(group: BorrowedFd<'_>) -> bool {
    has(group, "cgroup.procs")
}

/// The names in the directory that are of one kind: groups below are directories, control files are files.
pub(crate) fn names(group: BorrowedFd<'_>, kind: FileType) -> Result<Vec<CString>> {
    let name = |entry: rustix::fs::DirEntry| {
        let is_meant = entry.file_type() == kind && !matches!(entry.file_name().to_bytes(), b"." | b"..");
        is_meant.then(|| entry.file_name().to_owned())
    };
    Dir::read_from(group)?.filter_map(|entry| entry.map(name).transpose()).collect()
}
