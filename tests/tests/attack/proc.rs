//! R2 and R3: what is written to `/proc` goes to a `/proc`, and what is covered is covered by what we made.

use crate::{inside, text, with_bind};
use end_to_end::{Kind, Somebody, err, lacks};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// CVE-2019-16884: an image brings a `/proc` of its own, to catch what is meant for the kernel.
#[test]
fn files_of_the_image_do_not_catch_what_is_meant_for_proc() {
    if lacks("fake-proc", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("fake-proc") {
        let root = somebody.rootfs("root");
        let fake = root.join("proc/sys/net/ipv4");
        fs::create_dir_all(&fake).expect("directories");
        fs::write(fake.join("ping_group_range"), "fake").expect("a file");
        fs::create_dir(root.join("proc/self")).expect("a directory");
        fs::write(root.join("proc/self/setgroups"), "fake").expect("a file");
        somebody.give(&root);
        let script = "stat -f -c %T /proc; cat /proc/self/comm";
        assert_eq!(inside(&somebody, &["--rootfs", text(&root)], script), "proc\ncat\n", "{}", somebody.kind);
        for file in ["proc/sys/net/ipv4/ping_group_range", "proc/self/setgroups"] {
            assert_eq!(fs::read_to_string(root.join(file)).expect("a file"), "fake", "{}", somebody.kind);
        }
    }
}

/// CVE-2025-52881: what is mounted on the `/proc` that the runtime itself uses is not one.
#[test]
fn a_proc_outside_that_is_none_gets_no_id_maps() {
    let Some(somebody) = Somebody::only(Kind::Root, "false-proc") else { return };
    let fake = somebody.home().join("proc");
    let files = ["uid_map", "gid_map", "mountinfo", "cgroup", "status", "setgroups"];
    fs::create_dir_all(fake.join("self/task/1")).expect("directories");
    for file in files {
        fs::copy(format!("/proc/self/{file}"), fake.join("self").join(file)).expect("a copy");
    }
    let mut inner = Command::new(somebody.program());
    inner.args(["run", "true"]);
    let output = with_bind(&fake, Path::new("/proc"), &inner);
    assert_eq!(output.status.code(), Some(125), "{}", err(&output));
    assert!(err(&output).starts_with("error[CX"), "{}", err(&output));
    let made: Vec<_> = fs::read_dir(&fake).expect("a directory").flatten().map(|e| e.file_name()).collect();
    assert_eq!(made, ["self"], "a directory for a process was looked for, or made");
}

/// CVE-2025-31133 and CVE-2025-52565: `/dev/null` of the image is a link, and with it whatever is covered by it.
#[test]
fn the_null_device_is_the_kernels_whatever_the_image_has_there() {
    if lacks("fake-null", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("fake-null") {
        let root = somebody.rootfs("root");
        let canary = somebody.home().join("canary");
        fs::write(&canary, "sings").expect("a file");
        somebody.give(&canary);
        let targets = [text(&canary), "../../canary", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"];
        for (name, target) in ["null", "zero", "console", "ptmx"].into_iter().zip(targets) {
            symlink(target, root.join("dev").join(name)).expect("a link");
        }
        fs::write(root.join("dev/full"), "fake").expect("a file");
        let script = "echo gone > /dev/null; stat -c '%F %t:%T' /dev/null /dev/full; readlink /dev/ptmx; \
            stat -c '%t:%T' /proc/timer_list";
        let expected = "character special file 1:3\ncharacter special file 1:7\npts/ptmx\n1:3\n";
        assert_eq!(inside(&somebody, &["--rootfs", text(&root)], script), expected, "{}", somebody.kind);
        assert_eq!(fs::read_to_string(&canary).expect("a file"), "sings", "{}", somebody.kind);
        assert_eq!(fs::read_to_string(root.join("dev/full")).expect("a file"), "fake", "{}", somebody.kind);
    }
}

/// What changes the kernel for all, or tells of it, is out of reach for root inside.
#[test]
fn the_kernels_switches_cannot_be_turned() {
    let switches = [
        ": >> /proc/sys/kernel/core_pattern",
        ": >> /proc/sys/kernel/modprobe",
        ": >> /proc/sys/kernel/hostname",
        ": >> /proc/sys/vm/drop_caches",
        ": >> /proc/sys/fs/file-max",
        ": >> /proc/sys/net/ipv4/ip_forward",
        ": >> /proc/sysrq-trigger",
        ": >> /proc/irq/default_smp_affinity",
        "touch /proc/sys/x",
        "touch /sys/x",
        "touch /sys/fs/cgroup/x",
        "mkdir /sys/kernel/config/x",
        ": >> /sys/kernel/uevent_helper",
        ": >> /sys/power/state",
        "test -n \"$(find /sys -xdev -type f -writable 2> /dev/null | head -1)\"",
        "test -n \"$(find /proc/sys -type f -writable 2> /dev/null | head -1)\"",
        "test -s /proc/kcore",
        "test -s /proc/keys",
        "test -n \"$(head -c 1 /proc/timer_list)\"",
        "dmesg",
    ];
    for somebody in Somebody::all("switches") {
        crate::all_refused(&somebody, &[], &switches);
        crate::all_refused(&somebody, &["--no-init"], &switches);
        if somebody.kind == Kind::Root {
            // With the host's ids, mounts alone stand before these.
            let readable = |attack: &&str| attack.starts_with(": >>") || attack.starts_with("t");
            let by_mount: Vec<&str> = switches.into_iter().filter(readable).collect();
            crate::all_refused(&somebody, &["--userns", "host"], &by_mount);
        }
    }
}
