//! From what the kernel says to what a person reads.

use super::text::{quoted, shown};
use rustix::io::Errno;
use spec::catalogue::{
    INIT_REFUSED, NO_SPACE, ROOTFS_MISSING, ROOTFS_NOT_A_DIRECTORY, ROOTFS_READ_ONLY, ROOTFS_SYMLINK_LOOP,
    ROOTFS_UNREADABLE, STEP_FAILED, TOO_MANY_FILES,
};
use spec::error::{Error, reason};
use std::io;
use std::path::Path;

/// For `map_err`: an error while DIR itself is made or opened.
pub fn on(dir: &Path) -> impl Fn(io::Error) -> Error + '_ {
    move |error| at(&format!("{} cannot be made", shown(dir)), &error)
}

/// An error while the directory that shall hold DIR is opened.
pub fn parent(parent: &Path, error: io::Error) -> Error {
    let built = at(&format!("{} cannot be opened", shown(parent)), &error);
    match Errno::from_io_error(&error) {
        Some(Errno::NOENT) => built.fix(format!("mkdir -p {}", quoted(parent))),
        _ => built,
    }
}

/// An error while one entry of the tree is written.
pub fn writing(dir: &Path, path: &Path, error: &io::Error) -> Error {
    let inside = shown(path);
    match Errno::from_io_error(error) {
        Some(Errno::NOTDIR | Errno::ISDIR | Errno::NOTEMPTY | Errno::EXIST) => Error::new(
            INIT_REFUSED,
            format!("{inside} in {} is not what init made there", shown(dir)),
        )
        .why("a link or a file stands where a directory was, or the other way round; init follows no links")
        .fix(format!("containerception rm {dir}, then init again", dir = quoted(dir))),
        Some(Errno::NOSPC | Errno::DQUOT) => {
            let what = format!("{inside} cannot be written to {}", shown(dir));
            at(&what, error).fix("free some space, then run init again: it goes on")
        }
        _ => at(&format!("{inside} cannot be written to {}", shown(dir)), error),
    }
}

fn at(what: &str, error: &io::Error) -> Error {
    let code = match Errno::from_io_error(error) {
        Some(Errno::NOENT) => ROOTFS_MISSING,
        Some(Errno::NOTDIR) => ROOTFS_NOT_A_DIRECTORY,
        Some(Errno::LOOP) => ROOTFS_SYMLINK_LOOP,
        Some(Errno::ROFS) => ROOTFS_READ_ONLY,
        Some(Errno::NOSPC | Errno::DQUOT) => NO_SPACE,
        Some(Errno::ACCESS | Errno::PERM) => ROOTFS_UNREADABLE,
        Some(Errno::MFILE | Errno::NFILE) => TOO_MANY_FILES,
        _ => STEP_FAILED,
    };
    let error = Error::new(code, what).why(reason(error));
    match code {
        ROOTFS_MISSING => error.fix("make the directory above it first: mkdir -p"),
        ROOTFS_NOT_A_DIRECTORY | ROOTFS_SYMLINK_LOOP => error.fix("name a directory that does not exist yet"),
        ROOTFS_UNREADABLE => error.fix("name a directory in one that is yours, or run this as root"),
        ROOTFS_READ_ONLY => error.fix("name a directory on a file system that can be written to"),
        NO_SPACE => {
            error.fix("free some space, or name a directory on another file system; df shows what is free")
        }
        TOO_MANY_FILES => error.fix("raise the limit with ulimit -n"),
        _ => error.fix("dmesg shows if a disk has failed; else name a directory on another file system"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_errno_has_its_code() {
        for (errno, code) in [
            (Errno::NOSPC, NO_SPACE),
            (Errno::DQUOT, NO_SPACE),
            (Errno::ROFS, ROOTFS_READ_ONLY),
            (Errno::ACCESS, ROOTFS_UNREADABLE),
            (Errno::ISDIR, INIT_REFUSED),
            (Errno::NOTDIR, INIT_REFUSED),
            (Errno::IO, STEP_FAILED),
        ] {
            let error = writing(Path::new("r"), Path::new("/usr/bin/ls"), &errno.into());
            assert_eq!(error.code, code, "{errno:?}");
            assert!(error.what.contains("/usr/bin/ls"));
        }
    }

    #[test]
    fn a_missing_parent_can_be_pasted() {
        let error = parent(Path::new("no such"), Errno::NOENT.into());
        assert_eq!((error.code, error.fix.as_deref()), (ROOTFS_MISSING, Some("mkdir -p 'no such'")));
    }
}
