//! Which CPUs and memory nodes.

use crate::container::{Container, Place, code};
use end_to_end::{err, skip};
use std::fs;
use std::thread::{available_parallelism, sleep};
use std::time::Duration;

/// What `/proc/PID/status` shows behind a name (`proc_pid_status(5)`): the masks that hold, whoever has set them.
fn status(pid: u32, name: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
    line.expect("a line").to_owned()
}

/// The CPU on which it ran last (`proc_pid_stat(5)`, processor).
fn processor(pid: u32) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
    let field = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(39 - 3));
    field.and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn it_runs_where_it_may_and_nowhere_else() {
    let cpus = available_parallelism().expect("a number of CPUs").get();
    if cpus < 2 {
        return skip("cpuset-cpus", "one CPU leaves no choice");
    }
    for place in Place::with_groups("cpuset-cpus") {
        for cpu in 0..2_u32 {
            let container = Container::spinner(&place, &["--cpuset-cpus", &cpu.to_string()]);
            let pid = container.command();
            assert_eq!(status(pid, "Cpus_allowed_list"), cpu.to_string(), "{}", place.layout);
            for _ in 0..10 {
                assert_eq!(processor(pid), cpu, "{}", place.layout);
                sleep(Duration::from_millis(5));
            }
            container.end();
        }
    }
}

#[test]
fn what_is_executed_in_it_later_is_held_as_well() {
    for place in Place::with_groups("cpuset-exec") {
        let container = Container::sleeper(&place, &["--cpuset-cpus", "0"]);
        let output = container.exec(&["grep", "Cpus_allowed_list", "/proc/self/status"]);
        assert_eq!(end_to_end::out(&output), "Cpus_allowed_list:\t0\n", "{}: {}", place.layout, err(&output));
        container.end();
    }
}

#[test]
fn memory_comes_from_where_it_may() {
    for place in Place::with_groups("cpuset-mems") {
        let container = Container::sleeper(&place, &["--cpuset-mems", "0"]);
        assert_eq!(status(container.command(), "Mems_allowed_list"), "0", "{}", place.layout);
        container.end();
    }
}

/// v1 refuses it; v2 takes whatever of it there is, and shows that this is nothing.
#[test]
fn what_the_machine_does_not_have_is_refused() {
    for place in Place::with_groups("cpuset-missing") {
        for options in [["--cpuset-cpus", "999"], ["--cpuset-cpus", "0,999"], ["--cpuset-mems", "63"]] {
            let output = place.run(&options, &["true"]);
            let said = err(&output);
            assert_eq!(output.status.code(), Some(125), "{}: {options:?}: {said}", place.layout);
            assert!(["CX5003", "CX5004"].contains(&&*code(&output)), "{}: {said}", place.layout);
            if code(&output) == "CX5003" {
                assert!(said.contains("the group above has 0"), "{}: {said}", place.layout);
            }
        }
    }
}

/// On v1 a group of a cpuset without CPUs would take nobody in.
#[test]
fn with_the_best_effort_all_that_there_are_are_better_than_none() {
    for place in Place::with_groups("cpuset-effort") {
        let options = ["--best-effort", "--cpuset-cpus", "999"];
        let output = place.run(&options, &["true"]);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(0), "{}: {said}", place.layout);
        assert!(said.contains("warning: --cpuset-cpus is not held"), "{}: {said}", place.layout);
    }
}
