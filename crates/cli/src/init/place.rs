//! Where the tree is made, and whether `init` may write there.
//!
//! As root the tree must lie below a closed directory (`run::private` says why). Where DIR has none above it, `init`
//! makes one beside it and puts a link in the place of DIR:
//!
//! ```text
//! rootfs -> .rootfs.private/rootfs
//! .rootfs.private/                   root's, mode 0700
//! .rootfs.private/rootfs/            the tree
//! ```

use super::failure::{self, on};
use super::marker::{MARKER, is_empty, is_marked, mark};
use super::text::shown;
use run::private::{open, shields};
use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, fchmod, flock, fstat, mkdirat, openat, readlinkat,
    statat, symlinkat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;
use spec::catalogue::{BAD_USAGE, INIT_REFUSED, ROOTFS_NOT_PRIVATE};
use spec::error::{Error, Result};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A directory that is ours to fill, locked against a second `init` until it is dropped.
#[derive(Debug)]
pub struct Place {
    /// The top of the tree.
    pub root: OwnedFd,
    /// Whether a tree of ours was there before.
    pub is_refresh: bool,
    /// What was made around the tree, for a person to read.
    pub note: Option<String>,
}

/// Makes or opens DIR.
///
/// # Errors
/// `INIT_REFUSED` for something that `init` did not make, `ROOTFS_NOT_PRIVATE` for root's tree that others can reach,
/// and those of [`failure::on`].
pub fn prepare(dir: &Path) -> Result<Place> {
    let (parent_path, name) = split(dir)?;
    let parent = open(&parent_path).map_err(|error| failure::parent(&parent_path, error))?;
    let site = Site { dir, parent: parent.as_fd(), name: &name };
    let is_shielded = !geteuid().is_root() || shields(site.parent).map_err(on(dir))?;
    if site.is_our_link().map_err(on(dir))? {
        return site.behind_link(None);
    }
    if is_shielded { site.directly() } else { site.beside() }
}

/// DIR as the directory that holds it and its name there. For `.` and the like the real path has the name.
fn split(dir: &Path) -> Result<(PathBuf, OsString)> {
    if dir.as_os_str().is_empty() {
        return Err(Error::new(BAD_USAGE, "the directory has no name").fix("containerception init ./rootfs"));
    }
    let real = match dir.file_name() {
        Some(_) => dir.to_path_buf(),
        None => dir.canonicalize().map_err(on(dir))?,
    };
    let Some(name) = real.file_name() else { return Err(refused(dir, "it is the root of this machine")) };
    let parent = match real.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    Ok((parent, name.to_os_string()))
}

/// The closed directory of a tree called `name`: `.NAME.private`.
pub fn closed_name(name: &OsStr) -> OsString {
    OsString::from_iter([OsStr::new("."), name, OsStr::new(".private")])
}

/// Where the link in the place of DIR leads: `.NAME.private/NAME`.
pub fn link_target(name: &OsStr) -> PathBuf {
    Path::new(&closed_name(name)).join(name)
}

/// DIR, named as a person knows it and as the kernel needs it.
struct Site<'a> {
    dir: &'a Path,
    parent: BorrowedFd<'a>,
    name: &'a OsStr,
}

impl Site<'_> {
    fn is_our_link(&self) -> io::Result<bool> {
        match readlinkat(self.parent, self.name, Vec::new()) {
            Ok(target) => Ok(target.to_bytes() == link_target(self.name).as_os_str().as_bytes()),
            Err(Errno::INVAL | Errno::NOENT) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    fn directly(&self) -> Result<Place> {
        let root = open_or_make(self.parent, self.name, 0o755)
            .map_err(|error| self.cannot_open(self.parent, error))?;
        self.claim(root, None)
    }

    /// Replaces DIR, which is absent or empty, by a link into a closed directory.
    fn beside(&self) -> Result<Place> {
        match openat(self.parent, self.name, DIRECTORY, Mode::empty()) {
            Ok(root) if self.check(&root)? => return Err(self.not_private()),
            Ok(_) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(self.cannot_open(self.parent, errno.into())),
        }
        let closed = self.closed_path();
        self.behind_link(Some(format!(
            "{dir} leads into {closed}, which only root may enter: a set-user-ID file written inside would be root's",
            dir = shown(self.dir)
        )))
    }

    fn behind_link(&self, note: Option<String>) -> Result<Place> {
        let closed = self.closed_directory()?;
        let closed = closed.as_fd();
        let root = open_or_make(closed, self.name, 0o755).map_err(|error| self.cannot_open(closed, error))?;
        let place = self.claim(root, note)?;
        self.link().map_err(on(self.dir))?;
        Ok(place)
    }

    /// The directory around the tree. Judged by descriptor: in `/tmp` anybody may have made one of this name.
    fn closed_directory(&self) -> Result<OwnedFd> {
        let closed = match open_or_make(self.parent, &closed_name(self.name), 0o700) {
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Err(self.not_closed()),
            closed => closed.map_err(on(self.dir))?,
        };
        let stat = fstat(&closed).map_err(|errno| on(self.dir)(errno.into()))?;
        let is_closed = stat.st_uid == geteuid().as_raw() && stat.st_mode & 0o077 == 0;
        if is_closed { Ok(closed) } else { Err(self.not_closed()) }
    }

    fn closed_path(&self) -> String {
        shown(&self.dir.with_file_name(closed_name(self.name)))
    }

    fn not_closed(&self) -> Error {
        let closed = self.closed_path();
        refused(
            self.dir,
            &format!("the tree would lie in {closed}, which is not a directory of yours with mode 0700"),
        )
    }

    fn link(&self) -> io::Result<()> {
        if self.is_our_link()? {
            return Ok(());
        }
        match unlinkat(self.parent, self.name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(symlinkat(link_target(self.name), self.parent, self.name)?),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Locks the tree, and marks it as ours.
    fn claim(&self, root: OwnedFd, note: Option<String>) -> Result<Place> {
        // NFS refuses such locks on directories; there two at once may disturb each other, nothing worse.
        if flock(&root, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
            return Err(refused(self.dir, "another init is at work there"));
        }
        let is_refresh = self.check(&root)?;
        if !is_refresh {
            mark(root.as_fd()).map_err(on(self.dir))?;
        }
        Ok(Place { root, is_refresh, note })
    }

    /// Whether the directory holds a tree of ours; false for an empty one, an error for anything else.
    fn check(&self, root: &OwnedFd) -> Result<bool> {
        let owner = fstat(root).map_err(|errno| on(self.dir)(errno.into()))?.st_uid;
        if owner != geteuid().as_raw() {
            return Err(refused(self.dir, &format!("it belongs to the user with id {owner}")));
        }
        if is_marked(root.as_fd()).map_err(on(self.dir))? {
            return Ok(true);
        }
        if is_empty(root.as_fd()).map_err(on(self.dir))? {
            return Ok(false);
        }
        Err(refused(
            self.dir,
            &format!("it is not empty, and has no {MARKER} by which init knows a tree of its own"),
        ))
    }

    fn cannot_open(&self, parent: BorrowedFd<'_>, error: io::Error) -> Error {
        let stat = statat(parent, self.name, AtFlags::SYMLINK_NOFOLLOW);
        match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
            Ok(FileType::Symlink) => refused(self.dir, "it is a symbolic link"),
            Ok(FileType::Directory) | Err(_) => on(self.dir)(error),
            Ok(_) => refused(self.dir, "it is not a directory"),
        }
    }

    fn not_private(&self) -> Error {
        Error::new(ROOTFS_NOT_PRIVATE, format!("other users of this machine can reach {}", shown(self.dir)))
            .why("no directory above it is root's with mode 0700: a set-user-ID file written inside would serve them all")
            .fix("move it below a directory of mode 0700, or remove it (containerception rm) and run init again")
    }
}

fn open_or_make(parent: BorrowedFd<'_>, name: &OsStr, mode: u32) -> io::Result<OwnedFd> {
    match mkdirat(parent, name, Mode::from_raw_mode(mode)) {
        Ok(()) => {
            let made = openat(parent, name, DIRECTORY, Mode::empty())?;
            fchmod(&made, Mode::from_raw_mode(mode))?;
            Ok(made)
        }
        Err(Errno::EXIST) => Ok(openat(parent, name, DIRECTORY, Mode::empty())?),
        Err(errno) => Err(errno.into()),
    }
}

fn refused(dir: &Path, why: &str) -> Error {
    Error::new(INIT_REFUSED, format!("init does not write into {}", shown(dir)))
        .why(why)
        .fix("name a directory that does not exist yet")
}
