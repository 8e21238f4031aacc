//! What everybody types first, as it is typed.

use crate::printed;
use end_to_end::{Running, Somebody, err, lacks, out};
use std::fs;
use std::process::Output;

fn typed(somebody: &Somebody, line: &str) -> Output {
    Running::start(&mut somebody.shell(line)).finish()
}

#[test]
fn ps_shows_the_init_the_command_and_nothing_else() {
    if lacks("ps", &["ps"]) {
        return;
    }
    for somebody in Somebody::all("ps") {
        let output = typed(&somebody, "containerception run ps aux");
        let text = out(&output);
        let commands: Vec<(&str, Vec<&str>)> = text.lines().skip(1).filter_map(pid_and_command).collect();
        let [("1", init), ("2", ps)] = commands.as_slice() else {
            panic!("{}: {text}{}", somebody.kind, err(&output))
        };
        assert!(init[0].contains("containerception"), "{}: {text}", somebody.kind);
        assert_eq!(*ps, ["ps", "aux"], "{}: {text}", somebody.kind);
    }
}

/// The second and the eleventh and further columns of `ps aux`.
fn pid_and_command(line: &str) -> Option<(&str, Vec<&str>)> {
    let mut columns = line.split_ascii_whitespace();
    Some((columns.nth(1)?, columns.skip(8).collect()))
}

#[test]
fn what_the_command_prints_goes_where_the_shell_directs_it() {
    for somebody in Somebody::all("echo") {
        let output = typed(&somebody, "containerception run echo HELLO > test.txt");
        assert!(output.status.success(), "{}: {}", somebody.kind, err(&output));
        let written = fs::read_to_string(somebody.home().join("test.txt")).expect("the file is there");
        assert_eq!(written, "HELLO\n", "{}", somebody.kind);
    }
}

#[test]
fn the_host_name_is_the_containers_own() {
    if lacks("host-name", &["hostname"]) {
        return;
    }
    let of_the_host = || fs::read_to_string("/proc/sys/kernel/hostname").expect("the host has a name");
    let before = of_the_host();
    for somebody in Somebody::all("host-name") {
        let output = typed(&somebody, "containerception run hostname");
        assert_eq!(out(&output), "containerception\n", "{}: {}", somebody.kind, err(&output));
        assert_eq!(printed(&somebody, &["--hostname", "box.example", "hostname"]), "box.example\n");
        assert_eq!(of_the_host(), before);
    }
}

#[test]
fn the_host_name_is_found_by_its_own_resolver() {
    if lacks("host-name-resolves", &["getent"]) {
        return;
    }
    for somebody in Somebody::all("host-name-resolves") {
        let hosts = printed(&somebody, &["--hostname", "box", "getent", "hosts", "box"]);
        assert!(hosts.starts_with("127."), "{}: {hosts}", somebody.kind);
    }
}

#[test]
fn options_end_at_the_command() {
    if lacks("options-end", &["ps"]) {
        return;
    }
    for somebody in Somebody::all("options-end") {
        let text = printed(&somebody, &["ps", "--version"]);
        assert!(text.contains("procps"), "{}: {text}", somebody.kind);
        assert_eq!(printed(&somebody, &["echo", "--rootfs", "--", "-e"]), "--rootfs -- -e\n");
        assert_eq!(printed(&somebody, &["--", "echo", "a"]), "a\n");
    }
}

#[test]
fn a_container_can_be_made_in_a_container_that_can_be_made() {
    if lacks("nested", &["unshare", "ps"]) {
        return;
    }
    for somebody in Somebody::all("nested") {
        let output = typed(&somebody, "containerception run unshare -Urpf --mount-proc ps aux");
        let text = out(&output);
        let commands: Vec<_> = text.lines().skip(1).filter_map(pid_and_command).collect();
        assert_eq!(commands, [("1", vec!["ps", "aux"])], "{}: {text}{}", somebody.kind, err(&output));
    }
}
