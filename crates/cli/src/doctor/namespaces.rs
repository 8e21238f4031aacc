//! Whether the namespaces of a container can be made here, and filled: from the trial, and from what can be read.

use super::Finding;
use plan::facts::Caller;
use run::host::{Host, Outcome};

pub(super) fn users(host: &Host, caller: &Caller) -> Finding {
    let name = "user-namespaces";
    match &host.trial.namespaces {
        Outcome::Works => {
            let found = format!("a process could have its own{}", sysctls(host));
            match host.sysctls.iter().find(|(name, value)| bars_users(name, *value)) {
                Some((sysctl, value)) if caller.can_mount => {
                    let fix = format!("as root: sysctl {sysctl}={}", 1 - value);
                    Finding::limits(name, found, "root can have containers, ordinary users cannot", &fix)
                }
                _ => Finding::ok(name, found, "containers can have their own users"),
            }
        }
        Outcome::Refused(error) if caller.can_mount && caller.initial => {
            Finding::error(name, error, "no container can be made, but with --userns host")
        }
        Outcome::Refused(error) => Finding::error(name, error, "no container can be made"),
        Outcome::Untried => untried(name, "this process has several threads"),
    }
}

/// What can be said of what was not tried.
fn untried(name: &'static str, why: &str) -> Finding {
    let found = format!("not tried, since {why}");
    Finding::limits(name, found, "it may work or not", "containerception run true tells")
}

/// The sysctls of this kernel, in brackets.
fn sysctls(host: &Host) -> String {
    let all: Vec<String> = host.sysctls.iter().map(|(name, value)| format!("{name} is {value}")).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

/// Debian's sysctl is 0 and Ubuntu's 1 where user namespaces are for root alone.
fn bars_users(sysctl: &str, value: u64) -> bool {
    matches!(
        (sysctl, value),
        ("kernel.unprivileged_userns_clone", 0) | ("kernel.apparmor_restrict_unprivileged_userns", 1)
    )
}

fn after_users(name: &'static str) -> Finding {
    Finding {
        fix: Some("see user-namespaces".to_owned()),
        ..untried(name, "no user namespace could be made")
    }
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
        Outcome::Untried => after_users("mounts"),
    }
}

pub(super) fn proc(host: &Host) -> Finding {
    let means = "containers see the processes of the one around in place of their own, and ps fails";
    let covered = host.outer.obstacles.iter().any(|obstacle| obstacle.ends_with("/proc"));
    match &host.trial.proc {
        Outcome::Works => {
            Finding::ok("proc", "a fresh /proc could be mounted", "a container sees its own processes alone")
        }
        Outcome::Refused(error) => {
            let fix = error.fix.as_deref().unwrap_or("see outer-container");
            Finding::limits("proc", error.what.clone(), means, fix)
        }
        Outcome::Untried if covered => {
            let fix = host.outer.fix.as_deref().unwrap_or("see user-namespaces");
            Finding::limits("proc", "the container around this one hides parts of /proc", means, fix)
        }
        Outcome::Untried => after_users("proc"),
    }
}

pub(super) fn outer(host: &Host) -> Finding {
    let name = "outer-container";
    let all = [&host.trial.namespaces, &host.trial.mounts, &host.trial.proc];
    let seen: Vec<&str> = host.outer.world.iter().chain(&host.outer.obstacles).copied().collect();
    if seen.is_empty() {
        return Finding::ok(name, "no sign of one", "nothing outside of the kernel forbids containers");
    }
    let seen = format!("around this process: {}", seen.join(", "));
    if all.iter().all(|outcome| **outcome == Outcome::Works) {
        return Finding::ok(name, seen, "it lets containers be made");
    }
    let fix = host.outer.fix.as_deref().unwrap_or("see user-namespaces");
    Finding::limits(name, seen, "it may forbid containers inside, or parts of them", fix)
}
