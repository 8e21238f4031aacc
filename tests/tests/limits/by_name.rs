//! Limits by the names of control files, and from a file in the form of the OCI specification.

use crate::container::{Container, Place, code, text};
use crate::layout::Layout;
use end_to_end::err;
use std::fs;
use testbed::groups::Groups;

#[test]
fn a_file_of_v2_is_written_as_it_is_named() {
    let two = |place: &Place| place.layout.is_v2_with_groups();
    for place in Place::chosen("by-name", "memory and processes are in hierarchies of v1 here", two) {
        let options = ["--cgroup-conf", "memory.min=1048576", "--cgroup-conf", "pids.max=33"];
        let container = Container::sleeper(&place, &options);
        let groups = container.groups();
        assert_eq!(groups.number("memory.min", ""), Some(1 << 20), "{}", place.layout);
        assert_eq!(groups.number("pids.max", ""), Some(33), "{}", place.layout);
        container.end();
    }
}

#[test]
fn a_file_of_v2_is_refused_where_its_controller_is_in_v1() {
    for place in Place::chosen("by-name-v1", "all is v2 here", |place| place.layout == Layout::V1) {
        let output = place.run(&["--cgroup-conf", "memory.min=1048576"], &["true"]);
        let said = err(&output);
        assert_eq!((output.status.code(), &*code(&output)), (Some(125), "CX5003"), "{said}");
        assert!(said.contains("memory.min") && said.contains("v1"), "{said}");
    }
}

/// Files that move, stop or kill would let a container leave its limits.
#[test]
fn files_that_are_no_limits_are_refused() {
    let place = Place::any("by-name-refused");
    for file in ["cgroup.procs=0", "cgroup.kill=1", "../pids.max=1", "memory.reclaim=1m", "memory.max"] {
        let output = place.run(&["--cgroup-conf", file], &["true"]);
        let said = err(&output);
        assert_eq!((output.status.code(), &*code(&output)), (Some(125), "CX1026"), "{file}: {said}");
    }
}

/// Held, or the controller is named that this kernel does not have.
#[test]
fn huge_pages_are_held_or_refused() {
    for place in Place::all("by-name-hugetlb") {
        let mut container = Container::tried(&place, &["--cgroup-conf", "hugetlb.2MB.max=4194304"]);
        if container.is_up() {
            assert_eq!(container.groups().number("hugetlb.2MB.max", ""), Some(4 << 20), "{}", place.layout);
            container.end();
            continue;
        }
        let output = container.finish();
        let said = err(&output);
        assert_eq!(
            (output.status.code(), &*code(&output)),
            (Some(125), "CX5003"),
            "{}: {said}",
            place.layout
        );
        assert!(said.contains("hugetlb"), "{}: {said}", place.layout);
    }
}

const SECTION: &str = r#"{
  "memory": { "limit": 67108864, "swap": 67108864, "reservation": 33554432 },
  "cpu": { "shares": 512, "quota": 20000, "period": 50000, "cpus": "0", "mems": "0" },
  "pids": { "limit": 40 }
}"#;

#[test]
fn a_section_of_the_oci_specification_is_held_and_options_go_before_it() {
    for place in Place::with_groups("by-name-section") {
        let file = place.somebody.home().join("limits.json");
        fs::write(&file, SECTION).expect("a file");
        place.somebody.give(&file);
        let container = Container::sleeper(&place, &["--resources", text(&file), "--pids-limit", "50"]);
        let groups = container.groups();
        for (v1, v2) in SHOWN {
            let (file, value) = if place.layout == Layout::V1 { v1 } else { v2 };
            assert_eq!(groups.read(file).as_deref(), Some(value), "{}: {file}", place.layout);
        }
        container.end();
    }
}

/// A file and what it shows.
type Shown = (&'static str, &'static str);

/// On v1 and on v2. The weight is that of the formula of runc and crun since 2025: a hundred for 1024, half of that for less.
const SHOWN: [(Shown, Shown); 8] = [
    (("memory.limit_in_bytes", "67108864"), ("memory.max", "67108864")),
    (("memory.memsw.limit_in_bytes", "67108864"), ("memory.swap.max", "0")),
    (("memory.soft_limit_in_bytes", "33554432"), ("memory.low", "33554432")),
    (("cpu.shares", "512"), ("cpu.weight", "59")),
    (("cpu.cfs_quota_us", "20000"), ("cpu.max", "20000 50000")),
    (("cpuset.cpus", "0"), ("cpuset.cpus", "0")),
    (("cpuset.mems", "0"), ("cpuset.mems", "0")),
    (("pids.max", "50"), ("pids.max", "50")),
];

#[test]
fn a_section_that_is_none_is_refused() {
    let place = Place::any("by-name-broken");
    let file = place.somebody.home().join("limits.json");
    for broken in
        ["", "[]", "{\"memory\": 5}", "{\"memory\": {\"limit\": \"5\"}}", "{\"memory\": {\"limti\": 5}}"]
    {
        fs::write(&file, broken).expect("a file");
        let output = place.run(&["--resources", text(&file)], &["true"]);
        let said = err(&output);
        assert_eq!((output.status.code(), &*code(&output)), (Some(125), "CX1027"), "{broken}: {said}");
    }
    let missing = place.run(&["--resources", "/no/such"], &["true"]);
    assert_eq!(code(&missing), "CX1027", "{}", err(&missing));
}

/// Where the groups of a process are that has none of its own: those of whoever started it.
#[test]
fn a_controller_without_a_limit_is_left_where_it_was() {
    let own = Groups::of(std::process::id()).expect("this process runs");
    for place in
        Place::chosen("by-name-others", "v2 has one group for all", |place| place.layout == Layout::V1)
    {
        let container = Container::sleeper(&place, &["--pids-limit", "20"]);
        let groups = container.groups();
        assert_eq!(groups.with("memory"), own.with("memory"));
        assert_ne!(groups.with("pids"), own.with("pids"));
        container.end();
    }
}
