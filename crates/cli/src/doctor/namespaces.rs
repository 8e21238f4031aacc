//! Whether the namespaces of a container can be made here, and filled: from the trial, and from what can be read.

use super::Finding;
use plan::facts::Caller;
use run::host::{Host, Outcome};

/// What can be said of what comes after something that is refused.
const UNTRIED: &str = "it was not tried, since user namespaces are refused";
const UNTRIED_FIX: &str = "see user-namespaces first";

pub(super) fn users(host: &Host, caller: &Caller) -> Finding {
    let name = "user-namespaces";
    match &host.trial.namespaces {
        Outcome::Works => match host.sysctls.iter().find(|(name, value)| bars_users(name, *value)) {
            Some((sysctl, value)) if caller.can_mount => Finding::limits(
                name,
                format!("a process could have its own, and {sysctl} is {value}"),
                "root can have containers, ordinary users cannot",
                &format!("as root: sysctl {sysctl}={}", 1 - value),
            ),
            _ => Finding::ok(name, "a process could have its own", "containers can have their own users"),
        },
        Outcome::Refused(error) => {
            let means = if caller.can_mount && caller.initial {
                "no container can be made, but with --userns host"
            } else {
                "no container can be made by this user"
            };
            Finding::error(name, error, means)
        }
        Outcome::Untried => Finding::limits(
            name,
            "it was not tried, since this process has several threads",
            "whether containers can be made is not known",
            "try containerception run true",
        ),
    }
}

/// Debian's sysctl is 0 and Ubuntu's 1 where user namespaces are for root alone.
fn bars_users(sysctl: &str, value: u64) -> bool {
    matches!(
        (sysctl, value),
        ("kernel.unprivileged_userns_clone", 0) | ("kernel.apparmor_restrict_unprivileged_userns", 1)
    )
}

pub(super) fn mounts(host: &Host) -> Finding {
    let means = "no root filesystem can be built";
    match &host.trial.mounts {
        Outcome::Works => Finding::ok(
            "mounts",
            "a file system could be mounted in namespaces of their own",
            "a root filesystem can be built",
        ),
        Outcome::Refused(error) => Finding::error("mounts", error, means),
        Outcome::Untried => Finding::limits("mounts", UNTRIED, "it is not known", UNTRIED_FIX),
    }
}

pub(super) fn proc(host: &Host) -> Finding {
    let means = "no container can see its own processes, and so none is made";
    let covered = host.outer.obstacles.iter().any(|obstacle| obstacle.ends_with("/proc"));
    match &host.trial.proc {
        Outcome::Works => {
            Finding::ok("proc", "a fresh /proc could be mounted", "a container sees its own processes alone")
        }
        Outcome::Refused(error) => Finding::error("proc", error, means),
        Outcome::Untried if covered => {
            let fix = host.outer.fix.as_deref().unwrap_or(UNTRIED_FIX);
            Finding::fails("proc", "the container around this one hides parts of /proc", means, fix)
        }
        Outcome::Untried => Finding::limits("proc", UNTRIED, "it is not known", UNTRIED_FIX),
    }
}

pub(super) fn outer(host: &Host) -> Finding {
    let name = "outer-container";
    let all = [&host.trial.namespaces, &host.trial.mounts, &host.trial.proc];
    let seen = host.outer.obstacles.join(", ");
    if seen.is_empty() {
        return Finding::ok(name, "no sign of one", "nothing outside of the kernel forbids containers");
    }
    if all.iter().all(|outcome| **outcome == Outcome::Works) {
        return Finding::ok(name, format!("around this process: {seen}"), "it lets containers be made");
    }
    let fix = host.outer.fix.as_deref().unwrap_or(UNTRIED_FIX);
    Finding::limits(name, format!("around this process: {seen}"), "it may forbid containers inside", fix)
}
