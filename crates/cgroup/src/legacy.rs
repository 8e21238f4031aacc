//! Groups of cgroup v1: one in each hierarchy that has a wanted controller.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::access::may_make_below;
use crate::groups::plain;
use crate::layout::Legacy;
use crate::place::resolve;
use crate::request::{Driver, Parent, Request};
use crate::{Controller, Groups, Layout, Version};

pub(crate) fn choose(
    layout: &Layout,
    request: &Request<'_>,
    wanted: &BTreeSet<Controller>,
    groups: &mut Groups,
) {
    for legacy in &layout.v1 {
        let here: Vec<Controller> =
            legacy.controllers.iter().copied().filter(|controller| wanted.contains(controller)).collect();
        if !here.is_empty() {
            add(legacy, request, here, groups);
        }
    }
}

fn add(legacy: &Legacy, request: &Request<'_>, here: Vec<Controller>, groups: &mut Groups) {
    if request.driver == Driver::Systemd {
        return groups.miss(&here, "systemd makes groups of cgroup v2 only, and it is in a hierarchy of v1");
    }
    let parent = match (&legacy.place, request.parent) {
        (Err(cause), _) => return groups.miss(&here, &format!("its hierarchy is {cause}")),
        (Ok(place), Some(Parent::Path(parent))) => resolve(place, parent),
        (Ok(place), None) => handed_down(legacy, request).unwrap_or_else(|| place.own.clone()),
        (Ok(_), Some(Parent::Slice(_))) => return groups.miss(&here, "a slice is of systemd's on cgroup v2"),
    };
    if let Err(why) = may_make_below(&parent) {
        return groups.miss(&here, &why);
    }
    let cpuset = here.contains(&Controller::Cpuset).then(|| cpuset(&parent));
    groups.hierarchies.push(crate::Hierarchy { cpuset, ..plain(Version::V1, here, &parent, request.name) });
}

/// The group in which whoever is inside of a container makes groups, where the container has one.
fn handed_down(legacy: &Legacy, request: &Request<'_>) -> Option<PathBuf> {
    let all = request.handed_down?;
    let groups = legacy.controllers.iter().map(|controller| all.join(controller.name(Version::V1)));
    groups.into_iter().find(|group| group.exists() && may_make_below(group).is_ok())
}

/// What a new group below `parent` may have at most (cpuset(7)).
fn cpuset(parent: &Path) -> [String; 2] {
    let there = parent.ancestors().find(|group| group.exists()).unwrap_or(parent);
    ["cpuset.cpus", "cpuset.mems"]
        .map(|file| fs::read_to_string(there.join(file)).unwrap_or_default().trim().to_owned())
}
