//! Where control groups can be made.

use ::cgroup::{Controller, Driver, Groups, Layout, Parent, Request, choose};
use plan::limit::controllers;
use spec::error::Result;
use spec::{CgroupManager, CgroupParent, Spec};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Looks for the groups that the limits of `spec` need.
pub(super) fn probe(spec: &Spec, id: &str, uid: u32, mountinfo: &[u8]) -> Result<Groups> {
    let wanted = controllers(&spec.resources);
    if wanted.is_empty() && spec.groups.parent.is_none() {
        return Ok(Groups::default());
    }
    let own = super::read("/proc/self/cgroup", 1 << 20)?;
    let parent = spec.groups.parent.as_ref().map(|parent| match parent {
        CgroupParent::Path(path) => Parent::Path(Path::new(OsStr::from_bytes(path.to_bytes()))),
        CgroupParent::Slice(slice) => Parent::Slice(slice),
    });
    let name = format!("containerception-{id}");
    let request = Request { wanted: &wanted, driver: driver(spec.groups.manager), parent, name: &name, uid };
    Ok(choose(&Layout::parse(mountinfo, &own), &request, crate::scope::reachable))
}

/// What is usually limited.
const USUAL: [Controller; 5] =
    [Controller::Memory, Controller::Cpu, Controller::Cpuset, Controller::Io, Controller::Pids];

/// The groups for all that is usually limited.
pub(crate) fn groups(uid: u32) -> Groups {
    let request =
        Request { wanted: &USUAL, driver: Driver::Auto, parent: None, name: "containerception", uid };
    choose(&Layout::detect(), &request, crate::scope::reachable)
}

fn driver(manager: CgroupManager) -> Driver {
    match manager {
        CgroupManager::Auto => Driver::Auto,
        CgroupManager::Cgroupfs => Driver::Cgroupfs,
        CgroupManager::Systemd => Driver::Systemd,
    }
}

/// How many processes and threads the caller has, where that matters.
pub(super) fn present_processes(groups: &Groups, uid: u32) -> u32 {
    if groups.version_of(Controller::Pids).is_some() {
        return 0;
    }
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0 };
    let own = entries.flatten().filter(|entry| {
        let number = entry.file_name().to_str().is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
        number && entry.metadata().is_ok_and(|metadata| metadata.uid() == uid)
    });
    // A directory's link count is two and one for each directory in it: here, the threads.
    let threads = own
        .filter_map(|entry| std::fs::metadata(entry.path().join("task")).ok())
        .map(|task| task.nlink() - 2);
    u32::try_from(threads.sum::<u64>()).unwrap_or(u32::MAX)
}
