//! Decides which file systems of the kernel a container has, what of them it sees, and when its root becomes the root.

use super::{Builder, root};
use crate::mount::{Attributes, Op, Place};
use crate::namespace::Op::GoWithout;
use crate::{Actor, Loss, Why};
use ::cgroup::{Hierarchy, Version};
use spec::Capabilities;
use std::ffi::{CStr, CString};

/// What docker masks in `/proc`. Nothing of `/sys` is: a mount over a part of it would keep the next level from
/// mounting its own.
const MASKED: &[&CStr] = &[
    c"proc/acpi",
    c"proc/asound",
    c"proc/interrupts",
    c"proc/kcore",
    c"proc/keys",
    c"proc/latency_stats",
    c"proc/sched_debug",
    c"proc/scsi",
    c"proc/timer_list",
    c"proc/timer_stats",
];

/// What docker makes read-only in `/proc`.
const LOCKED: &[&CStr] = &[c"proc/bus", c"proc/fs", c"proc/irq", c"proc/sys", c"proc/sysrq-trigger"];

/// The clone's copy of the mounts stops receiving what is mounted outside, and sending what is mounted inside.
pub(crate) fn make_private(b: &mut Builder<'_>, actor: Actor) {
    b.step(actor, Op::MakePrivate, Why::Container);
}

/// A fresh `/proc` of the new PID namespace; where the kernel refuses that, the outer one with its covers.
pub(crate) fn proc(b: &mut Builder<'_>, at: Place) {
    let outer = Op::Bind {
        source: c"/proc".to_owned(),
        at: at.clone(),
        attributes: Attributes::INERT,
        recursive: true,
    };
    b.step_or_lose(fresh_proc(at), Why::Container, outer, Loss::Proc);
}

/// One without covers, for those inside.
pub(super) fn whole_proc(b: &mut Builder<'_>, at: Place, why: Why) {
    b.step_or_lose(fresh_proc(at), why, GoWithout { what: "a /proc without covers" }, None);
}

fn fresh_proc(at: Place) -> Op {
    Op::New { kind: c"proc", options: Vec::new(), attributes: Attributes::INERT, at, enter: false }
}

/// `/sys`: fresh and read-only where the container has a network of its own, else the outer one.
pub(crate) fn sys(b: &mut Builder<'_>) {
    let (attributes, at) = (Attributes::INERT.read_only(), Place::inside("sys"));
    let outer = Op::Bind { source: c"/sys".to_owned(), at: at.clone(), attributes, recursive: true };
    if b.spec.namespaces.net || b.ids.is_none() {
        let fresh = Op::New { kind: c"sysfs", options: Vec::new(), attributes, at, enter: false };
        match b.facts.sysfs {
            true => b.step_or_lose(fresh, Why::Container, outer, Loss::Sys),
            false => b.step_or_lose(fresh, Why::Container, GoWithout { what: "a /sys" }, Loss::NoSys),
        }
    } else if b.facts.sysfs {
        b.step(Actor::Init, outer, Why::Asked("--network host, or --pass below 5"));
    }
}

/// The container's own groups, to be read: binds of their directories, since a fresh mount would wait 8 ms.
pub(crate) fn groups(b: &mut Builder<'_>) {
    let hierarchies = b.facts.groups.hierarchies.clone();
    if hierarchies.is_empty() || !b.spec.namespaces.cgroup {
        return;
    }
    let attributes = Attributes::INERT.read_only();
    let legacy = hierarchies.iter().any(|hierarchy| hierarchy.version == Version::V1);
    if legacy {
        let options = options(&[("mode", "0755"), ("size", "64k")]);
        let at = Place::inside("sys/fs/cgroup");
        let op = Op::New { kind: c"tmpfs", options, attributes: Attributes::INERT, at, enter: false };
        b.step(Actor::Init, op, Why::Host("cgroup v1 has a directory for each controller"));
    }
    for hierarchy in hierarchies {
        let at = Place::inside(&place_of(&hierarchy, legacy));
        let op = Op::Bind { source: hierarchy.directory, at, attributes, recursive: false };
        b.step(Actor::Init, op, Why::Container);
    }
    if legacy {
        b.step(Actor::Init, Op::Lock { paths: &[c"sys/fs/cgroup"] }, Why::Rule("R15"));
    }
}

/// Where programs look for a hierarchy: beside v1, that of v2 is where systemd puts it.
fn place_of(hierarchy: &Hierarchy, legacy: bool) -> String {
    match hierarchy.version {
        Version::V2 if legacy => "sys/fs/cgroup/unified".to_owned(),
        Version::V2 => "sys/fs/cgroup".to_owned(),
        Version::V1 => {
            let names: Vec<&str> =
                hierarchy.controllers.iter().map(|controller| controller.name(Version::V1)).collect();
            format!("sys/fs/cgroup/{}", names.join(","))
        }
    }
}

/// Hides what of `/proc` tells about the host, and locks what would change it.
pub(crate) fn mask_proc(b: &mut Builder<'_>) {
    b.step(Actor::Init, Op::Mask { paths: MASKED }, Why::Rule("R3"));
    b.step(Actor::Init, Op::Lock { paths: LOCKED }, Why::Rule("R3"));
}

/// The container's root becomes the root. On an initial root filesystem it cannot (pivot_root(2)), and docker's filter lets
/// nobody do it, CAP_SYS_ADMIN or not. Who has that inside could unmount what was moved, and have the old root.
pub(crate) fn pivot(b: &mut Builder<'_>) {
    let tame = b.spec.capabilities.is_some_and(|some| some.with(Capabilities::SYS_ADMIN) != some);
    let on: &[i32] = if tame { &[libc::EINVAL, libc::EPERM] } else { &[libc::EINVAL] };
    b.step_otherwise(Actor::Init, Op::PivotRoot, Why::Container, on, Op::MoveRoot);
    if b.spec.read_only {
        let mounts = root::mounts(b);
        b.step(Actor::Init, Op::LockRoot { mounts }, Why::Asked("--read-only"));
    }
}

/// The options of a tmpfs of at most `size` bytes. A page an inode: the bound holds for empty files as well.
pub(crate) fn in_memory(mode: &str, size: u64) -> Vec<(CString, CString)> {
    options(&[("mode", mode), ("size", &size.to_string()), ("nr_inodes", &(size / 4096).max(1).to_string())])
}

/// File system options from text.
pub(crate) fn options(pairs: &[(&str, &str)]) -> Vec<(CString, CString)> {
    let text = |s: &str| CString::new(s).unwrap_or_default();
    pairs.iter().map(|(key, value)| (text(key), text(value))).collect()
}
