//! `/proc`, `/sys` and `/dev`: the container's own, and closed where they are the host's.

use crate::printed;
use end_to_end::{Kind, Somebody, err, lacks, out};
use std::path::Path;

/// What docker masks in `/proc`.
const MASKED: [&str; 8] =
    ["acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "scsi", "timer_list"];
/// What docker makes read-only in `/proc`.
const LOCKED: [&str; 5] = ["bus", "fs", "irq", "sys", "sysrq-trigger"];

#[test]
fn what_tells_about_the_hosts_kernel_is_empty() {
    for somebody in Somebody::all("system-masked") {
        for name in MASKED.iter().map(|name| format!("/proc/{name}")).filter(|name| Path::new(name).exists())
        {
            let script = format!("if test -d {name}; then ls -A {name}; else cat {name}; fi");
            assert_eq!(printed(&somebody, &["sh", "-c", &script]), "", "{}: {name}", somebody.kind);
        }
    }
}

#[test]
fn what_changes_the_hosts_kernel_is_read_only() {
    for somebody in Somebody::all("system-locked") {
        for name in LOCKED.iter().map(|name| format!("/proc/{name}")).filter(|name| Path::new(name).exists())
        {
            let output = somebody.run(&["sh", "-c", &format!("test -w {name}")]);
            assert_eq!(output.status.code(), Some(1), "{}: {name}", somebody.kind);
        }
        let output = somebody.run(&["sh", "-c", "echo other > /proc/sys/kernel/hostname"]);
        assert!(err(&output).contains("Read-only file system"), "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn sys_is_read_only() {
    let script =
        "touch /sys/x; mkdir /sys/fs/cgroup/x; echo 1 > /sys/kernel/profiling; mount -o remount,rw /sys";
    for somebody in Somebody::all("system-sys") {
        for network in ["none", "host"] {
            let output = somebody.run(&["--network", network, "sh", "-c", script]);
            assert!(!output.status.success(), "{}", somebody.kind);
            let refusals = err(&output).matches("Read-only file system").count();
            assert!(refusals >= 2, "{}: {network}: {}", somebody.kind, err(&output));
        }
    }
}

#[test]
fn the_devices_are_the_standard_ones() {
    let script = "cd /dev; ls; head -c 3 zero | wc -c; head -c 5 random | wc -c; head -c 5 urandom | wc -c
        echo gone > null; cat null; echo x > full || echo full";
    let devices = "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero";
    for somebody in Somebody::all("system-devices") {
        let output = somebody.run(&["sh", "-c", script]);
        let text = out(&output);
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        assert_eq!(words.join(" "), format!("{devices} 3 5 5 full"), "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn no_device_can_be_made_that_works() {
    for somebody in Somebody::all("system-mknod") {
        // mknod(2) is refused in a user namespace; were it not, nodev would have the node lead nowhere.
        let script = "for d in /dev /tmp /usr/bin /root; do mknod $d/disk b 8 0; cat $d/disk; done";
        let output = somebody.run(&["sh", "-c", script]);
        assert_eq!(out(&output), "", "{}", somebody.kind);
        assert_eq!(err(&output).matches("mknod:").count(), 4, "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn terminals_shared_memory_and_queues_are_the_containers_own() {
    if lacks("system-own", &["script"]) {
        return;
    }
    for somebody in Somebody::all("system-own") {
        let output = somebody.run(&["script", "-qec", "tty; ls /dev/pts", "/dev/null"]);
        let text = out(&output).replace('\r', "");
        assert_eq!(text, "/dev/pts/0\n0  ptmx\n", "{}: {}", somebody.kind, err(&output));
        assert_eq!(
            printed(&somebody, &["ls", "-A", "/dev/shm", "/dev/mqueue"]),
            "/dev/mqueue:\n\n/dev/shm:\n"
        );
        let script = "echo a > /dev/shm/a; cat /dev/shm/a";
        assert_eq!(printed(&somebody, &["sh", "-c", script]), "a\n", "{}", somebody.kind);
    }
}

#[test]
fn only_the_own_control_group_is_seen() {
    for somebody in Somebody::all("system-groups") {
        let groups = printed(&somebody, &["cat", "/proc/self/cgroup"]);
        let outside = groups.lines().filter(|line| !line.ends_with(":/"));
        assert_eq!(outside.count(), 0, "{}: {groups}", somebody.kind);
    }
}

#[test]
fn the_groups_limit_can_be_read_and_not_changed() {
    let Some(somebody) = Somebody::only(Kind::Root, "system-limit") else { return };
    let script = "cd /sys/fs/cgroup; test -d pids && cd pids; cat pids.max; echo 9 > pids.max; mkdir below";
    let output = somebody.run(&["--pids-limit", "99", "sh", "-c", script]);
    assert_eq!(out(&output), "99\n", "{}", err(&output));
    assert_eq!(err(&output).matches("Read-only file system").count(), 2, "{}", err(&output));
}
