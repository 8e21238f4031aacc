//! What the command may do: capabilities, new privileges, system calls.

use crate::printed;
use end_to_end::{Somebody, lacks, out};

/// Docker's default set.
const DEFAULT: u64 = 0xa804_25fb;
/// CAP_NET_ADMIN and CAP_CHOWN (`linux/capability.h`).
const NET_ADMIN: u64 = 1 << 12;
const CHOWN: u64 = 1;

/// A line of the command's `/proc/self/status`, with these options.
fn status(somebody: &Somebody, options: &[&str], name: &str) -> String {
    let script = format!("grep ^{name}: /proc/self/status");
    let output = somebody.run(&[options, &["sh", "-c", &script]].concat());
    out(&output).split_ascii_whitespace().nth(1).unwrap_or_default().to_owned()
}

fn assert_capabilities(somebody: &Somebody, options: &[&str], expected: u64) {
    for (set, expected) in
        [("CapBnd", expected), ("CapEff", expected), ("CapPrm", expected), ("CapInh", 0), ("CapAmb", 0)]
    {
        let found = status(somebody, options, set);
        assert_eq!(found, format!("{expected:016x}"), "{}: {options:?}: {set}", somebody.kind);
    }
}

#[test]
fn capabilities_are_dockers_unless_told_otherwise() {
    for somebody in Somebody::all("capabilities") {
        assert_capabilities(&somebody, &[], DEFAULT);
        assert_capabilities(&somebody, &["--no-init"], DEFAULT);
        assert_capabilities(&somebody, &["--cap-drop", "ALL"], 0);
        assert_capabilities(&somebody, &["--cap-add", "NET_ADMIN"], DEFAULT | NET_ADMIN);
        assert_capabilities(&somebody, &["--cap-drop", "ALL", "--cap-add", "cap_chown"], CHOWN);
        assert_capabilities(&somebody, &["--cap-drop", "CHOWN"], DEFAULT & !CHOWN);
    }
}

#[test]
fn a_capability_that_was_added_works_and_one_that_was_not_does_not() {
    if lacks("capabilities-used", &["ip"]) {
        return;
    }
    let script =
        "ip link add one type dummy 2> /dev/null; ip link set lo mtu 1500 && echo changed || echo refused";
    for somebody in Somebody::all("capabilities-used") {
        let run = |options: &[&str]| {
            let output = somebody.run(&[options, &["sh", "-c", script]].concat());
            out(&output)
        };
        assert_eq!(run(&["--cap-add", "NET_ADMIN"]), "changed\n", "{}", somebody.kind);
        assert_eq!(run(&[]), "refused\n", "{}", somebody.kind);
    }
}

#[test]
fn new_privileges_are_forbidden_unless_told_otherwise() {
    for somebody in Somebody::all("new-privileges") {
        assert_eq!(status(&somebody, &[], "NoNewPrivs"), "1", "{}", somebody.kind);
        let options = ["--security-opt", "no-new-privileges=false"];
        assert_eq!(status(&somebody, &options, "NoNewPrivs"), "0", "{}", somebody.kind);
        assert_eq!(status(&somebody, &options, "Seccomp"), "2", "{}", somebody.kind);
        assert_capabilities(&somebody, &options, DEFAULT);
    }
}

#[test]
fn system_calls_are_filtered_unless_told_otherwise() {
    for somebody in Somebody::all("filter") {
        assert_eq!(status(&somebody, &[], "Seccomp"), "2", "{}", somebody.kind);
        let options = ["--security-opt", "seccomp=unconfined"];
        assert_eq!(status(&somebody, &options, "Seccomp"), "0", "{}", somebody.kind);
        assert_eq!(status(&somebody, &options, "NoNewPrivs"), "1", "{}", somebody.kind);
    }
}

#[test]
fn nothing_can_be_mounted_without_the_right_to() {
    for somebody in Somebody::all("mount-refused") {
        let output = somebody.run(&["mount", "-t", "tmpfs", "none", "/mnt"]);
        assert!(!output.status.success(), "{}", somebody.kind);
    }
}

#[test]
fn every_namespace_is_the_containers_own() {
    let kinds = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
    let script = kinds.map(|kind| format!("readlink /proc/self/ns/{kind}")).join("; ");
    for somebody in Somebody::all("namespaces") {
        let inside = printed(&somebody, &["sh", "-c", &script]);
        for (kind, inside) in kinds.iter().zip(inside.lines()) {
            let outside = std::fs::read_link(format!("/proc/self/ns/{kind}")).expect("a namespace");
            assert_ne!(outside.to_string_lossy(), inside, "{}", somebody.kind);
        }
        assert_eq!(inside.lines().count(), kinds.len());
    }
}
