//! `--userns host`: root inside is the host's root, and what is missing of its powers is the only wall.

use crate::{all_refused, inside, told, tool};
use end_to_end::{Kind, Running, Somebody, err, out};
use std::process::Stdio;

/// CLONE_NEWUSER (clone(2)).
const NEW_USER: &str = "0x10000000";

/// In a user namespace every capability is back. From there a fresh `/proc` could be mounted, whose
/// `/proc/sys/kernel/core_pattern` names a program that the kernel runs as root outside; and control groups of the
/// host could be written (CVE-2022-0492).
#[test]
fn no_user_namespace_can_be_made() {
    let Some(somebody) = Somebody::only(Kind::Root, "host-namespace") else { return };
    let attacks = [
        "unshare -U true",
        "unshare -Ur true",
        "unshare -Urpf --mount-proc sh -c ': >> /proc/sys/kernel/core_pattern'",
        "unshare -Urpf --mount-proc sh -c ': >> /proc/sysrq-trigger'",
        "unshare -UrmC sh -c 'mount -t cgroup -o pids none /mnt && : >> /mnt/pids.max'",
        "unshare -UrmC mount -t cgroup -o memory none /mnt",
        "bwrap --unshare-user --ro-bind / / true",
    ];
    all_refused(&somebody, &["--userns", "host"], &attacks);
    all_refused(&somebody, &["--userns", "host", "--network", "host"], &attacks);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn no_user_namespace_can_be_made_by_any_call() {
    let Some(somebody) = Somebody::only(Kind::Root, "host-clone") else { return };
    let Some(tool) = tool(&somebody, "host-clone") else { return };
    let tell = |arguments: &[&str]| told(&somebody, &tool, &["--userns", "host"], arguments);
    for flags in [NEW_USER, "0x10000011", "0x7e020011", "0x110000000"] {
        assert_eq!(tell(&["call", "272", flags]), "EPERM", "unshare {flags}");
        assert_eq!(tell(&["call", "56", flags]), "EPERM", "clone {flags}");
    }
    assert_eq!(tell(&["call", "435", "0", "88"]), "ENOSYS", "clone3");
}

/// Threads and processes are made by the calls that remain.
#[test]
fn programs_still_start_programs() {
    let Some(somebody) = Somebody::only(Kind::Root, "host-fork") else { return };
    let script = "sh -c 'true & wait' && (yes | head -1) && xargs -P 4 -n 1 echo < /dev/null && echo done";
    assert!(inside(&somebody, &["--userns", "host"], script).ends_with("done\n"));
}

/// The same where root keeps its id in a user namespace of its own making, in which the container is started.
#[test]
fn a_namespace_that_keeps_roots_id_makes_no_difference() {
    let Some(somebody) = Somebody::only(Kind::Root, "kept-id") else { return };
    let mut command = somebody.command("unshare");
    command.arg("-Ur").arg(somebody.program());
    command.args(["run", "sh", "-c", "unshare -U true 2> /dev/null && echo made one; echo tried"]);
    let output = Running::start(command.stdin(Stdio::null())).finish();
    assert_eq!(out(&output), "tried\n", "{}", err(&output));
}
