//! The journal of a container: what it leaves in the system, written down before it is made.
//!
//! ```text
//! containers/NAME         an empty file; whoever has it locked is the container's runtime, and lives
//! containers/NAME:KIND    a symbolic link to what it leaves: a group, a tree, the lock of ids
//! containers/NAME:KIND.1  the next of its kind, and so on
//! containers/NAME:state   its record, once it has lived for a moment
//! ```
//!
//! A link is there or not, never in part. Unwinding after an error, the normal end, and `gc` after a runtime was killed
//! all fold the same journal, and folding what was folded changes nothing. No directory is a container's own: to make
//! and to remove one on ext4 would take a tenth of a start.

mod shared;
mod stray;

use crate::probe::state::CONTAINERS;
use crate::remove;
use plan::Residue;
use rustix::fd::OwnedFd;
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, flock, fstat, lstat, openat, readlink,
    symlink, unlink, unlinkat,
};
use rustix::process::geteuid;
use std::ffi::{CStr, CString};
use stray::Names;
use sys::{Errno, Result};

/// The kinds of links, in the order in which they are undone: what has processes first, then what may have groups below
/// it, and ids last, to which files of a tree belong. What was enabled stays so.
const KINDS: [&str; 5] = ["group", "parent", "enabled", "tree", "ids"];

/// The record of the container, one that was being written, and how it ended, for those who wait for that.
const RECORD: [&str; 4] = ["state", "state.new", "events", "ended"];

/// The highest number of a link: far more hierarchies than there are controllers.
const MOST: usize = 100;

/// What separates a container's name, in which it cannot be, from the kind of a link.
const SEPARATOR: u8 = b':';

/// A locked journal.
#[derive(Debug)]
pub struct Journal {
    path: CString,
    lock: OwnedFd,
    /// What its links say. They are for others: who keeps the journal remembers, lest somebody remove the links, or the
    /// whole state directory, meanwhile.
    recorded: Vec<Residue>,
}

impl Journal {
    /// Makes the journal at `path`, and locks it.
    ///
    /// # Errors
    /// EEXIST if a container of that name has one.
    pub fn create(path: &CStr) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        for _ in 0..100 {
            let lock = openat(CWD, path, flags, Mode::RUSR | Mode::WUSR)?;
            flock(&lock, FlockOperation::LockExclusive)?;
            // Another run that found it before it was locked took it for one that a dead run left, and removed it.
            if is_linked(&lock) {
                return Ok(Journal { path: path.to_owned(), lock, recorded: Vec::new() });
            }
        }
        Err(Errno::BUSY)
    }

    /// Writes down what will be made.
    ///
    /// # Errors
    /// Those of symlink(2).
    pub fn record(&mut self, residue: &Residue) -> Result<()> {
        let _link = write_down(&self.path, residue)?;
        self.recorded.push(residue.clone());
        Ok(())
    }

    /// Undoes what was recorded, and removes the journal.
    ///
    /// # Errors
    /// What could not be undone; the journal stays, for the next `gc`.
    pub fn fold(self) -> std::result::Result<(), Left> {
        let is_there = self.is_there();
        for kind in KINDS {
            let recorded = self.recorded.iter().filter(|residue| residue.kind() == kind);
            let mut paths: Vec<CString> = recorded.map(|residue| residue.path().to_owned()).collect();
            // Where somebody has removed the journal meanwhile, links can be another container's of the same name.
            // Nothing is undone of what was enabled.
            let is_own = |path: &CString| {
                paths.contains(path) || is_there && (kind == "enabled" || self.made_for_it(path))
            };
            let links: Vec<_> =
                links(&self.path, kind).into_iter().filter(|(_, path)| is_own(path)).collect();
            let late = links.iter().map(|(_, path)| path).filter(|path| !paths.contains(path));
            let late: Vec<CString> = late.cloned().collect();
            paths.extend(late);
            undo_all(&self.path, kind, &paths)?;
            remove_links(&links)?;
        }
        shared::tidy(&self.path)?;
        if is_there { finished(&self.path) } else { Ok(()) }
    }

    /// Whether a path is that of a group which others have made for this container, such as the one by which it is paused:
    /// it has the name of the container's other groups, which no other container has.
    fn made_for_it(&self, path: &CStr) -> bool {
        let name = |path: &CStr| path.to_bytes().rsplit(|b| *b == b'/').next().map(<[u8]>::to_vec);
        let is_group = |residue: &&Residue| matches!(residue, Residue::Group(_));
        self.recorded.iter().filter(is_group).any(|residue| name(residue.path()) == name(path))
    }

    /// Whether its path is still that of the file that is locked.
    fn is_there(&self) -> bool {
        let (Ok(found), Ok(own)) = (lstat(&self.path), fstat(&self.lock)) else { return false };
        (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
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
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let directory = openat(CWD, state, flags, Mode::empty())?;
    // What a journal says is undone with the caller's rights, so it must be the caller's own word (R16).
    let stat = fstat(&directory)?;
    if stat.st_uid != geteuid().as_raw() || stat.st_mode & 0o077 != 0 {
        return Err(Errno::PERM);
    }
    let containers = openat(&directory, CONTAINERS, flags, Mode::empty())?;
    let (mut left, mut names) = (Vec::new(), Names::default());
    for entry in Dir::new(containers)?.flatten() {
        let name = entry.file_name().to_bytes();
        if !names.add(name) {
            continue;
        }
        let Some(path) = path_of(state, name) else { continue };
        if let Some(lock) = dead(&path) {
            left.extend(fold(&path).err());
            drop(lock);
        }
    }
    for (container, found) in names.strays() {
        if let (Some(journal), Some(found)) = (path_of(state, container), path_of(state, found)) {
            stray::tidy(&journal, &found);
        }
    }
    Ok(left)
}

fn path_of(state: &CStr, name: &[u8]) -> Option<CString> {
    CString::new([state.to_bytes(), b"/", CONTAINERS.as_bytes(), b"/", name].concat()).ok()
}

/// Whether somebody has the journal locked: its runtime lives.
///
/// # Errors
/// EMFILE, ENFILE, ENOMEM: that cannot be found out.
pub(crate) fn is_locked(path: &CStr) -> Result<bool> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match openat(CWD, path, flags, Mode::empty()) {
        Ok(file) => Ok(flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)),
        Err(errno @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => Err(errno),
        Err(_) => Ok(false),
    }
}

/// The journal of a dead run, locked: nobody else has it, and it is still there. What is not an empty file is none.
fn dead(path: &CStr) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(CWD, path, flags, Mode::empty()).ok()?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
    let stat = fstat(&file).ok()?;
    let is_empty_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && stat.st_size == 0;
    (is_empty_file && stat.st_nlink > 0).then_some(file)
}

/// Whether a file still has a name. Between being opened and locked, somebody else may have removed it, and a file that
/// is another's may have its path by now.
fn is_linked(file: &OwnedFd) -> bool {
    fstat(file).is_ok_and(|stat| stat.st_nlink > 0)
}

/// Writes down, beside `journal`, what will be made; returns the link.
///
/// # Errors
/// Those of symlink(2).
pub(crate) fn write_down(journal: &CStr, residue: &Residue) -> Result<CString> {
    for number in 0.. {
        let link = beside(journal, &numbered(residue.kind(), number));
        match symlink(residue.path(), &link) {
            Err(Errno::EXIST) if number < MOST => {}
            written => return written.map(|()| link),
        }
    }
    Err(Errno::EXIST)
}

/// As [`Journal::fold`]. The record goes first, as it does where a runtime lives to see the end: who makes something for the
/// container now finds none afterwards, and takes it back.
fn fold(journal: &CStr) -> std::result::Result<(), Left> {
    removed(&beside(journal, "state"))?;
    for kind in KINDS {
        let links = links(journal, kind);
        let paths: Vec<CString> = links.iter().map(|(_, path)| path.clone()).collect();
        undo_all(journal, kind, &paths)?;
        remove_links(&links)?;
    }
    shared::tidy(journal)?;
    finished(journal)
}

/// The links of a kind beside a journal, and where they lead.
fn links(journal: &CStr, kind: &str) -> Vec<(CString, CString)> {
    let link = |number| {
        let link = beside(journal, &numbered(kind, number));
        let path = readlink(&link, Vec::new()).ok()?;
        Some((link, path))
    };
    (0..=MOST).map_while(link).collect()
}

/// From the last to the first: if this is cut short, the rest is still found from the first on.
fn remove_links(links: &[(CString, CString)]) -> std::result::Result<(), Left> {
    links.iter().rev().try_for_each(|(link, _)| removed(link))
}

/// Removes a journal in which no link is any more, and the record of its container.
fn finished(journal: &CStr) -> std::result::Result<(), Left> {
    for record in RECORD {
        removed(&beside(journal, record))?;
    }
    removed(journal)
}

fn removed(path: &CStr) -> std::result::Result<(), Left> {
    match unlink(path) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(left(path, &errno.to_string())),
    }
}

/// From the last that was made to the first; groups together, since who is frozen by one cannot die in the others.
fn undo_all(journal: &CStr, kind: &str, paths: &[CString]) -> std::result::Result<(), Left> {
    if kind == "group" {
        return remove_groups(paths);
    }
    paths.iter().rev().try_for_each(|path| undo(journal, kind, path))
}

fn remove_groups(paths: &[CString]) -> std::result::Result<(), Left> {
    let paths: Vec<&CStr> = paths.iter().map(CString::as_c_str).collect();
    let busy = |(path, busy): &(CString, cgroup::Busy)| {
        let members: Vec<String> = busy.members.iter().map(|pid| pid.as_raw_nonzero().to_string()).collect();
        left(path, &format!("{}; processes in it: {}", busy.errno, members.join(" ")))
    };
    cgroup::remove_all(&paths).map_err(|all| all.first().map_or_else(|| left(c"", ""), busy))
}

fn undo(journal: &CStr, kind: &str, path: &CStr) -> std::result::Result<(), Left> {
    match kind {
        "tree" => remove::tree_at(path),
        "ids" => {
            release(path);
            Ok(())
        }
        "parent" => shared::leave(journal, path),
        _ => Ok(()),
    }
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

/// The name of the link to the thing of a kind with that number.
fn numbered(kind: &str, number: usize) -> String {
    if number == 0 { kind.to_owned() } else { format!("{kind}.{number}") }
}

/// Lets the processes of a container go on that a group of v1 has frozen.
pub(crate) fn thaw(journal: &CStr) {
    for (_, directory) in links(journal, "group") {
        // Others have no such file.
        let _ = cgroup::group::set(&plan::cgroup::below(&directory, "freezer.state"), b"THAWED");
    }
}

/// The path of what lies beside a journal: a link, or the record of the container.
pub(crate) fn beside(journal: &CStr, kind: &str) -> CString {
    CString::new([journal.to_bytes(), &[SEPARATOR], kind.as_bytes()].concat()).unwrap_or_default()
}
