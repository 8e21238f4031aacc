//! What of the host is in the default root: its programs, and nothing private.

use crate::printed;
use end_to_end::{Somebody, out};
use std::fs;
use testbed::scratch::Scratch;

#[test]
fn directories_for_private_things_are_new_and_empty() {
    let script = "for d in /home /root /mnt /media /srv /tmp /var/tmp /var/lib /var/log /var/cache /var/spool; do ls -A $d; done";
    for somebody in Somebody::all("host-empty") {
        assert_eq!(printed(&somebody, &["sh", "-c", script]), "", "{}", somebody.kind);
        assert_eq!(printed(&somebody, &["sh", "-c", "ls -A /run /run/lock"]), "/run:\nlock\n\n/run/lock:\n");
    }
}

#[test]
fn a_file_in_the_hosts_tmp_is_not_there() {
    let scratch = Scratch::new("canary").expect("a directory");
    let canary = scratch.path().join("canary");
    fs::write(&canary, "sings").expect("a file");
    let canary = canary.to_str().expect("UTF-8");
    for somebody in Somebody::all("host-canary") {
        let home = somebody.home();
        fs::write(home.join("canary"), "sings").expect("a file");
        let script = format!("cat {canary} {}/canary; ls -d {}", home.display(), home.display());
        let output = somebody.run(&["sh", "-c", &script]);
        assert!(!output.status.success(), "{}", somebody.kind);
        assert_eq!(out(&output), "", "{}", somebody.kind);
    }
}

#[test]
fn etc_has_what_programs_need_and_nothing_secret() {
    let secret = "ls -d /etc/shadow* /etc/gshadow* /etc/ssh /etc/ssl/private /etc/sudoers* /etc/machine-id /etc/krb5* \
        /etc/subuid /etc/cron* /etc/fstab 2> /dev/null; true";
    for somebody in Somebody::all("host-etc") {
        assert_eq!(printed(&somebody, &["sh", "-c", secret]), "", "{}", somebody.kind);
        let named = printed(&somebody, &["sh", "-c", "id -un; cat /etc/hostname"]);
        assert_eq!(named, "root\ncontainerception\n", "{}", somebody.kind);
        let owner = printed(&somebody, &["stat", "-c", "%u:%g %a", "/etc/passwd", "/etc", "/"]);
        assert_eq!(owner, "0:0 644\n0:0 755\n0:0 755\n", "{}", somebody.kind);
    }
}

#[test]
fn nothing_of_the_hosts_mounts_is_told() {
    for somebody in Somebody::all("host-mounts") {
        let home = somebody.home().display().to_string();
        // The program is the one file of the host that is told, where it lies in no layer.
        let script = "grep -v ' /dev/.containerception/bin/containerception ' /proc/self/mountinfo";
        let mounts = printed(&somebody, &["sh", "-c", script]);
        let points: Vec<&str> = mounts.lines().filter_map(|line| line.split(' ').nth(4)).collect();
        assert_eq!(points[0], "/", "{}: {mounts}", somebody.kind);
        assert!(
            !mounts.contains(&home) && !points.iter().any(|p| p.starts_with("/tmp")),
            "{}",
            somebody.kind
        );
    }
}

#[test]
fn a_given_root_filesystem_shows_nothing_of_the_host() {
    if end_to_end::lacks("host-rootfs", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("host-rootfs") {
        let root = somebody.rootfs("root");
        let listed = printed(&somebody, &["--rootfs", root.to_str().expect("UTF-8"), "ls", "/"]);
        assert_eq!(listed, "bin\ndev\netc\nproc\nroot\nsys\ntmp\n", "{}", somebody.kind);
    }
}
