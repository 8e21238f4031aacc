//! What the host decides: a plain value, probed once by the room `run`, written by hand in tests.

use crate::identity::{Extent, Ids};
use crate::limit::Disks;
use ::cgroup::Groups;
use std::ffi::CString;

/// Everything about the host that a plan depends on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The kernel's version.
    pub kernel: Kernel,
    /// Who asks.
    pub caller: Caller,
    /// The caller's own map of users (`/proc/self/uid_map`).
    pub uid_map: Vec<Extent>,
    /// The caller's own map of groups.
    pub gid_map: Vec<Extent>,
    /// The caller's subordinate ids and who writes their map; `None` without either.
    pub subordinate: Option<Subordinate>,
    /// A range of ids that nobody had locked when it was looked at; probed for root only.
    pub free_range: Option<Range>,
    /// Where the state of this container goes.
    pub state: State,
    /// What its directory on disk would lie on; looked at only where that may have to be bounded.
    pub disk: Option<FileSystem>,
    /// Where its control groups can be made.
    pub groups: Groups,
    /// What the container around may use, where it shares that out.
    pub budget: Budget,
    /// What the disks do about limits.
    pub disks: Disks,
    /// The caller's present processes; counted only where no group does.
    pub processes: u32,
    /// How many containers say that they are around the caller.
    pub depth: u8,
    /// Whether a sysfs is mounted on `/sys`.
    pub sysfs: bool,
    /// The file of this program, if its path leads to it; containers inside are started by it.
    pub program: Option<Program>,
    /// The top directories that hold programs: `usr`, and `opt` and `nix` where present.
    pub layers: Vec<Layer>,
    /// Top directories that are symbolic links into a layer, such as `bin` to `usr/bin`: name and target.
    pub aliases: Vec<(CString, CString)>,
    /// The allowed part of `/etc` that this host has.
    pub etc: Vec<EtcEntry>,
    /// The directory that was given as root filesystem.
    pub rootfs: Option<Rootfs>,
    /// One for each volume of the spec, in its order.
    pub volumes: Vec<Source>,
    /// The command's user, looked up in the container's files.
    pub user: Account,
    /// The memory of the machine, in bytes.
    pub memory: u64,
}

/// A kernel's version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Kernel(pub u32, pub u32);

/// Who asks for the container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The effective user id.
    pub uid: u32,
    /// The effective group id.
    pub gid: u32,
    /// Whether it has CAP_SETUID and CAP_SETGID, and so may write any map.
    pub can_set_ids: bool,
    /// Whether groups can be dropped and set here, and so in what is made here: `setgroups` of `user_namespaces(7)`.
    pub can_set_groups: bool,
    /// Whether it has CAP_SYS_ADMIN, and so may mount.
    pub can_mount: bool,
    /// Whether it lives in the initial user namespace.
    pub initial: bool,
    /// Whether the host's root is among the ids here: `/proc` belongs to it.
    pub has_host_root: bool,
}

/// Subordinate ids (`subuid(5)`) and the programs that map them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subordinate {
    /// The users; `inside` is 1.
    pub uids: Extent,
    /// The groups; `inside` is 1.
    pub gids: Extent,
    /// `newuidmap`, an absolute path.
    pub newuidmap: CString,
    /// `newgidmap`, an absolute path.
    pub newgidmap: CString,
}

/// A range of ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// The file whose lock is the right to use it.
    pub lock: CString,
}

/// The paths of a container's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// The directory of all containers of this user.
    pub root: CString,
    /// The name of the container.
    pub id: String,
    /// A name that no other has, not even one of the same name whose state directory is another.
    pub unique: String,
    /// Its journal.
    pub journal: CString,
    /// The mount point of its root, which all containers share: each mounts there in its own mount namespace.
    pub mount_point: CString,
    /// Its directory on disk, should it need one; `None` where the caller has no place for that.
    pub on_disk: Option<OnDisk>,
}

/// A directory on disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnDisk {
    /// What of its path is made where it is missing, from the top.
    pub parents: Vec<CString>,
    /// The directory.
    pub directory: CString,
}

/// A mounted file system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileSystem {
    /// Its kind, such as `ext4`.
    pub kind: String,
    /// What is mounted, mostly a device.
    pub device: String,
    /// Where it is mounted.
    pub mount_point: String,
    /// What it does about projects.
    pub projects: Projects,
}

/// What a file system does about projects of files (`quotactl(2)`, PRJQUOTA).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Projects {
    /// It does not count what they have.
    Unknown,
    /// It counts, and holds none to a limit.
    Counted,
    /// It holds them to their limits.
    Held,
}

/// The limits of a container that are shared out among those inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Budget {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of memory and swap together (v1).
    pub with_swap: Option<u64>,
    /// Bytes of swap (v2).
    pub swap: Option<u64>,
    /// Processes and threads.
    pub processes: Option<u64>,
    /// CPU time, and in which period; in microseconds.
    pub cpu: Option<(u64, u64)>,
}

/// The file of this program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// Where it is.
    pub path: CString,
    /// Which file it is.
    pub inode: Inode,
}

/// A top directory of the host that is shown copy-on-write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layer {
    /// Its name, without `/`.
    pub name: CString,
    /// Where it is: `/usr`, or in a container the place of what that was made of.
    pub source: CString,
    /// Whether its filesystem takes id-mapped mounts.
    pub id_mappable: bool,
    /// Whether other filesystems are mounted below it.
    pub mounts_below: bool,
    /// Those of [`PREMADE`] that fit: where the host has a link of that name, or on the way to it, a directory would
    /// hide what the link leads to.
    pub premade: Vec<&'static str>,
}

/// Directories in which a container may make files even where they belong to the host's root: made in the upper layer
/// beforehand, since an overlay cannot copy up what belongs to an id that does not exist inside (EOVERFLOW). Paths in
/// `/usr`, each after its parent.
pub const PREMADE: &[&str] = &[
    "bin",
    "sbin",
    "lib",
    "lib64",
    "libexec",
    "include",
    "share",
    "src",
    "local",
    "local/bin",
    "local/sbin",
    "local/lib",
    "local/share",
    "local/etc",
    "local/include",
];

/// Something of `/etc`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EtcEntry {
    /// Its path below `/etc`.
    pub name: CString,
    /// What it is.
    pub content: EtcContent,
}

/// What an entry of `/etc` is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EtcContent {
    /// A small file that everyone can read, which is copied.
    File,
    /// A symbolic link, with its target.
    Link(CString),
    /// A directory, which is bound.
    Directory,
}

/// Which file it is, whatever becomes of its path (`inode(7)`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Inode {
    /// The device that it is on.
    pub device: u64,
    /// Its number there.
    pub number: u64,
}

/// A directory that is a root filesystem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rootfs {
    /// Its real, absolute path.
    pub path: CString,
    /// What was found there and judged.
    pub inode: Inode,
    /// The ids of the ordinary user who owns it, where root runs it.
    pub owner: Option<Ids>,
    /// Whether its filesystem takes id-mapped mounts.
    pub id_mappable: bool,
    /// Whether no other user of the host can reach it.
    pub private: bool,
    /// Whether its filesystem is mounted read-only.
    pub read_only: bool,
}

/// The source of a volume.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// What was found there and judged.
    pub inode: Inode,
    /// Whether it is a directory.
    pub directory: bool,
    /// Whether its filesystem takes id-mapped mounts.
    pub id_mappable: bool,
    /// Whether no other user of the host can reach it.
    pub private: bool,
}

/// A user of the container.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// The user id inside.
    pub uid: u32,
    /// The group id inside.
    pub gid: u32,
    /// The supplementary groups inside.
    pub groups: Vec<u32>,
    /// The home directory inside; `None` without an entry.
    pub home: Option<CString>,
}
