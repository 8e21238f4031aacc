//! Limits that each process has for itself, and what is set once.

use crate::container::{Container, Place, code};
use end_to_end::{Kind, err, out};
use std::fs;

/// The soft and the hard limit that the kernel shows (`proc_pid_limits(5)`).
fn limits_of(pid: u32, name: &str) -> [String; 2] {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("the process runs");
    let line = limits.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
    let mut words = line.split_ascii_whitespace();
    [(); 2].map(|()| words.next().unwrap_or_default().to_owned())
}

#[test]
fn who_cannot_be_started_with_a_limit_is_told_which() {
    for place in Place::all("ulimit-tight") {
        // It is init that lacks a descriptor, or the command's loader (EMFILE), or one of them is ended by the other.
        for _ in 0..10 {
            let output = place.run(&["--ulimit", "nofile=3"], &["true"]);
            let said = err(&output);
            let told = ["nofile 3:3", "error[CX2010]", "Error 24"].iter().any(|cause| said.contains(cause));
            assert!(!output.status.success() && told, "{}: {said}", place.layout);
        }
    }
}

#[test]
fn ulimits_are_what_the_kernel_shows() {
    for place in Place::all("ulimit-shown") {
        let options = [
            "--ulimit",
            "nofile=100:200",
            "--ulimit",
            "core=0",
            "--ulimit",
            "nproc=300:300",
            "--ulimit",
            "cpu=60",
        ];
        let container = Container::sleeper(&place, &options);
        for (name, shown) in [
            ("Max open files", ["100", "200"]),
            ("Max core file size", ["0", "0"]),
            ("Max processes", ["300", "300"]),
            ("Max cpu time", ["60", "60"]),
        ] {
            assert_eq!(limits_of(container.command(), name), shown, "{}: {name}", place.layout);
        }
        let exec = container.exec(&["sh", "-c", "ulimit -n; ulimit -Hn"]);
        assert_eq!(out(&exec), "100\n200\n", "{}", place.layout);
        container.end();
    }
}

#[test]
fn a_ulimit_holds_and_is_not_raised_inside() {
    for place in Place::all("ulimit-holds") {
        let script = "head -c 5000 /dev/zero > /tmp/x; stat -c %s /tmp/x";
        let long = place.run(&["--ulimit", "fsize=4096"], &["sh", "-c", script]);
        assert_eq!(out(&long), "4096\n", "{}: {}", place.layout, err(&long));
        let options = ["--ulimit", "nofile=100:200", "--cap-add", "ALL"];
        let raised = place.run(&options, &["sh", "-c", "ulimit -n 200 && ulimit -n && ulimit -n 201"]);
        assert_eq!(out(&raised), "200\n", "{}: {}", place.layout, err(&raised));
        assert!(!raised.status.success(), "{}", place.layout);
    }
}

/// Only CAP_SYS_RESOURCE raises a hard limit, which ordinary users do not have outside (getrlimit(2)).
#[test]
fn an_ordinary_user_cannot_raise_a_hard_limit() {
    let user = |place: &Place| place.somebody.kind != Kind::Root;
    for place in Place::chosen("ulimit-raised", "needs to be an ordinary user", user) {
        // The largest number of files that the kernel can be told (`fs.nr_open`).
        let most = fs::read_to_string("/proc/sys/fs/nr_open").expect("a number");
        let own = limits_of(std::process::id(), "Max open files");
        if own[1].trim() == most.trim() {
            continue;
        }
        let output = place.run(&["--ulimit", &format!("nofile={}", most.trim())], &["true"]);
        let said = err(&output);
        assert_eq!(
            (output.status.code(), &*code(&output)),
            (Some(125), "CX5003"),
            "{}: {said}",
            place.layout
        );
        assert!(said.contains("--ulimit nofile"), "{said}");
    }
}

#[test]
fn how_willingly_the_kernel_ends_it_can_be_raised_by_all() {
    for place in Place::all("oom-score") {
        let container = Container::sleeper(&place, &["--oom-score-adj", "500"]);
        let score = fs::read_to_string(format!("/proc/{}/oom_score_adj", container.command()));
        assert_eq!(score.expect("it runs").trim(), "500", "{}", place.layout);
        container.end();
    }
}

/// Below what whoever starts it has, needs CAP_SYS_RESOURCE outside (`proc_pid_oom_score_adj(5)`), which root need not have.
#[test]
fn it_can_be_lowered_by_root_alone() {
    for place in Place::all("oom-score-low") {
        let mut container = Container::tried(&place, &["--oom-score-adj", "-500"]);
        let allowed = place.somebody.kind == Kind::Root && may_lower();
        if allowed {
            assert!(container.is_up(), "{}", err(&container.finish()));
            let score = fs::read_to_string(format!("/proc/{}/oom_score_adj", container.command()));
            assert_eq!(score.expect("it runs").trim(), "-500");
            container.end();
            continue;
        }
        assert!(!container.is_up(), "{}", place.layout);
        let output = container.finish();
        let said = err(&output);
        assert_eq!(
            (output.status.code(), &*code(&output)),
            (Some(125), "CX5003"),
            "{}: {said}",
            place.layout
        );
        assert!(said.contains("--oom-score-adj") && said.contains("CAP_SYS_RESOURCE"), "{said}");
    }
}

/// Whether a process of whoever runs the tests can do it itself.
fn may_lower() -> bool {
    let line = "echo -500 > /proc/self/oom_score_adj";
    std::process::Command::new("sh").args(["-c", line]).output().is_ok_and(|output| output.status.success())
}
