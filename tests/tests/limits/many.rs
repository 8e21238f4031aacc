//! Many at once.

use crate::container::{Container, Place, no_unit_is_left, nothing_is_left};
use crate::layout::Layout;
use rustix::process::Signal;
use testbed::groups;

const LIMITS: [&str; 8] = ["--memory", "64m", "--cpus", "1", "--pids-limit", "20", "--cpu-shares", "512"];

/// As many as there is memory for in the virtual machine, where all other layouts are tried, emulated.
fn number(layout: Layout) -> usize {
    if layout == Layout::V1 { 200 } else { 25 }
}

#[test]
fn two_hundred_containers_have_all_that_was_asked_for_and_leave_nothing() {
    for place in Place::with_groups("many") {
        let many = number(place.layout);
        let mut all: Vec<Container<'_>> = (0..many).map(|_| Container::tried(&place, &LIMITS)).collect();
        for container in &mut all {
            container.wait_for("ready");
            let groups = container.groups();
            let memory = groups.number("memory.limit_in_bytes", "").or(groups.number("memory.max", ""));
            let quota = groups.read("cpu.cfs_quota_us").or(groups.read("cpu.max"));
            let weight = groups.number("cpu.shares", "").or(groups.number("cpu.weight", ""));
            let held = (memory, groups.number("pids.max", ""), weight);
            let expected =
                (Some(64 << 20), Some(20), Some(if place.layout == Layout::V1 { 512 } else { 59 }));
            assert_eq!(held, expected, "{}", place.layout);
            assert!(quota.is_some_and(|quota| quota.starts_with("100000")), "{}", place.layout);
        }
        let own = groups::named(&format!("limits-{}-", std::process::id()));
        assert!(own.len() >= many, "{}: {} groups", place.layout, own.len());
        all.iter().for_each(|container| container.signal(Signal::TERM));
        for container in all {
            assert_eq!(container.status(), Some(143), "{}", place.layout);
        }
        let own = format!("limits-{}-", std::process::id());
        nothing_is_left(&own, &place);
        no_unit_is_left(&own, &place);
    }
}
