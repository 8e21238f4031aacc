//! A made tree, entered with chroot(1): do its programs run?

use super::Scratch;
use crate::init::init;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a shell in the tree, with a `/proc` and a mount namespace that go away with it. None where this user may make
/// no namespaces.
fn enter(tree: &Path, script: &str) -> Option<Output> {
    let mut namespaces = vec!["--mount", "--pid", "--fork"];
    if !rustix::process::geteuid().is_root() {
        namespaces.extend(["--user", "--map-root-user"]);
    }
    let probe = Command::new("unshare").args(&namespaces).arg("true").output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        println!("skipped: this user may make no namespaces here");
        return None;
    }
    let go = "mount -t proc proc \"$1/proc\" && exec chroot \"$1\" /bin/sh -c \"$2\"";
    let mut command = Command::new("unshare");
    command.args(&namespaces).args(["sh", "-c", go, "sh"]).arg(tree).arg(script);
    command
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("TERM", "xterm");
    Some(command.stdin(Stdio::null()).output().unwrap())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_tutorials_commands_run() {
    let scratch = Scratch::new("works");
    let tree = scratch.0.join("tree");
    init(&tree, &[]).unwrap();
    let script = "ls / && ps aux && hostname && echo 1 2 | awk '{print $1+$2}' && tput cols && id";
    let Some(output) = enter(&tree, script) else { return };
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    for expected in ["etc\n", "proc\n", "ps aux\n", "\n3\n", "uid=0(root) gid=0(root)"] {
        assert!(lines.contains(expected), "{expected:?} in {lines}");
    }
}

#[test]
fn every_program_finds_its_libraries() {
    let scratch = Scratch::new("every");
    let tree = scratch.0.join("tree");
    init(&tree, &[]).unwrap();
    let script = "for p in /bin/* /sbin/* /usr/bin/* /usr/sbin/*; do
        test -x $p || continue
        out=$(timeout 10 $p --version 2>&1); status=$?
        echo tried $p
        case $status in 124|126|127) echo failed $p $status $out;; esac
        case $out in *'shared librar'*) echo failed $p $out;; esac
    done";
    let Some(output) = enter(&tree, script) else { return };
    let lines = text(&output.stdout);
    assert!(lines.lines().filter(|line| line.starts_with("tried")).count() > 80, "{lines}");
    assert!(!tree.join("etc/ld.so.cache").exists(), "so the loader found them without");
    let failed: Vec<_> = lines.lines().filter(|line| line.starts_with("failed")).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn named_programs_and_scripts_run_by_name() {
    let scratch = Scratch::new("named");
    let script =
        scratch.program("opt/bin/greet", "#!/usr/bin/env bash\necho \"hello from ${BASH_VERSION:+bash}\"\n");
    let bash = Path::new("/bin/bash");
    if !bash.exists() {
        println!("skipped: no bash");
        return;
    }
    let copy = scratch.program("opt/bin/my-bash", fs::read(bash).unwrap());
    let tree = scratch.0.join("tree");
    init(&tree, &[script.into(), copy.into()]).unwrap();
    let Some(output) = enter(&tree, "greet && my-bash -c 'echo $((6*7))'") else { return };
    assert_eq!(text(&output.stdout), "hello from bash\n42\n", "{}", text(&output.stderr));
}

#[test]
fn modes_do_not_depend_on_the_umask_and_special_bits_are_gone() {
    let scratch = Scratch::new("umask");
    let tree = scratch.0.join("tree");
    let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let made = init(&tree, &[OsString::from("umount")]);
    rustix::process::umask(before);
    made.unwrap();
    let mode = |name: &str| tree.join(name).metadata().unwrap().mode() & 0o7777;
    for (name, expected) in [
        ("", 0o755),
        ("proc", 0o555),
        ("tmp", 0o1777),
        ("var/tmp", 0o1777),
        ("root", 0o700),
        ("usr/bin", 0o755),
        ("bin/sh", 0o755),
        ("bin/umount", 0o755),
        ("etc/passwd", 0o644),
    ] {
        assert_eq!(mode(name), expected, "/{name}");
    }
}
