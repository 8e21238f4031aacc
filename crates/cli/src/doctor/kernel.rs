//! What the kernel has, and what it has not yet.

use super::Finding;
use plan::Facts;
use plan::facts::{Kernel, Layer};

/// The first with `mount_setattr(2)`, the last of the calls that every container needs.
const OLDEST: Kernel = Kernel(5, 12);
/// The first whose tmpfs has extended attributes of users.
const ATTRIBUTES: Kernel = Kernel(6, 6);

pub(super) fn version(kernel: Kernel) -> Finding {
    let found = format!("Linux {}.{}", kernel.0, kernel.1);
    if kernel >= OLDEST {
        return Finding::ok("kernel", found, "it has every call that a container needs");
    }
    Finding::fails(
        "kernel",
        found,
        "calls are missing that every container needs",
        "run this on Linux 5.12 or newer",
    )
}

pub(super) fn overlay(at_hand: bool) -> Finding {
    if at_hand {
        return Finding::ok("overlay", "the kernel has overlay", "/usr and /opt can be shown copy-on-write");
    }
    Finding::limits(
        "overlay",
        "the kernel does not have overlay loaded",
        "it is loaded with the first container that needs it, if this kernel has it as a module",
        "as root: modprobe overlay",
    )
}

fn usr(facts: &Facts) -> Option<&Layer> {
    facts.layers.iter().find(|layer| layer.name.as_c_str() == c"usr")
}

/// Whether the runtime mounts, which it does where it maps ids.
fn shifts_ids(facts: &Facts) -> bool {
    facts.caller.initial && facts.caller.can_mount && usr(facts).is_some_and(|usr| usr.id_mappable)
}

pub(super) fn id_mapped(facts: &Facts, file_system: Option<&str>) -> Finding {
    let name = "id-mapped-mounts";
    let kind = file_system.unwrap_or("an unknown file system");
    if shifts_ids(facts) {
        let found = format!("/usr is on {kind}, whose mounts can shift ids");
        return Finding::ok(name, found, "the host's programs belong to root inside, who can change them");
    }
    let means =
        "the host's programs belong to nobody inside, and root there can add to them, but not change them";
    let own = "for files that root inside owns: containerception init DIR, then run --rootfs DIR";
    if facts.caller.initial && facts.caller.can_mount {
        let found = format!("/usr is on {kind}, whose mounts cannot shift ids on this kernel");
        return Finding::limits(name, found, means, own);
    }
    let found = "only the host's root may shift the ids of mounts";
    Finding::limits(name, found, means, own)
}

pub(super) fn attributes(facts: &Facts) -> Finding {
    let name = "tmpfs-attributes";
    let missing = "tmpfs has no attributes of users, which came with Linux 6.6";
    let memory = "what a container writes stays in memory";
    match &facts.state.on_disk {
        _ if facts.kernel >= ATTRIBUTES => Finding::ok(name, "tmpfs has attributes of users", memory),
        _ if shifts_ids(facts) => {
            Finding::ok(name, format!("{missing}; root's containers do without"), memory)
        }
        Some(on_disk) => {
            let place = super::place::parent(&on_disk.directory);
            let means = format!("what a container writes goes to disk, below {place}, and nothing bounds it");
            Finding::limits(name, missing, means, "run this on Linux 6.6 or newer")
        }
        None => Finding::fails(
            name,
            missing,
            "what a container writes has no place",
            "set XDG_DATA_HOME to a directory of your own, or run this on Linux 6.6 or newer",
        ),
    }
}
