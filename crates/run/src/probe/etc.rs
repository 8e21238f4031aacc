//! Finds the allowed part of the host's `/etc`. What is in its files is read when they are copied.

use plan::etc::{ALLOWED, How, MOST};
use plan::facts::{EtcContent, EtcEntry};
use rustix::fs::{FileType, Mode, Stat, lstat, readlink, stat};
use std::ffi::{CStr, CString};

/// What of the allow-list is here, in its order.
pub(super) fn probe() -> Vec<EtcEntry> {
    ALLOWED.iter().filter_map(|(name, how, _)| entry(name, *how)).collect()
}

fn entry(name: &str, how: How) -> Option<EtcEntry> {
    let path = CString::new(format!("/etc/{name}")).ok()?;
    let found = lstat(&path).ok()?;
    let content = match (how, kind(&found)) {
        (How::Copy, FileType::Symlink) => link(&path)?,
        (How::Bind, FileType::Symlink) => directory(&stat(&path).ok()?)?,
        (How::Copy, _) => file(&found)?,
        (How::Bind, _) => directory(&found)?,
    };
    Some(EtcEntry { name: CString::new(name).ok()?, content })
}

/// A link into `/usr`, which is in the container as well, stays one. Another is followed and its file copied:
/// `resolv.conf` often leads to `/run`, which is not.
fn link(path: &CStr) -> Option<EtcContent> {
    let target = readlink(path, Vec::new()).ok()?;
    let bytes = target.as_bytes();
    if bytes.starts_with(b"/usr/") || bytes.starts_with(b"../usr/") {
        return Some(EtcContent::Link(target));
    }
    file(&stat(path).ok()?)
}

/// What not everyone can read is not for a container either.
fn file(found: &Stat) -> Option<EtcContent> {
    let readable = Mode::from_raw_mode(found.st_mode).contains(Mode::ROTH);
    let small = u64::try_from(found.st_size).is_ok_and(|size| size <= MOST);
    (kind(found) == FileType::RegularFile && readable && small).then_some(EtcContent::File)
}

fn directory(found: &Stat) -> Option<EtcContent> {
    (kind(found) == FileType::Directory).then_some(EtcContent::Directory)
}

fn kind(found: &Stat) -> FileType {
    FileType::from_raw_mode(found.st_mode)
}
