//! Where control groups can be made.

use ::cgroup::{Controller, Driver, Groups, Layout, Parent, Request, Version, choose};
use plan::facts::Budget;
use plan::limit::controllers;
use spec::error::Result;
use spec::{CgroupManager, CgroupParent, Root, Spec};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Looks for the groups that the limits of `spec` need.
pub(super) fn probe(spec: &Spec, id: &str, uid: u32, mountinfo: &[u8]) -> Result<Groups> {
    let mut wanted = controllers(&spec.resources);
    if spec.root != Root::Host {
        wanted.extend(handed_down().filter(|handed| !wanted.contains(handed)).collect::<Vec<_>>());
    }
    if wanted.is_empty() && spec.groups.parent.is_none() {
        return Ok(Groups::default());
    }
    let own = super::read("/proc/self/cgroup", 1 << 20)?;
    let parent = spec.groups.parent.as_ref().map(|parent| match parent {
        CgroupParent::Path(path) => Parent::Path(Path::new(OsStr::from_bytes(path.to_bytes()))),
        CgroupParent::Slice(slice) => Parent::Slice(slice),
    });
    let name = format!("containerception-{id}");
    let handed_down = Some(Path::new(plan::nest::GROUPS));
    let request = Request {
        wanted: &wanted,
        driver: driver(spec.groups.manager),
        parent,
        handed_down,
        name: &name,
        uid,
    };
    Ok(choose(&Layout::parse(mountinfo, &own), &request, crate::scope::reachable))
}

/// The controllers of which the container around has handed groups down: each container inside has groups of its own there,
/// that of another is none of its business.
fn handed_down() -> impl Iterator<Item = Controller> {
    let entries = std::fs::read_dir(plan::nest::GROUPS).into_iter().flatten().flatten();
    entries.filter_map(|entry| Controller::named(entry.file_name().to_str()?, Version::V1))
}

/// What the container around has handed down, if there is one that has.
pub(super) fn budget() -> Budget {
    let handed = Path::new(plan::nest::GROUPS);
    let number = |controller: &str, file: &str| -> Option<u64> {
        if !handed.join(controller).exists() {
            return None;
        }
        // The container's own group, as it sees it.
        let (file, key) = file.split_once(' ').unwrap_or((file, ""));
        let text = std::fs::read_to_string(Path::new("/sys/fs/cgroup").join(controller).join(file)).ok()?;
        let mut values = text.lines().filter_map(|line| line.strip_prefix(key));
        values.next()?.trim().parse().ok()
    };
    Budget {
        // The least of the limits of all groups above.
        memory: number("memory", "memory.stat hierarchical_memory_limit"),
        with_swap: number("memory", "memory.stat hierarchical_memsw_limit"),
        processes: number("pids", "pids.max"),
        cpu: number("cpu", "cpu.cfs_quota_us").zip(number("cpu", "cpu.cfs_period_us")),
    }
}

/// What is usually limited.
const USUAL: [Controller; 5] =
    [Controller::Memory, Controller::Cpu, Controller::Cpuset, Controller::Io, Controller::Pids];

/// The groups for all that is usually limited.
pub(crate) fn groups(uid: u32) -> Groups {
    let request = Request {
        wanted: &USUAL,
        driver: Driver::Auto,
        parent: None,
        handed_down: Some(Path::new(plan::nest::GROUPS)),
        name: "containerception",
        uid,
    };
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
