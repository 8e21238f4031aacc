//! Directories on disk, for what containers write that is not to lie in memory.
//!
//! ```text
//! /var/lib/containerception                  root's; users': ~/.local/share/containerception
//!   BOOT-ID/CONTAINER                        one container's; its journal says so
//! ```
//!
//! The journals lie in memory and do not survive the machine's end, as the containers do not. The directories do: those
//! of another boot than this one are nobody's any more.

use crate::journal::Left;
use crate::probe::state::{Wrong, explain, is_own, own};
use crate::{probe, remove};
use plan::facts::OnDisk;
use rustix::fs::{AtFlags, CWD, FlockOperation, Gid, Mode, OFlags, Uid, chownat, flock, mkdirat, openat};
use spec::error::{Error, Result};
use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use sys::Errno;

/// The directory of a container. `None` where the environment of an ordinary user names no home.
pub(crate) fn locate(uid: u32, container: &str) -> Option<OnDisk> {
    let mut parents = parents(uid)?;
    parents.push(parents.last()?.join(boot_id()?));
    let directory = c_path(&parents.last()?.join(container))?;
    Some(OnDisk { parents: parents.iter().map(|path| c_path(path)).collect::<Option<_>>()?, directory })
}

/// `/var/lib/containerception` for root, if `/var/lib` is root's; else `$XDG_DATA_HOME/containerception` or
/// `~/.local/share/containerception` (XDG Base Directory Specification), with what may be missing above it.
fn parents(uid: u32) -> Option<Vec<PathBuf>> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let mut parents = if uid == 0 && is_own(Path::new("/var/lib"), uid) {
        return Some(vec![PathBuf::from("/var/lib/containerception")]);
    } else if let Some(data) = absolute("XDG_DATA_HOME") {
        vec![data]
    } else {
        let home = absolute("HOME")?;
        vec![home.join(".local"), home.join(".local/share")]
    };
    parents.push(parents.last()?.join("containerception"));
    Some(parents)
}

/// Drawn by chance at each boot (`random(4)`).
fn boot_id() -> Option<String> {
    let text = probe::read("/proc/sys/kernel/random/boot_id", 64).ok()?;
    let id = String::from_utf8(text).ok()?.trim_end().to_owned();
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    plain.then_some(id)
}

/// Makes the directory of a container, after a check that where it lies is `uid`'s alone (R16), and gives it away.
///
/// # Errors
/// `STATE_DIRECTORY`, with what is wrong.
pub(crate) fn make(on_disk: &OnDisk, owner: Option<(u32, u32)>, uid: u32) -> Result<()> {
    for parent in &on_disk.parents {
        match mkdirat(CWD, parent, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(bad(parent, uid, errno.into())),
        }
    }
    for parent in on_disk.parents.iter().rev().take(2) {
        own(parent, uid).map_err(|wrong| bad(parent, uid, wrong))?;
    }
    let parent = on_disk.parents.last().unwrap_or(&on_disk.directory);
    make_for(&on_disk.directory, owner).map_err(|errno| bad(parent, uid, errno.into()))
}

fn make_for(directory: &CStr, owner: Option<(u32, u32)>) -> sys::Result<()> {
    mkdirat(CWD, directory, Mode::RWXU)?;
    owner.map_or(Ok(()), |(uid, gid)| {
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        chownat(CWD, directory, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)
    })
}

fn bad(directory: &CStr, uid: u32, wrong: Wrong) -> Error {
    let fix = if uid == 0 {
        "remove what is there, or make it root's with mode 0700"
    } else {
        "set XDG_DATA_HOME to a directory of your own, or make this one yours with mode 0700"
    };
    explain(directory, format!("the directory {} cannot be used", directory.to_string_lossy()), fix, wrong)
}

/// Removes the directories of former boots. Returns what it could not remove.
pub fn gc(uid: u32) -> Vec<Left> {
    let Some(root) = parents(uid).and_then(|mut all| all.pop()) else { return Vec::new() };
    if c_path(&root).is_none_or(|root| own(&root, uid).is_err()) {
        return Vec::new();
    }
    let Some(boot) = boot_id() else { return Vec::new() };
    let entries = std::fs::read_dir(&root).into_iter().flatten().flatten();
    let former = entries.filter(|entry| entry.file_name() != boot.as_str());
    former.flat_map(|entry| remove_boot(&entry.path())).collect()
}

/// Each container's directory has a limit of its own, which goes with it. Only one process is at it: by the time that a
/// second one came to a directory, the limit could be another container's.
fn remove_boot(boot: &Path) -> Vec<Left> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = openat(CWD, boot, flags, Mode::empty());
    let lock = FlockOperation::NonBlockingLockExclusive;
    if directory.as_ref().is_ok_and(|directory| flock(directory, lock).is_err()) {
        return Vec::new();
    }
    let containers = std::fs::read_dir(boot).into_iter().flatten().flatten().map(|entry| entry.path());
    let all = containers.filter(|path| path.is_dir()).chain([boot.to_owned()]);
    all.filter_map(|path| remove::tree_at(&c_path(&path)?).err()).collect()
}

fn c_path(path: &Path) -> Option<CString> {
    CString::new(path.as_os_str().as_encoded_bytes()).ok()
}
