//! Where a container's control group and its state can be.

use super::Finding;
use cgroup::{Controller, Hierarchy, Version};
use plan::Facts;
use run::host::Host;
use std::ffi::CStr;

pub(super) fn group(host: &Host) -> Finding {
    let groups = &host.groups;
    let name = "control-groups";
    let fix = "where systemd runs: systemd-run --user --scope -p Delegate=yes containerception run … (root: without --user)";
    let missing = named(&groups.missing.iter().map(|missing| missing.controller).collect::<Vec<_>>());
    let why = groups.missing.first().map_or("", |missing| &missing.why);
    if groups.hierarchies.is_empty() {
        let means = "RLIMIT_NPROC limits the number of processes instead, and nothing else can be limited";
        return Finding::limits(name, format!("none can be made ({why})"), means, fix);
    }
    let found = told(&groups.hierarchies);
    let found = match &groups.scope {
        Some(scope) => format!("{found}, a scope of systemd's in {}", scope.slice),
        None => found,
    };
    if groups.missing.is_empty() {
        let means = "memory, CPU, disks and processes can be limited";
        return match host.disk_weights {
            true => Finding::ok(name, found, means),
            false => Finding::ok(name, found, format!("{means}; no disk goes by weights (none has bfq)")),
        };
    }
    let means = format!("what needs {missing} cannot be limited: {why}");
    Finding::limits(name, found, means, "containerception explain CX5003 tells what each limit needs")
}

/// The controllers of each version; where, if that is one place. Those of v1 have a hierarchy each.
fn told(hierarchies: &[Hierarchy]) -> String {
    let of = |version| hierarchies.iter().filter(move |hierarchy| hierarchy.version == version);
    let told = |(version, name): (Version, &str)| {
        let controllers: Vec<Controller> = of(version).flat_map(|one| one.controllers.clone()).collect();
        let threaded = if of(version).any(|one| one.threaded) { " (threaded)" } else { "" };
        let place = match &*of(version).collect::<Vec<_>>() {
            [] => return None,
            [one] => format!("in {}", parent(&one.directory)),
            [first, ..] => format!("in {} and so on", parent(&first.directory)),
        };
        Some(format!("{name}{threaded}: {} {place}", named(&controllers)))
    };
    [(Version::V1, "v1"), (Version::V2, "v2")].into_iter().filter_map(told).collect::<Vec<_>>().join("; ")
}

fn named(controllers: &[Controller]) -> String {
    controllers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn state(facts: &Facts, host: &Host) -> Finding {
    let name = "state-directory";
    match &host.state {
        None => Finding::ok(
            name,
            facts.state.root.to_string_lossy(),
            "what has to be undone after a container is noted there",
        ),
        Some(error) => Finding::error(name, error, "no container can be started"),
    }
}

/// The directory that holds a path, for people.
pub(super) fn parent(path: &CStr) -> String {
    let path = path.to_string_lossy();
    path.rsplit_once('/').map_or_else(String::new, |(parent, _)| parent.to_owned())
}
