//! What the root filesystem can be made of.

use super::ids;
use crate::path::inode;
use crate::private::is_private;
use plan::facts::{Caller, Layer, PREMADE, Program, Rootfs, Source};
use plan::identity::{self, Extent, Ids};
use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::fs::{
    AtFlags, CWD, Dir, DirEntry, FileType, Mode, OFlags, StatVfsMountFlags, fstat, fstatfs, fstatvfs, openat,
    statat,
};
use rustix::io::Errno;
use spec::catalogue::{
    ROOTFS_EMPTY, ROOTFS_MISSING, ROOTFS_NO_EXEC, ROOTFS_NOT_A_DIRECTORY, ROOTFS_SYMLINK_LOOP,
    ROOTFS_UNREADABLE, VOLUME_SOURCE,
};
use spec::error::{Error, Result, reason};
use spec::{Root, Spec};
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The top directories that hold programs.
const LAYERS: [&CStr; 3] = [c"usr", c"opt", c"nix"];
/// Top directories that are links into `usr` on a merged system (file-hierarchy(7)), and directories elsewhere.
const ALIASES: [&CStr; 6] = [c"bin", c"sbin", c"lib", c"lib32", c"lib64", c"libx32"];

/// Magic numbers of file systems that take id-mapped mounts, and the kernel that brought it (`mount_setattr(2)`).
const ID_MAPPABLE: [(u64, (u32, u32)); 4] = [
    (0xef53, (5, 12)),      // ext4
    (0x5846_5342, (5, 12)), // xfs
    (0x9123_683e, (5, 15)), // btrfs
    (0x0102_1994, (6, 3)),  // tmpfs
];

fn open(path: &CStr) -> sys::Result<OwnedFd> {
    openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

fn id_mappable(fd: &OwnedFd) -> bool {
    let kernel = super::kernel();
    let magic = fstatfs(fd).map_or(0, |stat| stat.f_type as u64);
    ID_MAPPABLE
        .iter()
        .any(|(known, (major, minor))| *known == magic && kernel >= plan::facts::Kernel(*major, *minor))
}

fn top(name: &CStr) -> CString {
    CString::new([b"/", name.to_bytes()].concat()).unwrap_or_default()
}

/// Where a container has what its own top directory `name` was made of.
fn placed(name: &CStr) -> CString {
    CString::new([plan::nest::LAYERS.as_bytes(), b"/", name.to_bytes()].concat()).unwrap_or_default()
}

fn as_path(path: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(path.to_bytes()))
}

/// The file of this program, if its path still leads to it.
pub(super) fn program() -> Option<Program> {
    const OWN: &CStr = c"/proc/self/exe";
    let path = rustix::fs::readlink(OWN, Vec::new()).ok()?;
    let own = open(OWN).and_then(|file| inode(&file)).ok()?;
    let there = open(&path).and_then(|file| inode(&file)).ok()?;
    (own == there).then_some(Program { path, inode: own })
}

/// The layers of this host, or of the container that this is in: directories, not links, and not those in which nothing is:
/// an overlay of an empty `opt` would take a twentieth of a start.
pub(super) fn layers(caller: &Caller, mountinfo: &[u8]) -> Vec<Layer> {
    let unmerged = ALIASES.into_iter().filter(|name| rustix::fs::readlink(top(name), Vec::new()).is_err());
    let layer = |name: &CStr| {
        let source = [placed(name), top(name)].into_iter().find(|source| holds_anything(source))?;
        let id_mappable = open(&source).is_ok_and(|fd| id_mappable(&fd));
        let mounts_below = mounts_below(mountinfo, &source);
        // Where its ids are shifted, what belongs to root outside belongs to root inside, and is copied up.
        let shifted = id_mappable && caller.initial && caller.can_mount;
        let premade = if name == c"usr" && !shifted { premade(as_path(&source)) } else { Vec::new() };
        Some(Layer { name: name.to_owned(), source, id_mappable, mounts_below, premade })
    };
    LAYERS.into_iter().chain(unmerged).filter_map(layer).collect()
}

/// Whether `path` is a directory, no link, that is not known to be empty: one that may be searched and not be read is
/// as good as any.
fn holds_anything(path: &CStr) -> bool {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let is_entry = |entry: std::result::Result<DirEntry, _>| {
        entry.map_or(true, |entry: DirEntry| !matches!(entry.file_name().to_bytes(), b"." | b".."))
    };
    match openat(CWD, path, flags, Mode::empty()) {
        Ok(directory) => Dir::new(directory).is_ok_and(|mut entries| entries.any(is_entry)),
        Err(errno) => errno == Errno::ACCESS,
    }
}

/// Which directories may be made in the upper layer of `usr`. Some systems have links in their place: Arch has
/// `lib64` and `sbin`, Fedora has `sbin`, its atomic editions have `local`.
fn premade(usr: &Path) -> Vec<&'static str> {
    let free = |path: &Path| path.symlink_metadata().map_or(true, |found| found.is_dir());
    let mut fitting: Vec<&'static str> = Vec::with_capacity(PREMADE.len());
    for name in PREMADE {
        // The parent stands before it, if it fits.
        let parent = name.rsplit_once('/').map(|(parent, _)| parent);
        if parent.is_none_or(|parent| fitting.contains(&parent)) && free(&usr.join(name)) {
            fitting.push(name);
        }
    }
    fitting
}

/// The links among the top directories.
pub(super) fn aliases() -> Vec<(CString, CString)> {
    let link = |name: &CStr| {
        rustix::fs::readlink(top(name), Vec::new()).ok().map(|target| (name.to_owned(), target))
    };
    ALIASES.into_iter().filter_map(link).collect()
}

/// Whether `/proc/self/mountinfo` has a mount point below `path` (its fifth field, proc_pid_mountinfo(5)).
pub(crate) fn mounts_below(mountinfo: &[u8], path: &CStr) -> bool {
    let mut prefix = escaped(path.to_bytes());
    if !prefix.ends_with(b"/") {
        prefix.push(b'/');
    }
    let below = |point: &[u8]| point.len() > prefix.len() && point.starts_with(&prefix);
    mountinfo.split(|b| *b == b'\n').any(|line| line.split(|b| *b == b' ').nth(4).is_some_and(below))
}

/// A path as it stands in mountinfo: what separates fields and lines there, and the escape itself, are octal numbers.
fn escaped(path: &[u8]) -> Vec<u8> {
    let one = |byte: &u8| match byte {
        b' ' | b'\t' | b'\n' | b'\\' => format!("\\{byte:03o}").into_bytes(),
        byte => vec![*byte],
    };
    path.iter().flat_map(one).collect()
}

/// The directory that was given as root filesystem.
///
/// # Errors
/// It is missing, no directory, a loop of links, not to be entered, or mounted noexec.
pub(super) fn rootfs(spec: &Spec, caller: &Caller, mountinfo: &[u8]) -> Result<Option<Rootfs>> {
    let (Root::Directory(given) | Root::Ephemeral(given)) = &spec.root else { return Ok(None) };
    let shown = given.to_string_lossy();
    let fd = open(given).map_err(|errno| unopened(&shown, errno))?;
    let failed = |errno: Errno| unopened(&shown, errno);
    let stat = fstat(&fd).map_err(failed)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
        return Err(Error::new(
            ROOTFS_NOT_A_DIRECTORY,
            format!("the root filesystem {shown} is not a directory"),
        )
        .fix("give a directory, such as one that containerception init DIR makes"));
    }
    // To open it takes the right to search its path, to enter it the right to search it as well.
    openat(&fd, c".", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).map_err(failed)?;
    let flags = fstatvfs(&fd).map_err(failed)?.f_flag;
    if flags.contains(StatVfsMountFlags::NOEXEC) {
        return Err(Error::new(ROOTFS_NO_EXEC, format!("the root filesystem {shown} is mounted noexec"))
            .why("no program on it can be executed")
            .fix("move it to a file system without noexec; findmnt --target DIR shows the options"));
    }
    if !holds_a_root(&fd, spec) {
        return Err(Error::new(ROOTFS_EMPTY, format!("{shown} holds no root filesystem"))
            .why("it has neither the command nor any of the directories of a system, such as /bin and /etc")
            .fix(format!("make one: containerception init {shown}; or give the directory in which one is")));
    }
    let path = path_of(&fd).map_err(failed)?;
    let by_root = caller.initial && caller.can_set_ids;
    Ok(Some(Rootfs {
        path,
        inode: inode(&fd).map_err(failed)?,
        owner: (by_root && stat.st_uid != 0 && matches!(spec.root, Root::Directory(_)))
            .then(|| ids_of_owner(stat.st_uid, stat.st_gid)),
        id_mappable: id_mappable(&fd),
        private: caller.uid == 0 && is_out_of_reach(&fd, mountinfo),
        read_only: flags.contains(StatVfsMountFlags::RDONLY),
    }))
}

/// Whether a directory looks like a root filesystem, before anything is made in it: it has what systems have, or the
/// command itself, by its path, which may be all that there is.
fn holds_a_root(fd: &OwnedFd, spec: &Spec) -> bool {
    let has = |path: &CStr| statat(fd, path, AtFlags::SYMLINK_NOFOLLOW).is_ok();
    let by_path = match spec.command.first().map(CString::as_bytes) {
        Some([b'/', rest @ ..]) => CString::new(rest).is_ok_and(|path| has(&path)),
        // From the working directory, which may be anywhere.
        Some(command) => command.contains(&b'/'),
        None => false,
    };
    by_path || [c"bin", c"usr", c"etc", c"sbin", c"lib"].into_iter().any(has)
}

/// The path of what was opened and is judged, whatever becomes of the links by which it was found (R1).
fn path_of(fd: &OwnedFd) -> sys::Result<CString> {
    rustix::fs::readlink(format!("/proc/self/fd/{}", fd.as_raw_fd()), Vec::new())
}

/// Whether other users of the host are kept from a directory, and from all that comes along with it: what is mounted
/// below it has other paths as well.
fn is_out_of_reach(fd: &OwnedFd, mountinfo: &[u8]) -> bool {
    is_private(fd.as_fd()).unwrap_or(false) && path_of(fd).is_ok_and(|path| !mounts_below(mountinfo, &path))
}

fn unopened(shown: &str, errno: Errno) -> Error {
    let (code, what, fix) = match errno {
        Errno::NOENT => (ROOTFS_MISSING, "does not exist", "make one: containerception init DIR"),
        Errno::NOTDIR => (
            ROOTFS_NOT_A_DIRECTORY,
            "is not a directory",
            "give a directory, such as one that containerception init DIR makes",
        ),
        Errno::LOOP => (
            ROOTFS_SYMLINK_LOOP,
            "is a loop of symbolic links",
            "readlink shows where each link leads; remove one",
        ),
        _ => (ROOTFS_UNREADABLE, "cannot be entered", "it and every directory above must be open (x) to you"),
    };
    Error::new(code, format!("the root filesystem {shown} {what}")).why(reason(&errno)).fix(fix)
}

/// The ids of the ordinary user who owns a root filesystem: root inside is that user, the rest that user's subordinate
/// ids, or none. The group is the user's own: that of the directory may have come from a set-group-ID directory above,
/// and be one that the user is not in.
fn ids_of_owner(uid: u32, group: u32) -> Ids {
    let passwd = ids::read_text("/etc/passwd");
    let entry: Option<Vec<&str>> = passwd
        .lines()
        .map(|line| line.split(':').collect())
        .find(|fields: &Vec<&str>| fields.get(2) == Some(&uid.to_string().as_str()));
    let name = entry.as_ref().and_then(|fields| fields.first()).copied();
    let gid = entry.as_ref().and_then(|fields| fields.get(3)?.parse().ok()).unwrap_or(group);
    let map = |path: &str, id: u32| match ids::own_range(&ids::read_text(path), name, uid) {
        Some(range) => identity::after_own(id, range),
        None => vec![Extent { inside: 0, outside: id, count: 1 }],
    };
    Ids { source: identity::Source::Owner, uids: map("/etc/subuid", uid), gids: map("/etc/subgid", gid) }
}

/// The sources of the volumes.
///
/// # Errors
/// `VOLUME_SOURCE` if one is missing: a directory made in its place would hide a misspelt path.
pub(super) fn volumes(spec: &Spec, mountinfo: &[u8]) -> Result<Vec<Source>> {
    spec.volumes.iter().map(|volume| source(&volume.source, mountinfo)).collect()
}

fn source(path: &CStr, mountinfo: &[u8]) -> Result<Source> {
    let shown = path.to_string_lossy();
    let failed = |errno: Errno| {
        Error::new(VOLUME_SOURCE, format!("the source {shown} of a volume cannot be opened"))
            .why(reason(&errno))
            .fix("check the path, which is one of the host, or make it first")
    };
    let fd = open(path).map_err(failed)?;
    let directory = FileType::from_raw_mode(fstat(&fd).map_err(failed)?.st_mode) == FileType::Directory;
    let private = directory && is_out_of_reach(&fd, mountinfo);
    Ok(Source { inode: inode(&fd).map_err(failed)?, directory, id_mappable: id_mappable(&fd), private })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_directory_is_made_in_the_place_of_a_link_or_below_one() {
        let usr = std::env::temp_dir().join(format!("containerception-premade-test-{}", std::process::id()));
        std::fs::create_dir_all(usr.join("lib")).unwrap();
        std::os::unix::fs::symlink("lib", usr.join("lib64")).unwrap();
        std::os::unix::fs::symlink("lib", usr.join("local")).unwrap();
        let names = premade(&usr);
        std::fs::remove_dir_all(&usr).unwrap();
        assert!(names.contains(&"lib") && names.contains(&"share"));
        assert!(!names.iter().any(|name| name.starts_with("lib64") || name.starts_with("local")));
    }

    #[test]
    fn mounts_below_a_directory() {
        let mountinfo = b"1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:5 / /usr/local rw - tmpfs t rw\n4 1 0:5 / /a\\040b/c rw - tmpfs t rw\n3 1 0:6 / /opt rw - tmpfs t rw\n";
        assert!(mounts_below(mountinfo, c"/usr"));
        assert!(!mounts_below(mountinfo, c"/opt"));
        assert!(!mounts_below(mountinfo, c"/us"));
        assert!(mounts_below(mountinfo, c"/a b"));
        assert!(!mounts_below(mountinfo, c"/a b/c"));
        assert!(mounts_below(mountinfo, c"/"));
    }
}
