//! What is no limit: refused with a code and a fix before anything is made.

use crate::container::{Place, code, new_name, nothing_is_left};
use end_to_end::{err, out};

/// An option, and values that it does not take.
const BAD: [(&str, &[&str]); 32] = [
    ("--memory", &["", "x", "-5", "64q", "1k", "1.5.5m", "99999999999999999999", "0x10"]),
    ("--memory-swap", &["x", "-2", "1k"]),
    ("--memory-reservation", &["", "x", "-5m"]),
    ("--memory-high", &["x", "-1m"]),
    ("--memory-swappiness", &["x", "101", "-1", "1.5"]),
    ("--cpus", &["", "x", "0", "-1", "0.001", "1e9", "1,5"]),
    ("--cpu-quota", &["x", "0", "-2", "999", "1.5"]),
    ("--cpu-period", &["x", "0", "999", "1000001", "-1"]),
    ("--cpu-burst", &["x", "-1"]),
    ("--cpu-shares", &["x", "1", "262145", "-1"]),
    ("--cpu-rt-runtime", &["x", "1.5"]),
    ("--cpu-rt-period", &["x", "-1"]),
    ("--cpuset-cpus", &["", "x", "1-0", "0,,1", "-1", "0-", "4294967296"]),
    ("--cpuset-mems", &["", "x", "1-0"]),
    ("--blkio-weight", &["x", "5", "1001", "-1"]),
    ("--blkio-weight-device", &["x", "/dev/null", "/dev/null:5", "null:100", ":100"]),
    ("--device-read-bps", &["x", "/dev/null", "/dev/null:", "/dev/null:x", "null:1m", ":1m", "/no/such:1m"]),
    ("--device-write-bps", &["/dev/null:-1", "/dev/null:1m"]),
    ("--device-read-iops", &["/dev/null:0", "/dev/null:1m"]),
    ("--device-write-iops", &["/dev/null:4294967296", "/dev/null:10"]),
    ("--pids-limit", &["", "x", "-2", "0", "1.5", "99999999999"]),
    ("--device-cgroup-rule", &["", "x", "c", "c 1:3", "d 1:3 rwm", "c 1:3 x", "c x:3 r", "c 1:3 rr"]),
    ("--cgroup-conf", &["", "x", "pids.max", "pids=5", "/pids.max=5", "cgroup.procs=0", "pids.max="]),
    ("--resources", &["/no/such", "/", "/dev/null"]),
    ("--ulimit", &["", "x", "nofile", "nofile=", "nofile=x", "nofile=5:4", "frob=5", "memlock=64m"]),
    ("--oom-score-adj", &["", "x", "1001", "-1001", "1.5"]),
    ("--shm-size", &["", "x", "-1", "64q", "1.5.5m"]),
    ("--cgroup-parent", &["", "..", "/a/../b", "a b.slice", "-.-.slice"]),
    ("--cgroup-manager", &["", "x", "cgroupfs2"]),
    ("--storage-opt", &["size=", "size=x", "size=-5"]),
    ("--device", &["", "null", "/dev/null:x", "/dev/null:/dev/null:q", "/no/such"]),
    ("--memory=64m", &["--memory-swap=32m", "--memory-reservation=128m"]),
];

#[test]
fn each_is_refused_with_a_code_and_a_fix_and_nothing_is_made() {
    let place = Place::any("typed");
    let name = new_name();
    for (option, values) in BAD {
        for value in values {
            let output = place.somebody.run(&["--name", &name, option, value, "echo", "started"]);
            let (said, case) = (err(&output), format!("{option} {value:?}"));
            assert_eq!((output.status.code(), &*out(&output)), (Some(125), ""), "{case}: {said}");
            assert!(code(&output).starts_with("CX1"), "{case}: {said}");
            assert!(said.contains("\n  fix:  "), "{case}: {said}");
        }
    }
    nothing_is_left(&name, &place);
}

/// What contradicts itself, though each is well-formed.
#[test]
fn what_contradicts_itself_is_refused() {
    let place = Place::any("typed-both");
    for options in [
        &["--memory-swap", "64m"][..],
        &["--cpus", "1", "--cpu-quota", "50000"],
        &["--cpus", "1", "--cpu-period", "50000"],
        &["--cpu-burst", "60000", "--cpu-quota", "50000"],
        &["--cgroup-manager", "cgroupfs", "--cgroup-parent", "a.slice"],
    ] {
        let output = place.run(options, &["true"]);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(125), "{options:?}: {said}");
        assert!(code(&output).starts_with("CX1") && said.contains("fix:"), "{options:?}: {said}");
    }
}

/// Every limit that `run --help` lists is tried here.
#[test]
fn no_option_is_missing_here() {
    let place = Place::any("typed-all");
    for option in crate::rows::options(&place) {
        let takes_value = !["--oom-kill-disable", "--best-effort"].contains(&&*option);
        let tried = BAD.iter().any(|(known, _)| *known == option);
        assert_eq!(tried, takes_value, "{option}");
    }
}
