//! Groups of cgroup v2 that we make ourselves, and in which steps.
//!
//! The caller is itself a member of the group below which the new one is to be, and v2 does not let
//! processes of a group compete with child groups ("no internal processes"). There are two ways:
//!
//! - cpu, cpuset and pids are threaded controllers (cgroup-v2.rst, "Threads"): enabling them turns the own group into the
//!   root of a threaded subtree, and a child that is made `threaded` can then be joined; one that is not gives
//!   EOPNOTSUPP.
//! - Where nobody but the caller is in the group, it moves aside into a child of its own, and all controllers can be had.
//!
//! Only the root of the hierarchy itself may have processes beside ordinary child groups.
//! If some child group already holds processes in the ordinary way, enabling a threaded controller gives EBUSY.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::access::{may_make_below, may_write};
use crate::groups::{c_string, plain};
use crate::layout::listed;
use crate::place::Place;
use crate::{Controller, Groups, Hierarchy, Version, delegation};

/// A group below `parent`, which has no processes.
pub(crate) fn in_group(parent: &Path, name: &str, wanted: &BTreeSet<Controller>) -> Groups {
    if let Err(why) = may_make_below(parent) {
        return Groups::none(wanted, &why);
    }
    // Of a group that is to be made, the one above decides what it has.
    let offered = if parent.exists() {
        listed(&parent.join("cgroup.controllers"))
    } else {
        let above = parent.ancestors().find(|group| group.exists()).unwrap_or(parent);
        listed(&above.join("cgroup.subtree_control"))
    };
    let (mut groups, granted) = grant(wanted, &offered, parent);
    groups.hierarchies.push(with_enabled(plain(Version::V2, granted, parent, name), parent));
    groups
}

/// A group below the caller's own.
pub(crate) fn below_own(place: &Place, name: &str, wanted: &BTreeSet<Controller>) -> Groups {
    let own = &place.own;
    if let Err(why) = may_arrange(place) {
        return Groups::none(wanted, &why);
    }
    let (mut groups, granted) = grant(wanted, &listed(&own.join("cgroup.controllers")), own);
    let hierarchy = with_enabled(plain(Version::V2, granted, own, name), own);
    if !hierarchy.enable.is_empty()
        && let Err(why) = may_write(&own.join("cgroup.subtree_control"))
    {
        return Groups::none(wanted, &why);
    }
    if is_hierarchy_root(own) {
        groups.hierarchies.push(hierarchy);
    } else if hierarchy.controllers.iter().all(|controller| controller.is_threaded()) {
        threaded(own, hierarchy, &mut groups);
    } else if is_alone(own) {
        let aside = Some(c_string(&own.join(format!("{name}-runtime"))));
        groups.hierarchies.push(Hierarchy { aside, ..hierarchy });
    } else {
        without_domain(own, hierarchy, &mut groups);
    }
    groups
}

/// Which of `wanted` the group `parent` has.
fn grant(wanted: &BTreeSet<Controller>, offered: &[Controller], parent: &Path) -> (Groups, Vec<Controller>) {
    let is_offered = |controller: &&Controller| offered.contains(controller) || controller.is_core();
    let (granted, missing): (Vec<&Controller>, Vec<&Controller>) = wanted.iter().partition(is_offered);
    let why = format!("{}/cgroup.controllers does not have it", parent.display());
    (Groups::none(missing, &why), granted.into_iter().copied().collect())
}

fn with_enabled(hierarchy: Hierarchy, parent: &Path) -> Hierarchy {
    let on = listed(&parent.join("cgroup.subtree_control"));
    let off = |controller: &&Controller| !on.contains(controller) && !controller.is_core();
    Hierarchy { enable: hierarchy.controllers.iter().filter(off).copied().collect(), ..hierarchy }
}

fn threaded(own: &Path, hierarchy: Hierarchy, groups: &mut Groups) {
    if !hierarchy.enable.is_empty() && has_populated_domain_child(own) {
        let why = format!("{} has child groups with processes beside its own", own.display());
        return groups.miss(&hierarchy.controllers, &why);
    }
    groups.hierarchies.push(Hierarchy { threaded: true, ..hierarchy });
}

/// The threaded controllers can still be had.
fn without_domain(own: &Path, hierarchy: Hierarchy, groups: &mut Groups) {
    let (controllers, domain): (Vec<Controller>, Vec<Controller>) =
        hierarchy.controllers.iter().copied().partition(|controller| controller.is_threaded());
    let why = format!("{} has processes of its own, beside which v2 gives it to no group", own.display());
    groups.miss(&domain, &why);
    let enable = hierarchy.enable.iter().copied().filter(|controller| controller.is_threaded()).collect();
    if !controllers.is_empty() {
        threaded(own, Hierarchy { controllers, enable, ..hierarchy }, groups);
    }
}

fn may_arrange(Place { mount, own }: &Place) -> Result<(), String> {
    may_make_below(own)?;
    // Who moves a process must be allowed to write here, in the group above both ends of the move.
    may_write(&own.join("cgroup.procs"))?;
    if delegation::is_ours(mount, own) {
        return Ok(());
    }
    Err(format!(
        "{} is systemd's: one to arrange comes with `systemd-run --scope -p Delegate=yes`",
        own.display()
    ))
}

/// Only the root of the whole hierarchy has no type. The root of a cgroup namespace looks like one by its
/// path, but has.
fn is_hierarchy_root(own: &Path) -> bool {
    !own.join("cgroup.type").exists()
}

/// Whether nobody but the caller is in the group, nor in a threaded one below it.
fn is_alone(own: &Path) -> bool {
    let members = fs::read_to_string(own.join("cgroup.procs")).unwrap_or_default();
    let kind = fs::read_to_string(own.join("cgroup.type")).unwrap_or_default();
    members.trim() == std::process::id().to_string() && kind.trim() == "domain"
}

/// Whether a child group, or one below it, holds processes, and the child is not threaded.
fn has_populated_domain_child(own: &Path) -> bool {
    let line = |file: &Path, line: &str| fs::read_to_string(file).is_ok_and(|s| s.lines().any(|l| l == line));
    let populated_domain = |child: &Path| {
        line(&child.join("cgroup.events"), "populated 1") && !line(&child.join("cgroup.type"), "threaded")
    };
    fs::read_dir(own).into_iter().flatten().flatten().any(|child| populated_domain(&child.path()))
}
