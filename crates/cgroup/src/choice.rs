//! Which groups can be made for a container, and where. Changes nothing.
//!
//! A controller is in one hierarchy only: that of v2, or one of v1. A host with both is called hybrid, and a container there
//! has a group in each hierarchy that it needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::access::may_make_below;
use crate::layout::listed;
use crate::place::{Place, resolve};
use crate::request::{Driver, Parent, Request, UNIFIED};
use crate::{Controller, Groups, Layout, Manager, Version, legacy, scope, unified};

/// The groups for `request` on a host with `layout`. `reachable` says whether an instance of systemd would answer.
pub fn choose(
    layout: &Layout,
    request: &Request<'_>,
    reachable: impl Fn(Manager) -> Result<(), String>,
) -> Groups {
    let mut groups = Groups { delegates: layout.delegates, ..Groups::default() };
    let has_v2 = layout
        .v2
        .as_ref()
        .map_or_else(|_| Vec::new(), |place| listed(&place.mount.join("cgroup.controllers")));
    let wanted: BTreeSet<Controller> = request.wanted.iter().copied().collect();
    let (v1, rest): (BTreeSet<_>, BTreeSet<_>) = wanted
        .into_iter()
        .partition(|controller| !has_v2.contains(controller) && layout.v1_of(*controller).is_some());
    legacy::choose(layout, request, &v1, &mut groups);
    if rest.is_empty() {
        return groups;
    }
    match &layout.v2 {
        Ok(place) => {
            let rest = known_to(place, &has_v2, rest, &mut groups);
            unified_groups(place, request, &rest, reachable, &mut groups);
        }
        Err(cause) => groups.miss(&rest, &format!("no hierarchy of v1 has it, and v2 is {cause}")),
    }
    groups
}

/// Those of `wanted` that the hierarchy of v2 has at all. Devices and the freezer are no controllers there, but everywhere.
fn known_to(
    place: &Place,
    has: &[Controller],
    wanted: BTreeSet<Controller>,
    groups: &mut Groups,
) -> BTreeSet<Controller> {
    let (known, unknown): (BTreeSet<_>, BTreeSet<_>) =
        wanted.into_iter().partition(|controller| has.contains(controller) || controller.is_core());
    let in_kernel = fs::read_to_string("/proc/cgroups").unwrap_or_default();
    for controller in &unknown {
        groups.miss([controller], &nowhere(*controller, place, &in_kernel));
    }
    known
}

/// Why no hierarchy has `controller`: it may be hidden, turned off, or not in the kernel at all. `/proc/cgroups` lists those
/// that are (`cgroups(7)`), by their names of v1.
fn nowhere(controller: Controller, place: &Place, in_kernel: &str) -> String {
    let name = controller.name(Version::V1);
    let listed = in_kernel.lines().any(|line| line.split_ascii_whitespace().next() == Some(name));
    if listed {
        return format!(
            "{}/cgroup.controllers does not have it, nor does a hierarchy of v1",
            place.mount.display()
        );
    }
    format!("this kernel was built without it, {}", controller.option())
}

fn unified_groups(
    place: &Place,
    request: &Request<'_>,
    wanted: &BTreeSet<Controller>,
    reachable: impl Fn(Manager) -> Result<(), String>,
    groups: &mut Groups,
) {
    if wanted.is_empty() {
        return;
    }
    let by_systemd = || scope::choose(place, request, wanted, &reachable);
    let chosen = match (request.driver, request.parent) {
        (_, Some(Parent::Slice(_))) | (Driver::Systemd, _) => by_systemd(),
        (_, Some(Parent::Path(parent))) => unified::in_group(&resolve(place, parent), request.name, wanted),
        (Driver::Cgroupfs, None) => unified::below_own(place, request.name, wanted),
        (Driver::Auto, None) => match handed_down(request) {
            Some(parent) => unified::in_group(&parent, request.name, wanted),
            None => {
                let own = unified::below_own(place, request.name, wanted);
                if own.missing.is_empty() { own } else { better(own, by_systemd()) }
            }
        },
    };
    groups.scope = chosen.scope;
    groups.hierarchies.extend(chosen.hierarchies);
    groups.missing.extend(chosen.missing);
}

/// The group in which whoever is inside of a container makes groups, where the container has one.
fn handed_down(request: &Request<'_>) -> Option<PathBuf> {
    let group = request.handed_down?.join(UNIFIED);
    (group.exists() && may_make_below(&group).is_ok()).then_some(group)
}

/// What gives more; what both lack, each for its own reason.
fn better(own: Groups, systemd: Groups) -> Groups {
    let (mut chosen, other) =
        if systemd.missing.len() < own.missing.len() { (systemd, own) } else { (own, systemd) };
    for missing in &mut chosen.missing {
        if let Some(why) = other.why_not(missing.controller).filter(|why| *why != missing.why) {
            missing.why = format!("{}; {why}", missing.why);
        }
    }
    chosen
}
