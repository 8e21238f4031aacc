//! Sharing out: what a container has been given, those inside may have parts of, each in a group of its own below.
//!
//! On v1 that is a group `inside` below the container's, which belongs to root inside. v2 gives a group that shares out no
//! processes of its own (cgroup-v2.rst, "No Internal Process Constraint"): there the container's are in `payload` beside it.

use super::{Builder, cgroup};
use crate::cgroup::{INSIDE, Op, below};
use crate::identity::{Ids, Source};
use crate::limit::{self, Setting};
use crate::nest::GROUPS;
use crate::{Actor, Why};
use ::cgroup::{Controller, Hierarchy, Version};
use std::ffi::CString;

const WHY: Why = Why::SoThat("a container inside can have limits of its own");

/// The controllers of v1 whose limits bind all groups below, whatever these say. Those of block devices do not: there each
/// group is looked at by itself (`Documentation/admin-guide/cgroup-v1/blkio-controller.rst`, "Hierarchical Cgroups").
const HIERARCHICAL: [Controller; 5] =
    [Controller::Memory, Controller::Cpu, Controller::Cpuacct, Controller::Cpuset, Controller::Pids];

/// How many groups there may be below one of v2 that is shared out: the kernel has 65,535 that count memory, for all.
const MOST: u32 = 1000;

/// The group below that of the container in which containers inside make theirs.
pub(super) fn handed_down(b: &Builder<'_>, hierarchy: &Hierarchy) -> Option<CString> {
    (is_wanted(b, hierarchy) && is_held(b, hierarchy)).then(|| below(&hierarchy.directory, INSIDE))
}

/// Whether it is limited by what somebody asked for, or is shared out already: what nobody limits needs no sharing out.
fn is_wanted(b: &Builder<'_>, hierarchy: &Hierarchy) -> bool {
    let asked = || {
        let asked = limit::controllers(&b.spec.resources);
        let by_default = |controller| controller == Controller::Pids && cgroup::has_default_pids(b);
        let mut own = asked.into_iter().filter(|controller| hierarchy.controllers.contains(controller));
        own.any(|controller| !by_default(controller))
    };
    b.nests() && can_be_shared(hierarchy) && (is_inside(hierarchy) || asked())
}

fn can_be_shared(hierarchy: &Hierarchy) -> bool {
    match hierarchy.version {
        Version::V1 => hierarchy.controllers.iter().all(|controller| HIERARCHICAL.contains(controller)),
        // A threaded group passes on some only, and to threaded groups.
        Version::V2 => !hierarchy.threaded && !shared(hierarchy).is_empty(),
    }
}

/// What is passed on to the groups below on v2.
fn shared(hierarchy: &Hierarchy) -> Vec<Controller> {
    hierarchy.controllers.iter().copied().filter(|controller| !controller.is_core()).collect()
}

/// Whether the limits of those inside would hold. Who has the ids of whoever made a group could change its files, as a mount
/// of the hierarchy can be had anew inside; unless the kernel bars that, it takes an id that is kept back, and ids that no
/// other container has.
fn is_held(b: &Builder<'_>, hierarchy: &Hierarchy) -> bool {
    let apart = |ids: &Ids| {
        let several = ids.uids.iter().map(|extent| u64::from(extent.count)).sum::<u64>() > 1;
        several && matches!(ids.source, Source::Reserved | Source::Copied)
    };
    hierarchy.version == Version::V2 && b.facts.groups.delegates || b.ids.as_ref().is_some_and(apart)
}

/// Whether the container around has handed down where this is made.
pub(super) fn is_inside(hierarchy: &Hierarchy) -> bool {
    hierarchy.parent.to_bytes().starts_with(GROUPS.as_bytes())
}

/// How many groups there may be below a container's group of v2: where its root has made it, the kernel asks nobody else.
pub(super) fn groups_below(b: &Builder<'_>, hierarchy: &Hierarchy) -> Option<u32> {
    let most = if handed_down(b, hierarchy).is_some() { MOST } else { 0 };
    (hierarchy.version == Version::V2).then_some(most)
}

/// Root of a container that is inside of another one is, as far as files go, the one who makes its groups.
pub(super) fn keep(b: &mut Builder<'_>, hierarchy: &Hierarchy) {
    let Some(owner) = b.kept_back() else { return };
    let (directory, version) = (hierarchy.directory.clone(), hierarchy.version);
    b.step(Actor::Runtime, Op::Keep { directory, version, owner }, Why::Rule("R15"));
}

/// Makes the groups for it.
pub(super) fn hand_down(b: &mut Builder<'_>, hierarchy: &Hierarchy, settings: &[Setting]) {
    let Some(inside) = handed_down(b, hierarchy) else {
        if is_wanted(b, hierarchy) {
            b.note(NOT_SHARED.to_owned());
        }
        return;
    };
    let (directory, version) = (hierarchy.directory.clone(), hierarchy.version);
    let owner = b.ids.as_ref().map(Ids::root).filter(|(uid, _)| *uid != b.facts.caller.uid);
    let payload = (version == Version::V2).then(|| b.slot());
    b.step(Actor::Runtime, Op::HandDown { directory: directory.clone(), version, owner, payload }, WHY);
    if let Some(payload) = payload {
        b.shared = Some(Shared { directory, controllers: shared(hierarchy), payload });
    }
    for setting in cgroup::inherited(hierarchy, &[]) {
        let asked = settings.iter().find(|asked| asked.file == setting.file).cloned();
        cgroup::set(b, &inside, asked.unwrap_or(setting), Why::Host(cgroup::EMPTY));
    }
}

const NOT_SHARED: &str = "its limits hold for all inside together, and no part of them can be given: other containers may have its ids";

/// A group of v2 that is shared out.
#[derive(Clone)]
pub(super) struct Shared {
    directory: CString,
    controllers: Vec<Controller>,
    /// What is needed to join the group of the container's own processes.
    payload: crate::Slot,
}

/// Once the group is the root of what it sees, init leaves it.
pub(super) fn enter_payload(b: &mut Builder<'_>) {
    if let Some(Shared { payload, .. }) = b.shared {
        b.step(Actor::Init, Op::EnterPayload { slot: payload }, Why::Host(NO_PROCESSES));
    }
}

/// Once init has left it, the group passes on what it has.
pub(super) fn share_out(b: &mut Builder<'_>) {
    if let Some(Shared { directory, controllers, .. }) = b.shared.clone() {
        let controllers = cgroup::list(&controllers);
        let file = below(&directory, "cgroup.subtree_control");
        b.step(Actor::Runtime, Op::ShareOut { file, controllers }, WHY);
    }
}

const NO_PROCESSES: &str = "a group of v2 that shares out has no processes of its own";
