//! Where a container's control group and its state can be.

use super::Finding;
use plan::Facts;
use plan::facts::Group;
use run::host::Host;
use std::ffi::CStr;

pub(super) fn group(group: &Group) -> Finding {
    let name = "control-groups";
    let means = "a group limits the number of processes";
    match group {
        Group::V1 { directory } => {
            Finding::ok(name, format!("v1: one can be made in {}", parent(directory)), means)
        }
        Group::V2 { directory, threaded, .. } => {
            let kind = if *threaded { "a threaded one" } else { "one" };
            Finding::ok(name, format!("v2: {kind} can be made in {}", parent(directory)), means)
        }
        Group::None { why } => Finding::limits(
            name,
            format!("none can be made ({why})"),
            "RLIMIT_NPROC limits the number of processes instead",
            "where systemd runs: systemd-run --user --scope -p Delegate=yes containerception run … (root: without --user)",
        ),
    }
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
