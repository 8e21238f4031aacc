//! Whether other users of the host are kept away from a directory.
//!
//! Root inside a container that has an id-mapped root filesystem writes files that are root's on the host, and it may
//! mark them set-user-ID. A user of the host who can reach such a file becomes root by running it. So a tree that root
//! hands to a container in place must lie below a directory that nobody but root may search.

use rustix::fs::{CWD, Mode, OFlags, Stat, fstat, openat};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Whether some directory *above* `dir` belongs to root and is closed to everybody else.
///
/// `dir` itself does not count: it is the container's `/`, and root inside may open it with `chmod 755 /`.
///
/// # Errors
/// What `openat(2)` and `fstat(2)` report while walking up.
pub fn is_private(dir: BorrowedFd<'_>) -> io::Result<bool> {
    shields(parent(dir)?.as_fd())
}

/// Whether what lies below `dir` is private, because `dir` or a directory above it is root's and closed.
///
/// The walk goes by descriptors, not by names, so that it judges the directory at hand and not one that was renamed
/// into its place. It ends at the root of this process; a bind mount of a directory into itself ends it early, which
/// errs on the safe side.
///
/// # Errors
/// What `openat(2)` and `fstat(2)` report while walking up.
pub fn shields(dir: BorrowedFd<'_>) -> io::Result<bool> {
    let mut at = reopen(dir)?;
    let mut stat = fstat(&at)?;
    loop {
        if is_closed(&stat) {
            return Ok(true);
        }
        let above = parent(at.as_fd())?;
        let above_stat = fstat(&above)?;
        if (above_stat.st_dev, above_stat.st_ino) == (stat.st_dev, stat.st_ino) {
            return Ok(false);
        }
        (at, stat) = (above, above_stat);
    }
}

/// Whether only root may search a directory. With an access control list the group bits are the list's mask
/// (acl(5)), so that they shut out named users, too.
fn is_closed(stat: &Stat) -> bool {
    stat.st_uid == 0 && stat.st_mode & 0o077 == 0
}

fn parent(dir: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    Ok(openat(dir, "..", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

fn reopen(dir: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    Ok(openat(dir, ".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Opens a directory for [`is_private`] or [`shields`], following symbolic links as `open(2)` does.
///
/// # Errors
/// What `openat(2)` reports.
pub fn open(dir: &std::path::Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, dir, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("containerception-{name}-{}", std::process::id()));
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            Scratch(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn make(path: &Path, mode: u32) {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn private(path: &Path) -> bool {
        is_private(open(path).unwrap().as_fd()).unwrap()
    }

    #[test]
    fn a_closed_directory_of_root_shields_what_is_below() {
        if !rustix::process::geteuid().is_root() {
            println!("skipped: only root can make a directory of root's");
            return;
        }
        let scratch = Scratch::new("private");
        let closed = scratch.0.join("closed");
        make(&closed, 0o700);
        make(&closed.join("tree"), 0o755);
        make(&closed.join("tree/deep"), 0o777);
        assert!(private(&closed.join("tree")));
        assert!(private(&closed.join("tree/deep")));
        assert!(shields(open(&closed).unwrap().as_fd()).unwrap());

        fs::set_permissions(&closed, fs::Permissions::from_mode(0o710)).unwrap();
        assert!(!private(&closed.join("tree")), "the group may search it");
    }

    #[test]
    fn the_directory_itself_does_not_count() {
        let scratch = Scratch::new("itself");
        let tree = scratch.0.join("tree");
        make(&tree, 0o700);
        if private(&scratch.0) {
            println!("skipped: the temporary directory itself is private");
            return;
        }
        assert!(!private(&tree), "root inside may chmod its own /");
    }

    #[test]
    fn a_closed_directory_of_somebody_else_does_not_count() {
        if !rustix::process::geteuid().is_root() {
            println!("skipped: only root can give a directory away");
            return;
        }
        let scratch = Scratch::new("others");
        let closed = scratch.0.join("closed");
        make(&closed, 0o700);
        make(&closed.join("tree"), 0o755);
        std::os::unix::fs::chown(&closed, Some(12_345), None).unwrap();
        assert_eq!(private(&closed.join("tree")), private(&scratch.0));
    }

    #[test]
    fn the_walk_ends_at_the_root() {
        assert_eq!(private(Path::new("/")), is_closed(&rustix::fs::stat("/").unwrap()));
    }
}
