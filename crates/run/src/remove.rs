//! Removes a root filesystem, also one whose files belong to subordinate ids of the caller.
//!
//! To a user, files that a container wrote as another user than root inside belong to an id that is not theirs. In a
//! user namespace with the container's map they are, so that is where the tree is removed.

mod tree;

use crate::journal::{self, Left};
use crate::{identity, probe, quota};
use plan::facts::{Caller, Subordinate};
use plan::identity::after_own;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, readlinkat, statat, unlinkat};
use rustix::process::{Pid, WaitOptions, waitpid};
use spec::catalogue::{ID_MAP_HELPER, REMOVE_REFUSED};
use spec::error::{Error, Result, reason};
use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use sys::Errno;
use sys::clone::{Fork, clone3, exit};

/// Removes the tree at `dir`. A link that `init` made, `NAME` to `.NAME.private/NAME`, goes with its tree.
///
/// # Errors
/// `REMOVE_REFUSED` for what is not a root filesystem, and for what cannot be removed; the rest of it may be gone then.
pub fn remove(dir: &Path) -> Result<()> {
    // Without a trailing slash, which would lead through a link.
    let dir: &Path = &dir.components().collect::<PathBuf>();
    let shown = dir.display();
    let failed = |errno: Errno| {
        Error::new(REMOVE_REFUSED, format!("{shown} cannot be removed"))
            .why(reason(&errno))
            .fix("the directory above it must be yours to write to; else run this as root")
    };
    let Some(private) = private_parent(dir) else {
        let root = open_rootfs(dir)?;
        return clear(&root, dir).and_then(|()| unlinkat(CWD, dir, AtFlags::REMOVEDIR).map_err(failed));
    };
    let real = private.join(dir.file_name().unwrap_or_default());
    let root = open_rootfs(&real)?;
    clear(&root, &real)?;
    unlinkat(CWD, &real, AtFlags::REMOVEDIR).map_err(failed)?;
    unlinkat(CWD, &private, AtFlags::REMOVEDIR).map_err(failed)?;
    unlinkat(CWD, dir, AtFlags::empty()).map_err(failed)
}

/// Removes the directory `path`, which a container wrote to, with all that is in it, and the limit of what it holds. One that
/// is gone is success.
pub(crate) fn tree_at(path: &CStr) -> std::result::Result<(), Left> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let failed = |errno: Errno| journal::left(path, &reason(&errno));
    let directory = match openat(CWD, path, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        opened => opened.map_err(failed)?,
    };
    quota::release(&directory).map_err(failed)?;
    clear(&directory, Path::new(OsStr::from_bytes(path.to_bytes())))
        .map_err(|error| journal::left(path, &error.why.unwrap_or(error.what)))?;
    match unlinkat(CWD, path, AtFlags::REMOVEDIR) {
        Err(Errno::NOENT) => Ok(()),
        removed => removed.map_err(failed),
    }
}

/// The private directory beside `dir`, if `dir` is the link into it that `init` makes as root.
fn private_parent(dir: &Path) -> Option<PathBuf> {
    let name = dir.file_name()?.as_bytes();
    let private = OsString::from_vec([b".", name, b".private"].concat());
    let target = readlinkat(CWD, dir, Vec::new()).ok()?;
    let expected = [private.as_bytes(), b"/", name].concat();
    (target.as_bytes() == expected).then(|| dir.with_file_name(&private))
}

/// Opens `dir` if it is what this command removes: a directory, not a link, on the file system of its parent, that
/// `init` made or that has what every root filesystem has.
fn open_rootfs(dir: &Path) -> Result<OwnedFd> {
    let refuse = |why: &str| {
        Error::new(REMOVE_REFUSED, format!("{} is not removed", dir.display()))
            .why(why)
            .fix("check the path; other directories than root filesystems are removed with rm -r")
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let root = openat(CWD, dir, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT => refuse("it does not exist"),
        Errno::LOOP | Errno::NOTDIR => refuse("it is not a directory"),
        errno => refuse(&reason(&errno)),
    })?;
    let own = fstat(&root).map_err(|errno| refuse(&reason(&errno)))?;
    let parent = statat(&root, "..", AtFlags::empty()).map_err(|errno| refuse(&reason(&errno)))?;
    if own.st_dev != parent.st_dev || own.st_ino == parent.st_ino {
        return Err(refuse("it is a mount point"));
    }
    let has = |name: &str| statat(&root, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
    let is_rootfs = has(".containerception-rootfs") || has("etc") && (has("bin") || has("usr"));
    if is_rootfs {
        Ok(root)
    } else {
        Err(refuse("it is not a root filesystem: it has no /etc with /bin or /usr"))
    }
}

/// Empties the directory: as the caller as far as that goes, the rest in a user namespace where the caller's subordinate
/// ids are mapped.
fn clear(root: &OwnedFd, dir: &Path) -> Result<()> {
    let mut outcome = tree::clear(root);
    if matches!(outcome, Err(Errno::ACCESS | Errno::PERM))
        && let Some((caller, subordinate)) = subordinate()?
    {
        outcome = clear_mapped(root, dir, &caller, &subordinate)?;
    }
    outcome.map_err(|errno| {
        let error = Error::new(REMOVE_REFUSED, format!("not all of {} can be removed", dir.display()));
        match errno {
            Errno::XDEV => {
                error.why("a file system is mounted in it").fix("unmount it first; findmnt shows it")
            }
            Errno::ACCESS | Errno::PERM => error
                .why("some of its files belong to an id that is not yours")
                .fix("remove it as the user who ran containers in it, or as root"),
            errno => error
                .why(reason(&errno))
                .fix("dmesg shows if a disk has failed; lsattr shows what keeps files from being removed"),
        }
    })
}

fn subordinate() -> Result<Option<(Caller, Subordinate)>> {
    let caller = probe::caller()?;
    Ok(if caller.can_set_ids {
        None
    } else {
        probe::subordinate(&caller).map(|subordinate| (caller, subordinate))
    })
}

/// Clones a child into a user namespace, has the helpers write its map, and lets it empty the directory. Its exit
/// status is the errno.
fn clear_mapped(
    root: &OwnedFd,
    dir: &Path,
    caller: &Caller,
    subordinate: &Subordinate,
) -> Result<sys::Result<()>> {
    let failed = |errno: Errno| {
        Error::new(
            REMOVE_REFUSED,
            format!("{} has files of subordinate ids, and no user namespace can be made", dir.display()),
        )
        .why(reason(&errno))
        .fix("remove it as root")
    };
    let (bell, inner) = crate::bell::Bell::pair().map_err(failed)?;
    match clone3(libc::CLONE_NEWUSER as u64, None).map_err(failed)? {
        Fork::Child => {
            drop(bell);
            let ready = inner.wait(drop).and_then(|()| identity::become_user(0, 0, Some(&[])));
            let outcome = ready.and_then(|()| tree::clear(root));
            exit(outcome.map_or_else(|errno| u8::try_from(errno.raw_os_error()).unwrap_or(u8::MAX), |()| 0));
        }
        Fork::Parent(pid, _) => {
            drop(inner);
            let uids = after_own(caller.uid, subordinate.uids);
            let gids = after_own(caller.gid, subordinate.gids);
            let mapped = identity::map_by_helpers(
                (&subordinate.newuidmap, &uids),
                (&subordinate.newgidmap, &gids),
                pid,
            );
            if mapped.is_ok() {
                bell.ring(&[]).map_err(failed)?;
            }
            drop(bell);
            let status = waitpid(Pid::from_raw(pid), WaitOptions::empty()).map_err(failed)?;
            mapped.map_err(|said| {
                Error::new(ID_MAP_HELPER, "newuidmap or newgidmap did not map the ids")
                    .why(said)
                    .fix("remove it as root")
            })?;
            Ok(match status.and_then(|(_, status)| status.exit_status()) {
                Some(0) => Ok(()),
                Some(errno) => Err(Errno::from_raw_os_error(errno)),
                None => Err(Errno::CANCELED),
            })
        }
    }
}

/// Whether an entry is a directory.
fn is_directory(directory: impl AsFd, name: &std::ffi::CStr) -> sys::Result<bool> {
    let stat = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}
