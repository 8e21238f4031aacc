//! Where there is no group: refused, told, or done without where that was asked for.

use crate::container::{Container, Place, code};
use crate::disk;
use crate::pids::ALONE;
use end_to_end::{err, out, skip};

/// Limits that need a group.
const NEED_A_GROUP: [&[&str]; 10] = [
    &["--memory", "64m"],
    &["--memory-reservation", "32m"],
    &["--cpus", "0.5"],
    &["--cpu-shares", "512"],
    &["--cpu-quota", "20000"],
    &["--cpuset-cpus", "0"],
    &["--cpuset-mems", "0"],
    &["--blkio-weight", "100"],
    &["--device-cgroup-rule", "c 1:3 r"],
    &["--cgroup-conf", "memory.max=67108864"],
];

#[test]
fn each_limit_is_refused_and_told_and_nothing_is_started() {
    for place in Place::without_groups("refused") {
        for options in NEED_A_GROUP {
            let output = place.run(options, &["echo", "started"]);
            let said = err(&output);
            assert_eq!((output.status.code(), &*code(&output)), (Some(125), "CX5003"), "{options:?}: {said}");
            assert_eq!(out(&output), "", "{options:?}");
            assert!(said.contains(options[0]) && said.contains("why:") && said.contains("fix:"), "{said}");
        }
    }
}

#[test]
fn a_disk_that_cannot_be_limited_is_refused_as_well() {
    let Some((disk, _)) = disk::of_the_host() else { return skip("refused-disk", "there is no disk") };
    for place in Place::without_groups("refused-disk") {
        for (option, value) in [
            ("--device-read-bps", "1m"),
            ("--device-write-bps", "1m"),
            ("--device-read-iops", "10"),
            ("--device-write-iops", "10"),
            ("--blkio-weight-device", "100"),
        ] {
            let output = place.run(&[option, &format!("{}:{value}", disk.display())], &["true"]);
            assert_eq!(code(&output), "CX5003", "{option}: {}", err(&output));
        }
    }
}

#[test]
fn with_the_best_effort_it_goes_on_and_tells_which_are_not_held() {
    for place in Place::without_groups("best-effort") {
        for options in NEED_A_GROUP {
            let output = place.run(&[&["--best-effort"], options].concat(), &["echo", "started"]);
            let said = err(&output);
            assert_eq!((output.status.code(), &*out(&output)), (Some(0), "started\n"), "{options:?}: {said}");
            let warning = format!("warning: {} ", options[0]);
            assert!(said.lines().any(|line| line.starts_with(&warning)), "{options:?}: {said}");
        }
    }
}

/// Also where there are groups, and one limit that this kernel does not have.
#[test]
fn the_best_effort_holds_what_can_be_held() {
    for place in Place::with_groups("best-effort-some") {
        let options = ["--best-effort", "--pids-limit", "20", "--cgroup-conf", "misc.max=nothing 1"];
        let container = Container::sleeper(&place, &options);
        assert_eq!(container.groups().number("pids.max", ""), Some(20), "{}", place.layout);
        container.does("kill", &[]);
        let said = err(&container.finish());
        assert!(said.contains("warning: --cgroup-conf "), "{}: {said}", place.layout);
    }
}

/// What can be had is had without a word.
#[test]
fn the_best_effort_is_silent_where_all_is_held() {
    let _alone = ALONE.lock();
    for place in Place::all("best-effort-silent") {
        let output = place.run(&["--best-effort", "--pids-limit", "40"], &["true"]);
        assert_eq!((output.status.code(), &*err(&output)), (Some(0), ""), "{}", place.layout);
    }
}

/// Without a group, who may do it: RLIMIT_NPROC, said in the plan.
#[test]
fn what_stands_in_for_a_group_is_told() {
    let _alone = ALONE.lock();
    for place in Place::without_groups("stand-in") {
        let told = place.somebody.run(&["--explain", "--pids-limit", "30", "true"]);
        assert!(err(&told).contains("RLIMIT_NPROC"), "{}: {}", place.layout, err(&told));
        let doctor = place.containerception(&["doctor"]);
        assert!(out(&doctor).contains("RLIMIT_NPROC"), "{}: {}", place.layout, out(&doctor));
    }
}
