//! Whether the caller can make a limited group below its own, and in which steps.
//!
//! On v2 the caller is itself a member of the group below which the new one is to be, and v2 does not let
//! processes of a group compete with child groups ("no internal processes"). pids is a threaded controller,
//! and for those there is a way (cgroup-v2.rst, "Threads"): enabling it turns the own group into the root of
//! a threaded subtree, and a child that is made `threaded` can then be joined; one that is not gives
//! EOPNOTSUPP. Only the root of the hierarchy itself may have processes beside ordinary child groups.
//! If some child group already holds processes in the ordinary way, enabling gives EBUSY.

use std::fs;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat, statfs};

use crate::delegation;
use crate::layout::{Layout, lists_pids};

/// `CGROUP_SUPER_MAGIC` and `CGROUP2_SUPER_MAGIC`, statfs(2).
const MAGIC: [u64; 2] = [0x0027_e0eb, 0x6367_7270];

/// What can be made below the caller's own group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// A group of the v1 pids hierarchy: make it, set its limit, open its `tasks`, write to that when inside.
    V1,
    /// A group of the unified hierarchy: enable, make, thread (each where needed), set its limit, open it for
    /// clone3(2).
    V2 {
        /// pids must first be enabled for the children of the own group. It stays enabled: taking it back
        /// would lift the limits of whoever else has made a group there meanwhile.
        enable: bool,
        /// The new group must be made a threaded one before it is joined.
        threaded: bool,
    },
    /// No group.
    No {
        /// The cause, for people.
        why: String,
    },
}

impl Layout {
    /// Whether the calling process can make a group with a limit of pids below its own. Changes nothing.
    pub fn availability(&self) -> Availability {
        let found = match self {
            Layout::V2 { mount, own } => v2(mount, own),
            Layout::V1Pids { own, .. } => v1(own),
            Layout::None { why } => Err(why.clone()),
        };
        found.unwrap_or_else(|why| Availability::No { why })
    }
}

fn v1(own: &Path) -> Result<Availability, String> {
    may_make_below(own)?;
    Ok(Availability::V1)
}

fn v2(mount: &Path, own: &Path) -> Result<Availability, String> {
    may_make_below(own)?;
    // Who moves a process must be allowed to write here, in the group above both ends of the move.
    may_write(&own.join("cgroup.procs"))?;
    if !delegation::is_ours(mount, own) {
        return Err(format!(
            "{} is systemd's: one to arrange comes with `systemd-run --scope -p Delegate=yes`",
            own.display()
        ));
    }
    let subtree_control = own.join("cgroup.subtree_control");
    let enable = !lists_pids(&subtree_control);
    let threaded = !is_hierarchy_root(own);
    if enable {
        may_write(&subtree_control)?;
    }
    if enable && threaded && has_populated_domain_child(own) {
        return Err(format!("{} has child groups with processes beside its own", own.display()));
    }
    Ok(Availability::V2 { enable, threaded })
}

/// The directory is one of a control group file system, as something else may be mounted over it, and the
/// effective ids may make directories there.
fn may_make_below(own: &Path) -> Result<(), String> {
    let is_cgroup = statfs(own).map(|fs| MAGIC.contains(&(fs.f_type as u64)));
    match is_cgroup {
        Ok(true) => access(own, Access::WRITE_OK | Access::EXEC_OK),
        Ok(false) => Err(format!("{} is not a control group", own.display())),
        Err(errno) => Err(format!("{}: {errno}", own.display())),
    }
}

fn may_write(file: &Path) -> Result<(), String> {
    access(file, Access::WRITE_OK)
}

/// Asks for the effective ids, as the calls that follow are made with those. A read-only mount is EROFS.
fn access(path: &Path, access: Access) -> Result<(), String> {
    accessat(CWD, path, access, AtFlags::EACCESS)
        .map_err(|errno| format!("{} is not writable: {errno}", path.display()))
}

/// Only the root of the whole hierarchy has no type. The root of a cgroup namespace looks like one by its
/// path, but has.
fn is_hierarchy_root(own: &Path) -> bool {
    !own.join("cgroup.type").exists()
}

/// Whether a child group, or one below it, holds processes, and the child is not threaded.
fn has_populated_domain_child(own: &Path) -> bool {
    let line = |file: &Path, line: &str| fs::read_to_string(file).is_ok_and(|s| s.lines().any(|l| l == line));
    let populated_domain = |child: &Path| {
        line(&child.join("cgroup.events"), "populated 1") && !line(&child.join("cgroup.type"), "threaded")
    };
    fs::read_dir(own).into_iter().flatten().flatten().any(|child| populated_domain(&child.path()))
}
