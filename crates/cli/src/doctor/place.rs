//! Where a container's control group and its state can be.

use super::Finding;
use cgroup::{Controller, Groups, Hierarchy, Version};
use plan::Facts;
use run::host::Host;
use std::ffi::CStr;

pub(super) fn group(groups: &Groups) -> Finding {
    let name = "control-groups";
    let fix = "where systemd runs: systemd-run --user --scope -p Delegate=yes containerception run … (root: without --user)";
    let missing = named(&groups.missing.iter().map(|missing| missing.controller).collect::<Vec<_>>());
    let why = groups.missing.first().map_or("", |missing| &missing.why);
    if groups.hierarchies.is_empty() {
        let means = "RLIMIT_NPROC limits the number of processes instead, and nothing else can be limited";
        return Finding::limits(name, format!("none can be made ({why})"), means, fix);
    }
    let found = groups.hierarchies.iter().map(told).collect::<Vec<_>>().join("; ");
    let found = match &groups.scope {
        Some(scope) => format!("{found}, a scope of systemd's in {}", scope.slice),
        None => found,
    };
    if groups.missing.is_empty() {
        return Finding::ok(name, found, "every limit can be held: memory, CPU, disks and processes");
    }
    let means = format!("what needs {missing} cannot be limited: {why}");
    Finding::limits(name, found, means, "containerception explain CX5003 tells what each limit needs")
}

fn told(hierarchy: &Hierarchy) -> String {
    let version = if hierarchy.version == Version::V1 { "v1" } else { "v2" };
    let kind = if hierarchy.threaded { " (threaded)" } else { "" };
    format!("{version}{kind}: {} in {}", named(&hierarchy.controllers), parent(&hierarchy.directory))
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
