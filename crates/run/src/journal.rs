//! The journal of a container: what it leaves in the system, written down before it is made.
//!
//! A line each: `group PATH`, `ids PATH` or `tree PATH`. Unwinding after an error, the normal end, and `gc` after a runtime was
//! killed all fold the same journal backwards, and folding what was folded changes nothing.
//!
//! Its lock says whether the container's runtime lives. A directory whose journal nobody has locked belongs to a dead
//! run.

use crate::remove;
use plan::Residue;
use rustix::fd::OwnedFd;
use rustix::fs::{
    AtFlags, CWD, Dir, FlockOperation, Mode, OFlags, flock, fstat, mkdir, openat, rmdir, unlink, unlinkat,
};
use rustix::process::geteuid;
use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use sys::{Errno, Result};

/// The name of the journal in the directory of its container.
pub const NAME: &str = "journal";
/// The directory of the locks of id ranges, beside the directories of containers.
pub const IDS: &str = "ids";
/// The most bytes of a journal that are read (R9).
const MOST: u64 = 1 << 20;

/// An open, locked journal.
#[derive(Debug)]
pub struct Journal {
    file: OwnedFd,
    directory: CString,
}

impl Journal {
    /// Makes the directory of a container, and its journal, locked.
    ///
    /// # Errors
    /// EEXIST if a container of that name has one.
    pub fn create(directory: &CStr, journal: &CStr) -> Result<Self> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        for _ in 0..100 {
            // Root inside stands in it when it mounts, and must find "." there; what is above keeps all others away.
            mkdir(directory, Mode::from_raw_mode(0o711))?;
            match openat(CWD, journal, flags, Mode::from_raw_mode(0o600)) {
                // Another run found the directory without its journal, and took it for one that a dead run left.
                Err(Errno::NOENT) => {}
                Err(errno) => {
                    let _ = rmdir(directory);
                    return Err(errno);
                }
                Ok(file) => {
                    flock(&file, FlockOperation::LockExclusive)?;
                    if !is_linked(&file) {
                        continue;
                    }
                    let journal = Journal { file, directory: directory.to_owned() };
                    journal.line(b"containerception ", b"1")?;
                    return Ok(journal);
                }
            }
        }
        Err(Errno::BUSY)
    }

    /// Writes down what will be made.
    pub fn record(&self, residue: &Residue) -> Result<()> {
        match residue {
            Residue::Group(path) => self.line(b"group ", path.as_bytes()),
            Residue::IdRange(path) => self.line(b"ids ", path.as_bytes()),
            Residue::Tree(path) => self.line(b"tree ", path.as_bytes()),
        }
    }

    fn line(&self, kind: &[u8], path: &[u8]) -> Result<()> {
        if path.contains(&b'\n') {
            return Err(Errno::INVAL);
        }
        let line = [kind, path, b"\n"].concat();
        if rustix::io::write(&self.file, &line)? == line.len() { Ok(()) } else { Err(Errno::NOSPC) }
    }

    /// Undoes what the journal says, and removes it with its directory.
    ///
    /// # Errors
    /// What could not be undone; the journal stays, for the next `gc`.
    pub fn fold(self) -> std::result::Result<(), Left> {
        fold(&self.directory)
    }
}

/// What could not be undone.
#[derive(Debug)]
pub struct Left {
    /// The path.
    pub path: String,
    /// Why.
    pub why: String,
}

/// Folds the journals of dead runs in the state directory. Returns what it could not undo.
///
/// # Errors
/// The state directory cannot be read; ENOENT if there is none yet; EPERM if it is not the caller's alone.
pub fn gc(state: &CStr) -> Result<Vec<Left>> {
    let mut left = Vec::new();
    let directory = openat(
        CWD,
        state,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW,
        Mode::empty(),
    )?;
    // What a journal says is undone with the caller's rights, so it must be the caller's own word (R16).
    let stat = fstat(&directory)?;
    if stat.st_uid != geteuid().as_raw() || stat.st_mode & 0o077 != 0 {
        return Err(Errno::PERM);
    }
    for entry in Dir::read_from(&directory)?.flatten() {
        let name = entry.file_name().to_bytes();
        if name.starts_with(b".") || name == IDS.as_bytes() {
            continue;
        }
        let Ok(path) = CString::new([state.to_bytes(), b"/", name].concat()) else { continue };
        match look(&path) {
            Run::Lives => {}
            Run::Dead(lock) => {
                left.extend(fold(&path).err());
                drop(lock);
            }
            Run::Bare => left.extend(remove_bare(&path).err()),
        }
    }
    Ok(left)
}

/// What its journal tells of a run.
enum Run {
    /// Somebody has it locked, or it has just gone.
    Lives,
    /// Nobody had; now it is locked here.
    Dead(OwnedFd),
    /// There is none: nothing else was made yet, or all else is undone.
    Bare,
}

fn look(directory: &CStr) -> Run {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    match openat(CWD, below(directory, NAME), flags, Mode::empty()) {
        Ok(file) if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() && is_linked(&file) => {
            Run::Dead(file)
        }
        Err(Errno::NOENT) => Run::Bare,
        _ => Run::Lives,
    }
}

/// Whether a file still has a name. Between being opened and locked, somebody else may have removed it, and a file that
/// is another's may have its path by now.
fn is_linked(file: &OwnedFd) -> bool {
    fstat(file).is_ok_and(|stat| stat.st_nlink > 0)
}

fn fold(directory: &CStr) -> std::result::Result<(), Left> {
    let journal = below(directory, NAME);
    let mut text = Vec::new();
    if let Ok(file) = File::open(OsStr::from_bytes(journal.to_bytes())) {
        let _ = file.take(MOST).read_to_end(&mut text);
    }
    for line in text.split(|b| *b == b'\n').rev() {
        undo(line)?;
    }
    let removed = matches!(unlink(&journal), Ok(()) | Err(Errno::NOENT)) && remove(directory).is_ok();
    if removed { Ok(()) } else { Err(left(directory, "it is not empty, or not ours")) }
}

/// Removes a directory that has no journal. One that is not empty belongs to a run that has just written its journal, or
/// holds something that is none of ours.
fn remove_bare(directory: &CStr) -> std::result::Result<(), Left> {
    match remove(directory) {
        Ok(()) | Err(Errno::NOTEMPTY) => Ok(()),
        Err(errno) => Err(left(directory, &errno.to_string())),
    }
}

/// Removes the directory of a run. It may be a mount point in a namespace that is just dying; then it is busy for a
/// moment.
fn remove(directory: &CStr) -> Result<()> {
    for try_ in 0..50 {
        match rmdir(directory) {
            Err(Errno::BUSY) => std::thread::sleep(std::time::Duration::from_millis(1 << (try_ / 8))),
            Err(Errno::NOENT) => return Ok(()),
            done => return done,
        }
    }
    Err(Errno::BUSY)
}

fn undo(line: &[u8]) -> std::result::Result<(), Left> {
    if let Some(path) = line.strip_prefix(b"group ").and_then(|path| CString::new(path).ok()) {
        return cgroup::remove(&path).map_err(|busy| {
            let members: Vec<String> =
                busy.members.iter().map(|pid| pid.as_raw_nonzero().to_string()).collect();
            left(&path, &format!("{}; processes in it: {}", busy.errno, members.join(" ")))
        });
    }
    if let Some(path) = line.strip_prefix(b"ids ").and_then(|path| CString::new(path).ok()) {
        release(&path);
    }
    if let Some(path) = line.strip_prefix(b"tree ").and_then(|path| CString::new(path).ok()) {
        return remove::tree_at(&path);
    }
    Ok(())
}

pub(crate) fn left(path: &CStr, why: &str) -> Left {
    Left { path: path.to_string_lossy().into_owned(), why: why.to_owned() }
}

/// Removes the lock file of a range of ids, unless another container has the range by now.
fn release(lock: &CStr) {
    if let Ok(file) = openat(CWD, lock, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())
        && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        && is_linked(&file)
    {
        let _ = unlinkat(CWD, lock, AtFlags::empty());
    }
}

/// Locks a range of ids.
///
/// # Errors
/// EAGAIN if another container has it.
pub fn reserve(lock: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = openat(CWD, lock, flags, Mode::from_raw_mode(0o600))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    // Between the two calls the last owner may have removed the file; a lock on that is nobody's.
    if is_linked(&file) { Ok(file) } else { Err(Errno::AGAIN) }
}

fn below(directory: &CStr, name: &str) -> CString {
    CString::new([directory.to_bytes(), b"/", name.as_bytes()].concat()).unwrap_or_default()
}
