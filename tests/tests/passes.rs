//! `--pass 1` to `5`: what each part of the lesson adds, as a learner sees it, and what it says that it lacks.

use end_to_end::{Kind, Running, Somebody, err, eventually, lacks, out};
use rustix::process::Signal;
use std::fs;
use std::path::Path;

/// What `run --pass PASS sh -c SCRIPT` prints; it has to succeed.
fn printed(somebody: &Somebody, pass: u8, script: &str) -> String {
    let output = somebody.run(&["--pass", &pass.to_string(), "sh", "-c", script]);
    assert_eq!(output.status.code(), Some(0), "{}: pass {pass}: {}", somebody.kind, err(&output));
    out(&output)
}

/// Which namespaces a pass has of its own.
fn own_namespaces(somebody: &Somebody, pass: u8) -> Vec<&'static str> {
    let kinds = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
    let script = kinds.map(|kind| format!("readlink /proc/self/ns/{kind}")).join("; ");
    let text = printed(somebody, pass, &script);
    let inside: Vec<&str> = text.lines().collect();
    assert_eq!(inside.len(), kinds.len(), "{text}");
    let outside = |kind: &str| fs::read_link(format!("/proc/self/ns/{kind}")).expect("a namespace");
    kinds
        .into_iter()
        .zip(inside)
        .filter(|(kind, inside)| outside(kind) != Path::new(inside))
        .map(|(kind, _)| kind)
        .collect()
}

/// The mount namespace in which the tests run as somebody else is one already.
fn expected(somebody: &Somebody, added: &[&'static str]) -> Vec<&'static str> {
    let user = if somebody.kind == Kind::Root { &[][..] } else { &["user"] };
    let mut all = [added, user, &["mnt"]].concat();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn each_pass_adds_its_namespaces() {
    for somebody in Somebody::all("passes-namespaces") {
        let first = own_namespaces(&somebody, 1);
        assert!(first.iter().all(|kind| *kind == "mnt"), "{}: {first:?}", somebody.kind);
        for pass in [2, 3] {
            let own = own_namespaces(&somebody, pass);
            assert_eq!(own, expected(&somebody, &["pid", "uts"]), "{}: pass {pass}", somebody.kind);
        }
        let fourth = own_namespaces(&somebody, 4);
        assert_eq!(fourth, expected(&somebody, &["cgroup", "pid", "uts"]), "{}", somebody.kind);
        let all = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
        assert_eq!(own_namespaces(&somebody, 5), all, "{}", somebody.kind);
    }
}

#[test]
fn hostname_is_the_hosts_until_pass_2() {
    if lacks("passes-hostname", &["hostname"]) {
        return;
    }
    let outside = fs::read_to_string("/proc/sys/kernel/hostname").expect("the host has a name");
    for somebody in Somebody::all("passes-hostname") {
        assert_eq!(printed(&somebody, 1, "hostname"), outside, "{}", somebody.kind);
        for pass in 2..=5 {
            assert_eq!(
                printed(&somebody, pass, "hostname"),
                "containerception\n",
                "{}: {pass}",
                somebody.kind
            );
        }
        // In passes 2 to 4 root inside has the right to change it: that of its own host.
        assert_eq!(printed(&somebody, 2, "hostname other; hostname"), "other\n", "{}", somebody.kind);
        assert_eq!(fs::read_to_string("/proc/sys/kernel/hostname").expect("a name"), outside);
    }
}

#[test]
fn ps_shows_the_hosts_processes_until_pass_2() {
    if lacks("passes-ps", &["ps"]) {
        return;
    }
    let own = std::process::id().to_string();
    for somebody in Somebody::all("passes-ps") {
        let pids = |pass| {
            let text = printed(&somebody, pass, "ps -e -o pid=");
            text.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(pids(1).contains(&own), "{}: this test is seen", somebody.kind);
        for pass in 2..=5 {
            assert_eq!(pids(pass), ["1", "2", "3"], "{}: pass {pass}: init, sh and ps", somebody.kind);
        }
    }
}

#[test]
fn the_first_passes_have_the_hosts_users_and_an_ordinary_user_is_root_from_pass_2() {
    for somebody in Somebody::all("passes-id") {
        let outside = Running::start(&mut somebody.shell("id -u")).finish();
        assert_eq!(printed(&somebody, 1, "id -u"), out(&outside), "{}", somebody.kind);
        for pass in 2..=5 {
            assert_eq!(printed(&somebody, pass, "id -u"), "0\n", "{}: pass {pass}", somebody.kind);
        }
    }
    // What root's id is outside.
    let Some(root) = Somebody::only(Kind::Root, "passes-map") else { return };
    for pass in 1..=5 {
        let map = printed(&root, pass, "cat /proc/self/uid_map");
        let outside = map.split_ascii_whitespace().nth(1);
        assert_eq!(outside == Some("0"), pass < 5, "pass {pass}: {map}");
    }
}

#[test]
fn the_files_are_the_hosts_until_pass_3() {
    for somebody in Somebody::all("passes-files") {
        fs::write(somebody.home().join("canary"), "sings\n").expect("a file");
        let script = format!("cat {}/canary 2> /dev/null; true", somebody.home().display());
        // A user's own directory is closed to others, and in passes 1 and 2 the user is no other.
        somebody.give(&somebody.home());
        for pass in 1..=5 {
            let expected = if pass < 3 { "sings\n" } else { "" };
            assert_eq!(printed(&somebody, pass, &script), expected, "{}: pass {pass}", somebody.kind);
        }
    }
}

#[test]
fn a_root_filesystem_can_be_given_from_pass_3() {
    if lacks("passes-rootfs", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("passes-rootfs") {
        let root = somebody.rootfs("root").display().to_string();
        for pass in ["1", "2"] {
            let output = somebody.run(&["--pass", pass, "--rootfs", &root, "true"]);
            assert_eq!(output.status.code(), Some(125), "{}", somebody.kind);
            assert!(err(&output).contains("--pass 3"), "{}: {}", somebody.kind, err(&output));
        }
        for pass in ["3", "4", "5"] {
            let output = somebody.run(&[
                "--pass",
                pass,
                "--rootfs",
                &root,
                "sh",
                "-c",
                "ls /; ps > /tmp/ps; wc -l < /tmp/ps",
            ]);
            let expected = "bin\ndev\netc\nproc\nroot\nsys\ntmp\n4\n";
            assert_eq!(out(&output), expected, "{}: pass {pass}: {}", somebody.kind, err(&output));
        }
    }
}

#[test]
fn processes_are_counted_from_pass_4() {
    // More at a time than the limit allows; a shell that cannot fork says so.
    let script = "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.2 & done; wait";
    for somebody in Somebody::all("passes-pids") {
        for pass in ["3", "4", "5"] {
            let mut arguments = vec!["--pass", pass];
            if pass != "3" {
                arguments.extend(["--pids-limit", "10"]);
            }
            arguments.extend(["sh", "-c", script]);
            let said = err(&somebody.run(&arguments)).to_lowercase();
            assert_eq!(said.contains("fork"), pass != "3", "{}: pass {pass}: {said}", somebody.kind);
        }
    }
}

#[test]
fn rights_are_taken_away_in_pass_5() {
    let script = "grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status";
    let own = fs::read_to_string("/proc/self/status").expect("a status");
    let filtered_outside = own.lines().any(|line| line.starts_with("Seccomp:") && !line.ends_with('0'));
    for somebody in Somebody::all("passes-rights") {
        let values = |pass| {
            let text = printed(&somebody, pass, script);
            text.split_ascii_whitespace().filter(|w| !w.ends_with(':')).map(str::to_owned).collect::<Vec<_>>()
        };
        for pass in 1..=4 {
            let values = values(pass);
            assert_ne!(values[0], "00000000a80425fb", "{}: pass {pass}", somebody.kind);
            let unfiltered = filtered_outside || values[1..] == ["0", "0"];
            assert!(unfiltered, "{}: pass {pass}: {values:?}", somebody.kind);
        }
        assert_eq!(values(5), ["00000000a80425fb", "1", "2"], "{}", somebody.kind);
    }
}

#[test]
fn each_pass_but_the_last_says_what_it_lacks() {
    let lacks =
        ["nothing is protected", "files, network and resources", "network and resources", "system calls"];
    for somebody in Somebody::all("passes-notes") {
        for pass in 1..=5_u8 {
            let output = somebody.run(&["--pass", &pass.to_string(), "true"]);
            let said = err(&output);
            let Some(lack) = lacks.get(usize::from(pass) - 1) else {
                assert_eq!(said, "", "{}", somebody.kind);
                continue;
            };
            assert!(
                said.contains(&format!("note: pass {pass}")) && said.contains(lack),
                "{}: {said}",
                somebody.kind
            );
            let user_namespace = somebody.kind != Kind::Root && pass > 1;
            assert_eq!(said.contains("user namespace"), user_namespace, "{}: {said}", somebody.kind);
        }
    }
}

#[test]
fn every_pass_hands_on_signals_and_statuses() {
    for somebody in Somebody::all("passes-signals") {
        for pass in ["1", "2", "3", "4", "5"] {
            let output = somebody.run(&["--pass", pass, "sh", "-c", "exit 6"]);
            assert_eq!(output.status.code(), Some(6), "{}: pass {pass}", somebody.kind);
            for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
                let mut running = somebody.start(&["--pass", pass, "sh", "-c", "echo up; exec sleep 100"]);
                running.wait_for("up");
                running.signal(signal);
                assert_eq!(running.finish().status.code(), Some(status), "{}: pass {pass}", somebody.kind);
            }
        }
    }
}

#[test]
fn from_pass_2_a_killed_run_takes_its_container_along() {
    for somebody in Somebody::all("passes-killed") {
        for pass in ["2", "3", "4", "5"] {
            let mut running = somebody.start(&["--pass", pass, "sh", "-c", "echo up; exec sleep 100"]);
            running.wait_for("up");
            let inside = testbed::processes::descendants(running.pid());
            running.signal(Signal::KILL);
            eventually("all are gone", || !inside.iter().any(testbed::processes::Process::is_alive));
        }
    }
}
