//! What a container should be: validated values, and the errors that every room speaks in.
//!
//! Nothing here touches the system. A [`Spec`] that exists is well-formed: each of its values was parsed by the
//! strict parser of its type, so that no later room checks again.

pub mod capability;
pub mod catalogue;
pub mod cgroup_manager;
pub mod cgroup_parent;
pub mod convert;
pub mod device;
pub mod error;
pub mod excerpt;
pub mod exec;
pub mod hostname;
pub mod limit;
pub mod mount;
pub mod name;
pub mod near;
pub mod oci;
pub mod resources;
pub mod rlimit;
pub mod storage;
pub mod text;
pub mod user;

pub use capability::Capabilities;
pub use cgroup_manager::CgroupManager;
pub use cgroup_parent::CgroupParent;
pub use error::{Error, Result};
pub use excerpt::Excerpt;
pub use exec::Exec;
pub use hostname::HostName;
pub use mount::{Tmpfs, Volume};
pub use name::Name;
pub use resources::{Bound, Resources};
pub use rlimit::{Rlimit, RlimitName};
pub use storage::Storage;
pub use user::{Principal, User};

use std::ffi::CString;

/// A whole container, as it was asked for.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The name by which it is known while it runs; drawn by chance if none is given.
    pub name: Option<Name>,
    /// The command and its arguments; never empty.
    pub command: Vec<CString>,
    /// The environment, `NAME=VALUE` each.
    pub environment: Vec<CString>,
    /// Where the command starts, an absolute path inside.
    pub workdir: CString,
    /// As whom the command runs.
    pub user: User,
    /// The host name, where the container has a UTS namespace.
    pub hostname: HostName,
    /// Where the root filesystem comes from.
    pub root: Root,
    /// Whether the root filesystem can be written to.
    pub read_only: bool,
    /// Where what is written goes, if the root filesystem is copied on write.
    pub storage: Storage,
    /// Directories and files of the host, in order.
    pub volumes: Vec<Volume>,
    /// Empty file systems in memory, in order.
    pub tmpfs: Vec<Tmpfs>,
    /// The size of `/dev/shm`, in bytes.
    pub shm: u64,
    /// Which namespaces are new.
    pub namespaces: Namespaces,
    /// Whether PID 1 is our own init, which forks the command.
    pub init: bool,
    /// How much of the machine it may use.
    pub resources: Resources,
    /// Who makes its control groups, and where.
    pub groups: Placement,
    /// Limits of each process by itself.
    pub rlimits: Vec<Rlimit>,
    /// How willingly the kernel ends it where the machine lacks memory, -1000 to 1000.
    pub oom_score: Option<i16>,
    /// Whether a limit that cannot be held here is told and no more.
    pub best_effort: bool,
    /// What root inside may do; `None` leaves the caller's sets alone (the tutorial's first passes).
    pub capabilities: Option<Capabilities>,
    /// Whether `no_new_privs` is set.
    pub no_new_privileges: bool,
    /// Whether the default seccomp filter is installed.
    pub filter: bool,
    /// Whether containers can be started inside: the program is there, and what they are made of.
    pub nest: bool,
    /// Whether the command gets a terminal of its own.
    pub terminal: bool,
    /// Whether the command waits until the steps have been told.
    pub narrate: bool,
}

/// Who makes the control groups of a container, and where.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Placement {
    /// Who.
    pub manager: CgroupManager,
    /// Below which group, or in which slice; the caller's own, if nothing is said.
    pub parent: Option<CgroupParent>,
}

impl Spec {
    /// The most processes, if they are bounded.
    pub fn processes(&self) -> Option<u32> {
        match self.resources.pids {
            Some(Bound::At(number)) => u32::try_from(number).ok(),
            _ => None,
        }
    }
}

/// Where the root filesystem comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Root {
    /// The host's own, with all that is in it (the tutorial's first passes).
    Host,
    /// The host's programs, copy-on-write, and nothing private.
    Programs,
    /// A directory, in place.
    Directory(CString),
    /// A directory, copy-on-write.
    Ephemeral(CString),
}

/// Which namespaces a container has of its own (`namespaces(7)`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Namespaces {
    /// Users and capabilities.
    pub user: bool,
    /// Mounts.
    pub mount: bool,
    /// Process ids.
    pub pid: bool,
    /// Host name.
    pub uts: bool,
    /// System V IPC and POSIX message queues.
    pub ipc: bool,
    /// Network.
    pub net: bool,
    /// The view of control groups.
    pub cgroup: bool,
}

impl Namespaces {
    /// None: fork and exec.
    pub const NONE: Namespaces = Namespaces {
        user: false,
        mount: false,
        pid: false,
        uts: false,
        ipc: false,
        net: false,
        cgroup: false,
    };
    /// Their names in `/proc/PID/ns`, the user namespace first: it gives the rights to enter the others.
    pub const NAMES: [&'static str; 7] = ["user", "mnt", "pid", "uts", "ipc", "net", "cgroup"];

    /// The names of those that are new.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let Namespaces { user, mount, pid, uts, ipc, net, cgroup } = *self;
        let new = [user, mount, pid, uts, ipc, net, cgroup];
        Self::NAMES.into_iter().zip(new).filter(|(_, new)| *new).map(|(name, _)| name)
    }

    /// Those of which `is_new` tells by name that they are new.
    pub fn from_names(is_new: impl Fn(&str) -> bool) -> Self {
        let [user, mount, pid, uts, ipc, net, cgroup] = Self::NAMES.map(is_new);
        Namespaces { user, mount, pid, uts, ipc, net, cgroup }
    }

    /// All of them: a container.
    pub const ALL: Namespaces =
        Namespaces { user: true, mount: true, pid: true, uts: true, ipc: true, net: true, cgroup: true };
}
