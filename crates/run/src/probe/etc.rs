//! Reads the allowed part of the host's `/etc`.

use plan::etc::{ALLOWED, How, MOST};
use plan::facts::{EtcContent, EtcEntry};
use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat};
use rustix::io::Errno;
use std::ffi::CString;
use std::fs::File;
use std::io::Read;

/// What of the allow-list is here, in its order.
pub(super) fn probe() -> Vec<EtcEntry> {
    ALLOWED.iter().filter_map(|(name, how, _)| entry(name, *how)).collect()
}

fn entry(name: &str, how: How) -> Option<EtcEntry> {
    let path = format!("/etc/{name}");
    let content = match how {
        How::Bind => {
            std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_dir).map(|_| EtcContent::Directory)
        }
        How::Copy => link(&path).map_or_else(|| file(&path), |target| Some(EtcContent::Link(target))),
    }?;
    Some(EtcEntry { name: CString::new(name).ok()?, content })
}

/// The target of a link into `/usr`, which is in the container as well. Another link is followed and its file copied:
/// `resolv.conf` often leads to `/run`, which is not.
fn link(path: &str) -> Option<CString> {
    let target = readlinkat(CWD, path, Vec::new()).ok()?;
    let bytes = target.as_bytes();
    (bytes.starts_with(b"/usr/") || bytes.starts_with(b"../usr/")).then_some(target)
}

fn file(path: &str) -> Option<EtcContent> {
    // Non-blocking: nothing that could hang is to be opened.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let fd = match openat(CWD, path, flags, Mode::empty()) {
        Err(Errno::NOENT | Errno::ACCESS) => return None,
        other => other.ok()?,
    };
    let file = File::from(fd);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut content = Vec::with_capacity(16 << 10);
    file.take(MOST + 1).read_to_end(&mut content).ok()?;
    (content.len() as u64 <= MOST).then_some(EtcContent::File(content))
}
