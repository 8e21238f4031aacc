//! The state directory: where containers of this user are known from.

use crate::diagnose;
use plan::facts::State;
use rustix::fd::OwnedFd;
use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, accessat, fstat, lstat, mkdirat, openat};
use rustix::io::Errno;
use spec::catalogue::STATE_DIRECTORY;
use spec::error::{Error, Result};
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The directory of journals, in the state directory.
pub(crate) const CONTAINERS: &str = "containers";
/// The directory of the locks of id ranges.
pub(crate) const IDS: &str = "ids";
/// The mount point of containers.
const MOUNT: &str = "mount";

/// The state directory of `uid`: `/run/containerception` for root, if `/run` is root's: in a user namespace of somebody
/// else it is not; else `$XDG_RUNTIME_DIR/containerception`, if that is the user's own; else
/// `/tmp/containerception-UID`, or `/tmp/containerception-OUTSIDE-as-UID` in a user namespace: there others call themselves
/// root as well. In a container of ours that is read-only, `/dev/shm/containerception-UID`: that one is always writable.
///
/// # Errors
/// `STATE_DIRECTORY` for a path that cannot be a C string.
pub fn root(uid: u32) -> Result<CString> {
    let read_only = || accessat(CWD, c"/run", Access::WRITE_OK, AtFlags::EACCESS) == Err(Errno::ROFS);
    let path = match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
        _ if super::depth() > 0 && read_only() => PathBuf::from(format!("/dev/shm/containerception-{uid}")),
        _ if uid == 0 && is_own(Path::new("/run"), uid) => PathBuf::from("/run/containerception"),
        Some(directory) if directory.is_absolute() && is_own(&directory, uid) => {
            directory.join("containerception")
        }
        _ => match outside(uid) {
            Some(outside) if outside != uid => {
                PathBuf::from(format!("/tmp/containerception-{outside}-as-{uid}"))
            }
            _ => PathBuf::from(format!("/tmp/containerception-{uid}")),
        },
    };
    CString::new(path.into_os_string().into_encoded_bytes()).map_err(|_| {
        Error::new(STATE_DIRECTORY, "XDG_RUNTIME_DIR contains a NUL byte")
            .fix("set it to a directory of your own")
    })
}

/// Who `uid` is outside of the caller's user namespace.
fn outside(uid: u32) -> Option<u32> {
    plan::identity::outside(&super::ids::own_map("/proc/self/uid_map").ok()?, uid)
}

pub(crate) fn is_own(directory: &Path, uid: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(directory).is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == uid)
}

/// The paths of a new container's state; `drawn` is its id by [`draw_id`].
pub(super) fn locate(uid: u32, name: Option<&spec::Name>, drawn: &str) -> Result<State> {
    let root = root(uid)?;
    let (id, unique) = match name {
        Some(name) => (name.as_str().to_owned(), format!("{}-{drawn}", name.as_str())),
        None => (drawn.to_owned(), drawn.to_owned()),
    };
    let below =
        |path: String| CString::new([root.as_bytes(), b"/", path.as_bytes()].concat()).unwrap_or_default();
    let (journal, mount_point) = (below(format!("{CONTAINERS}/{id}")), below(MOUNT.to_owned()));
    let on_disk = crate::storage::locate(uid, &unique);
    Ok(State { root, id, unique, journal, mount_point, on_disk })
}

/// Twelve hexadecimal digits, drawn by chance.
pub(super) fn draw_id() -> String {
    let mut bytes = [0; 6];
    // A short read cannot happen for so few bytes (getrandom(2)); a name that exists is an error when it is made.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the state directory, with what lies in it, where that is missing, and checks it.
///
/// # Errors
/// `STATE_DIRECTORY`, with what is wrong.
pub fn ensure(root: &CStr, uid: u32) -> Result<()> {
    let mode = Mode::from_raw_mode(0o700);
    let made = |result| match result {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(bad(root, uid, errno.into())),
    };
    made(mkdirat(CWD, root, mode))?;
    let directory = check(root, uid)?;
    made(mkdirat(&directory, CONTAINERS, mode))?;
    made(mkdirat(&directory, IDS, mode))?;
    // Root inside stands in it when it mounts, and must find "." there; what is above keeps all others away.
    made(mkdirat(&directory, MOUNT, Mode::from_raw_mode(0o711)))
}

/// Checks that the state directory can be used, or be made where it is missing; changes nothing.
///
/// # Errors
/// `STATE_DIRECTORY`, with what is wrong.
pub(crate) fn usable(root: &CStr, uid: u32) -> Result<()> {
    if !matches!(lstat(root), Err(Errno::NOENT)) {
        return check(root, uid).map(drop);
    }
    let parent = Path::new(OsStr::from_bytes(root.to_bytes())).parent().unwrap_or(Path::new("/"));
    accessat(CWD, parent, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
        .map_err(|errno| bad(root, uid, Wrong::Refused(errno)))
}

/// Opens the state directory and checks that it is a directory of `uid` alone.
///
/// # Errors
/// `STATE_DIRECTORY`, with what is wrong.
pub fn check(root: &CStr, uid: u32) -> Result<OwnedFd> {
    own(root, uid).map_err(|wrong| bad(root, uid, wrong))
}

/// What is wrong with a directory.
pub(crate) enum Wrong {
    /// The kernel refuses it.
    Refused(Errno),
    /// It is not one to be trusted, and why.
    Unsafe(String),
}

impl From<Errno> for Wrong {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOTDIR => {
                Wrong::Unsafe("it is a file, or a symbolic link, which is not followed".to_owned())
            }
            errno => Wrong::Refused(errno),
        }
    }
}

/// Opens a directory and checks by descriptor that it is one of `uid` alone: in `/tmp` somebody else may have made it
/// first (R16). The error says what is wrong.
pub(crate) fn own(directory: &CStr, uid: u32) -> std::result::Result<OwnedFd, Wrong> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = openat(CWD, directory, flags, Mode::empty())?;
    let stat = fstat(&opened)?;
    if stat.st_uid != uid {
        return Err(Wrong::Unsafe(format!("it belongs to user {}", stat.st_uid)));
    }
    if stat.st_mode & 0o077 != 0 {
        return Err(Wrong::Unsafe(format!("others have access to it (mode {:o})", stat.st_mode & 0o7777)));
    }
    Ok(opened)
}

fn bad(root: &CStr, uid: u32, wrong: Wrong) -> Error {
    // Root's is below /run whatever the environment says; in /tmp only its owner and root can remove what is there.
    let fix = if uid == 0 {
        "remove what is there, or make it root's with mode 0700; where /run is read-only, mount a tmpfs on it"
    } else {
        "set XDG_RUNTIME_DIR to a directory of your own, or make this one yours with mode 0700"
    };
    let what = format!("the state directory {} cannot be used", root.to_string_lossy());
    explain(root, what, fix, wrong)
}

/// The error of a directory that cannot be used: where the host is short of something, that.
pub(crate) fn explain(directory: &CStr, what: String, fix: &str, wrong: Wrong) -> Error {
    let unusable = |why: String| Error::new(STATE_DIRECTORY, what).why(why).fix(fix);
    match wrong {
        Wrong::Unsafe(why) => unusable(why),
        Wrong::Refused(errno) => {
            diagnose::unusable(directory, errno.raw_os_error()).unwrap_or_else(|| unusable(errno.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};

    #[test]
    fn a_directory_that_others_made_or_can_enter_is_refused() {
        let base = std::env::temp_dir().join(format!("containerception-state-test-{}", std::process::id()));
        std::fs::DirBuilder::new().mode(0o700).create(&base).unwrap();
        let uid = rustix::process::geteuid().as_raw();
        let path = |name: &str| CString::new(base.join(name).into_os_string().into_encoded_bytes()).unwrap();
        ensure(&path("new"), uid).unwrap();
        ensure(&path("new"), uid).unwrap();
        assert!(base.join("new/ids").is_dir());
        let code = |name: &str, uid| ensure(&path(name), uid).unwrap_err().code;
        assert_eq!(code("new", uid + 1), STATE_DIRECTORY);
        std::fs::set_permissions(base.join("new"), PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(code("new", uid), STATE_DIRECTORY);
        symlink("/", base.join("link")).unwrap();
        assert_eq!(code("link", uid), STATE_DIRECTORY);
        std::fs::write(base.join("file"), "").unwrap();
        assert_eq!(code("file", uid), STATE_DIRECTORY);
        assert_eq!(code("missing/parent", uid), STATE_DIRECTORY);
        let usable = |name: &str| usable(&path(name), uid).map_err(|error| error.code);
        for bad in ["new", "link", "file", "missing/parent"] {
            assert_eq!(usable(bad), Err(STATE_DIRECTORY), "{bad}");
        }
        assert_eq!(usable("another"), Ok(()));
        assert!(!base.join("another").exists());
        std::fs::remove_dir_all(&base).unwrap();
    }
}
