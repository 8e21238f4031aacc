//! Where control groups can be made.

use ::cgroup::{Controller, Driver, Groups, Layout, Parent, Request, UNIFIED, Version, choose};
use plan::facts::Budget;
use plan::limit::controllers;
use spec::error::Result;
use spec::{CgroupManager, CgroupParent, Root, Spec};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Looks for the groups that the limits of `spec` need.
pub(super) fn probe(spec: &Spec, id: &str, uid: Option<u32>, mountinfo: &[u8]) -> Result<Groups> {
    let mut wanted = controllers(&spec.resources);
    if spec.root != Root::Host {
        wanted.extend(handed_down());
    }
    let own = super::read("/proc/self/cgroup", 1 << 20)?;
    let layout = Layout::parse(mountinfo, &own);
    // What is in no group of its own could see, and if its root has made them change, the groups of others beside it.
    if wanted.is_empty() && spec.namespaces.cgroup && layout.v1.is_empty() {
        wanted.push(Controller::Pids);
    }
    if wanted.is_empty() && spec.groups.parent.is_none() {
        return Ok(Groups::default());
    }
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
    Ok(choose(&layout, &request, crate::scope::reachable))
}

/// The controllers of which the container around has handed groups down: each container inside has groups of its own there,
/// that of another is none of its business; and passes on what it has.
fn handed_down() -> Vec<Controller> {
    let entries = std::fs::read_dir(plan::nest::GROUPS).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut all = Vec::new();
    for name in names {
        if name == UNIFIED {
            let listed =
                std::fs::read_to_string(format!("{}/{UNIFIED}/cgroup.controllers", plan::nest::GROUPS));
            let names = listed.unwrap_or_default();
            all.extend(names.split_whitespace().filter_map(|name| Controller::named(name, Version::V2)));
        } else {
            all.extend(Controller::named(&name, Version::V1));
        }
    }
    all
}

/// What the container around has handed down, if there is one that has: the limits of its own groups, as it sees them.
pub(crate) fn budget() -> Budget {
    let handed = Path::new(plan::nest::GROUPS);
    if !handed.exists() {
        return Budget::default();
    }
    let own = Path::new("/sys/fs/cgroup");
    let text = |group: &str, directory: &Path, file: &str| {
        let handed = handed.join(group).exists();
        handed.then(|| std::fs::read_to_string(directory.join(file)).ok()).flatten()
    };
    if handed.join(UNIFIED).exists() {
        let beside_v1 = own.join(UNIFIED);
        let directory = if beside_v1.exists() { &beside_v1 } else { own };
        let text = |file: &str| text(UNIFIED, directory, file);
        let number = |file: &str| text(file)?.trim().parse().ok();
        return Budget {
            memory: number("memory.max"),
            swap: number("memory.swap.max"),
            processes: number("pids.max"),
            cpu: text("cpu.max").as_deref().and_then(cpu_max),
            ..Budget::default()
        };
    }
    let text = |controller: &str, file: &str| text(controller, &own.join(controller), file);
    let number = |controller: &str, file: &str| text(controller, file)?.trim().parse().ok();
    let stat = text("memory", "memory.stat").unwrap_or_default();
    // The least of the limits of all groups above.
    let hierarchical = |key: &str| stat.lines().find_map(|line| line.strip_prefix(key))?.trim().parse().ok();
    Budget {
        memory: hierarchical("hierarchical_memory_limit"),
        with_swap: hierarchical("hierarchical_memsw_limit"),
        processes: number("pids", "pids.max"),
        cpu: number("cpu", "cpu.cfs_quota_us").zip(number("cpu", "cpu.cfs_period_us")),
        ..Budget::default()
    }
}

/// The quota and the period, if there is a quota.
fn cpu_max(text: &str) -> Option<(u64, u64)> {
    let (quota, period) = text.trim().split_once(' ')?;
    quota.parse().ok().zip(period.parse().ok())
}

/// What is usually limited.
const USUAL: [Controller; 5] =
    [Controller::Memory, Controller::Cpu, Controller::Cpuset, Controller::Io, Controller::Pids];

/// The groups for all that is usually limited.
pub(crate) fn groups(uid: Option<u32>) -> Groups {
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
