//! `update`: each limit of a container that runs, in the kernel and in what it does.

use crate::container::{Container, Place, code, rates};
use crate::disk;
use crate::layout::Layout;
use end_to_end::{Kind, err, eventually, out, skip};
use std::time::Duration;

/// Options of `run`, options of `update`, and what files of v1 and of v2 then show.
struct Change {
    before: &'static [&'static str],
    after: &'static [&'static str],
    v1: (&'static str, &'static str),
    v2: (&'static str, &'static str),
}

const CHANGES: [Change; 11] = [
    Change {
        before: &["--cpu-quota", "50000"],
        after: &["--cpu-period", "200000"],
        v1: ("cpu.cfs_quota_us", "50000"),
        v2: ("cpu.max", "50000 200000"),
    },
    Change {
        before: &["--memory", "64m"],
        after: &["--memory", "128m", "--memory-swap", "128m"],
        v1: ("memory.limit_in_bytes", "134217728"),
        v2: ("memory.max", "134217728"),
    },
    Change {
        before: &["--memory", "128m", "--memory-swap", "128m"],
        after: &["--memory", "64m", "--memory-swap", "64m"],
        v1: ("memory.memsw.limit_in_bytes", "67108864"),
        v2: ("memory.max", "67108864"),
    },
    Change {
        before: &["--memory", "64m", "--memory-reservation", "16m"],
        after: &["--memory-reservation", "32m"],
        v1: ("memory.soft_limit_in_bytes", "33554432"),
        v2: ("memory.low", "33554432"),
    },
    Change {
        before: &["--cpus", "0.5"],
        after: &["--cpus", "0.3"],
        v1: ("cpu.cfs_quota_us", "30000"),
        v2: ("cpu.max", "30000 100000"),
    },
    Change {
        before: &["--cpu-quota", "20000", "--cpu-period", "50000"],
        after: &["--cpu-quota", "-1"],
        v1: ("cpu.cfs_quota_us", "-1"),
        v2: ("cpu.max", "max 50000"),
    },
    Change {
        before: &["--cpu-shares", "512"],
        after: &["--cpu-shares", "1024"],
        v1: ("cpu.shares", "1024"),
        v2: ("cpu.weight", "100"),
    },
    Change {
        before: &["--cpuset-cpus", "0"],
        after: &["--cpuset-cpus", "0-1"],
        v1: ("cpuset.cpus", "0-1"),
        v2: ("cpuset.cpus", "0-1"),
    },
    Change {
        before: &["--cpuset-mems", "0"],
        after: &["--cpuset-mems", "0"],
        v1: ("cpuset.mems", "0"),
        v2: ("cpuset.mems", "0"),
    },
    Change {
        before: &["--pids-limit", "20"],
        after: &["--pids-limit", "30"],
        v1: ("pids.max", "30"),
        v2: ("pids.max", "30"),
    },
    Change {
        before: &["--pids-limit", "20"],
        after: &["--pids-limit", "-1"],
        v1: ("pids.max", "max"),
        v2: ("pids.max", "max"),
    },
];

#[test]
fn each_limit_can_be_changed() {
    for place in Place::with_groups("update-each") {
        for change in &CHANGES {
            let container = Container::sleeper(&place, change.before);
            container.does("update", change.after);
            let (file, value) = if place.layout == Layout::V1 { change.v1 } else { change.v2 };
            let shown = container.groups().read(file);
            assert_eq!(shown.as_deref(), Some(value), "{}: {:?}: {file}", place.layout, change.after);
            container.end();
        }
    }
}

#[test]
fn limits_of_disks_can_be_changed() {
    let Some((disk, numbers)) = disk::of_the_host() else { return skip("update-io", "there is no disk") };
    let (before, after) = (format!("{}:1m", disk.display()), format!("{}:2m", disk.display()));
    for place in Place::with_groups("update-io") {
        let container = Container::sleeper(&place, &["--device-read-bps", &before]);
        container.does("update", &["--device-read-bps", &after]);
        let (file, line) = match place.layout {
            Layout::V1 => ("blkio.throttle.read_bps_device", format!("{numbers} 2097152")),
            _ => ("io.max", format!("{numbers} rbps=2097152 wbps=max riops=max wiops=max")),
        };
        assert_eq!(container.groups().read(file), Some(line), "{}", place.layout);
        container.end();
    }
}

#[test]
fn files_by_their_names_can_be_changed() {
    let two = |place: &Place| place.layout.is_v2_with_groups();
    for place in Place::chosen("update-by-name", "memory is in a hierarchy of v1 here", two) {
        let container = Container::sleeper(&place, &["--memory", "64m"]);
        container.does("update", &["--cgroup-conf", "memory.high=33554432"]);
        assert_eq!(container.groups().number("memory.high", ""), Some(32 << 20), "{}", place.layout);
        container.end();
    }
}

/// It begins or ends to hold at once, for what runs already.
#[test]
fn a_quota_that_is_changed_is_felt() {
    for place in Place::with_groups("update-cpus") {
        let container = Container::spinner(&place, &["--cpus", "0.2", "--cpu-shares", "262144"]);
        let look = || rates([container.command()], Duration::from_secs(1))[0];
        let narrow = look();
        container.does("update", &["--cpus", "0.7"]);
        let wide = look();
        assert!(narrow <= 0.25 && wide > 1.5 * narrow && wide <= 0.77, "{}: {narrow} {wide}", place.layout);
        container.end();
    }
}

#[test]
fn processes_that_were_refused_come_to_be_with_a_higher_limit() {
    if end_to_end::lacks("update-pids", &["bash"]) {
        return;
    }
    for place in Place::with_groups("update-pids") {
        let command = ["bash", "-c", "for i in {1..29}; do sleep 1000 & done 2> /dev/null; wait"];
        let container = Container::launch(&place, &["--pids-limit", "20"], &command);
        let groups = container.groups();
        eventually("it is full", || groups.number("pids.current", "") == Some(20));
        container.does("update", &["--pids-limit", "100"]);
        // init, bash and what it starts; it tries again after some seconds.
        eventually("there is room for all", || groups.number("pids.current", "") == Some(31));
        container.end();
    }
}

/// What does not fit is refused, or ended: memory that is in use is not conjured away.
#[test]
fn less_memory_than_is_in_use_is_refused_or_ends_the_container() {
    for place in Place::with_groups("update-memory") {
        let script = "dd if=/dev/zero of=/dev/shm/x bs=1M count=40 2> /dev/null; echo filled; sleep 1000";
        let mut container = Container::start(&place, &["--memory", "100m", "--memory-swap", "100m"], script);
        container.wait_for("filled");
        let output = container.verb("update", &["--memory", "8m", "--memory-swap", "8m"]);
        if output.status.success() {
            // v2 takes the limit, and kills (cgroup-v2.rst, memory.max).
            assert_eq!(container.finish().status.code(), Some(137), "{}", place.layout);
            continue;
        }
        assert_eq!(code(&output), "CX5003", "{}: {}", place.layout, err(&output));
        let groups = container.groups();
        let shown = groups.number("memory.limit_in_bytes", "").or(groups.number("memory.max", ""));
        assert_eq!(shown, Some(100 << 20), "{}: it is as it was", place.layout);
        container.end();
    }
}

/// A container that was started without such a limit may have no group for it.
#[test]
fn a_limit_that_there_was_none_of_is_held_from_then_on_or_refused() {
    for place in Place::with_groups("update-late") {
        let container = Container::sleeper(&place, &["--pids-limit", "20"]);
        let output = container.verb("update", &["--memory", "64m"]);
        let groups = container.groups();
        let shown = groups.number("memory.limit_in_bytes", "").or(groups.number("memory.max", ""));
        if output.status.success() {
            assert_eq!(shown, Some(64 << 20), "{}", place.layout);
        } else {
            let said = err(&output);
            assert!(["CX5003", "CX5007"].contains(&&*code(&output)), "{}: {said}", place.layout);
        }
        container.end();
    }
}

/// A shell that has 40 MB in a variable.
const HOLDER: &str = "x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo up; sleep 1000";

/// What was taken while nothing counted it is charged to the groups above, and stays there.
#[test]
fn a_limit_of_memory_that_would_hold_nothing_of_what_is_in_use_is_refused() {
    for place in Place::with_groups("update-uncounted") {
        let mut container = Container::start(&place, &["--pids-limit", "20"], HOLDER);
        container.wait_for("up");
        let output = container.verb("update", &["--memory", "16m"]);
        let said = err(&output);
        assert!(["CX5003", "CX5007"].contains(&&*code(&output)), "{}: {said}", place.layout);
        if code(&output) == "CX5003" {
            assert!(said.contains("it took 3") || said.contains("it took 4"), "{}: {said}", place.layout);
            assert!(said.contains("while it had no limit of memory"), "{}: {said}", place.layout);
            let output = container.verb("update", &["--memory", "64m"]);
            assert!(output.status.success(), "{}: {}", place.layout, err(&output));
            assert!(err(&output).contains("KiB that it has taken are not counted"), "{}", err(&output));
            // From then on it has one.
            let output = container.verb("update", &["--memory", "48m"]);
            assert!(output.status.success(), "{}: {}", place.layout, err(&output));
            assert_eq!(err(&output), "", "{}", place.layout);
        }
        container.end();
        let mut container = Container::start(&place, &["--memory", "-1"], HOLDER);
        container.wait_for("up");
        let output = container.verb("update", &["--memory", "64m"]);
        assert!(output.status.success() && output.stderr.is_empty(), "{}: {}", place.layout, err(&output));
        container.end();
    }
}

/// Of several limits all are changed, or none.
#[test]
fn where_one_is_refused_all_are_as_they_were() {
    for place in Place::with_groups("update-none") {
        let container =
            Container::sleeper(&place, &["--pids-limit", "20", "--memory", "64m", "--cpuset-cpus", "0"]);
        let output =
            container.verb("update", &["--pids-limit", "30", "--memory", "128m", "--cpuset-cpus", "999"]);
        assert!(["CX5003", "CX5004"].contains(&&*code(&output)), "{}: {}", place.layout, err(&output));
        let groups = container.groups();
        let memory = groups.number("memory.limit_in_bytes", "").or(groups.number("memory.max", ""));
        let shown = (groups.number("pids.max", ""), memory, groups.read("cpuset.cpus"));
        assert_eq!(shown, (Some(20), Some(64 << 20), Some("0".to_owned())), "{}", place.layout);
        container.end();
    }
}

#[test]
fn without_a_group_nothing_can_be_changed_and_that_is_told() {
    for place in Place::without_groups("update-alone") {
        let container = Container::sleeper(&place, &[]);
        for options in [["--memory", "64m"], ["--cpus", "0.5"], ["--pids-limit", "10"]] {
            let output = container.verb("update", &options);
            let said = err(&output);
            assert!(["CX5003", "CX5007"].contains(&&*code(&output)), "{}: {options:?}: {said}", place.layout);
        }
        container.end();
    }
}

#[test]
fn what_is_no_limit_of_a_running_container_is_refused() {
    let place = Place::any("update-bad");
    let container = Container::sleeper(&place, &[]);
    for options in [&["--memory", "x"][..], &["--ulimit", "nofile=1"], &["--frob"], &["--cpus", "0"]] {
        let output = container.verb("update", options);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(125), "{}: {options:?}: {said}", place.layout);
        assert!(said.starts_with("error[CX1") && said.contains("fix:"), "{options:?}: {said}");
    }
    assert_eq!(code(&place.containerception(&["update", "--memory", "64m", "limits-nobody"])), "CX2013");
    container.end();
}

/// Nobody changes the limits of somebody else's container.
#[test]
fn a_container_of_roots_is_nobody_elses_to_change() {
    let places = Place::all("update-others");
    let Some(root) = places.iter().find(|place| place.somebody.kind == Kind::Root) else {
        return skip("update-others", "needs to be root");
    };
    let container = Container::sleeper(root, &["--pids-limit", "20"]);
    for other in places.iter().filter(|place| place.somebody.kind != Kind::Root) {
        for words in [&["update", "--pids-limit", "30", &container.name][..], &["pause", &container.name]] {
            let output = other.containerception(words);
            assert_eq!(code(&output), "CX2013", "{}: {}{}", other.layout, out(&output), err(&output));
        }
    }
    assert_eq!(container.groups().number("pids.max", ""), Some(20));
    container.end();
}
