//! `stats`: the kernel's own figures.

use crate::container::{Container, Place};
use end_to_end::out;
use serde_json::Value;
use testbed::groups::Groups;

/// Where a figure stands, in which files of v1 or v2 and behind which key there, and by what the kernel's is multiplied.
type Figure = (&'static str, &'static [(&'static str, &'static str)], u64);

const FIGURES: [Figure; 12] = [
    ("/memory/limit", &[("memory.limit_in_bytes", ""), ("memory.max", "")], 1),
    ("/memory/current", &[("memory.usage_in_bytes", ""), ("memory.current", "")], 1),
    ("/memory/anon", &[("memory.stat", "total_rss"), ("memory.stat", "anon")], 1),
    ("/memory/oomKills", &[("memory.oom_control", "oom_kill"), ("memory.events", "oom_kill")], 1),
    ("/memory/peak", &[("memory.max_usage_in_bytes", ""), ("memory.peak", "")], 1),
    ("/pids/limit", &[("pids.max", "")], 1),
    ("/pids/current", &[("pids.current", "")], 1),
    ("/pids/atLimit", &[("pids.events", "max")], 1),
    ("/cpu/usage", &[("cpuacct.usage", ""), ("cpu.stat", "usage_usec")], 1000),
    ("/cpu/periods", &[("cpu.stat", "nr_periods")], 1),
    ("/cpu/throttledPeriods", &[("cpu.stat", "nr_throttled")], 1),
    ("/cpu/throttled", &[("cpu.stat", "throttled_usec")], 1000),
];

/// The kernel's own, of the first file that there is; `None` on v1 where the container has no group of its own with it.
fn kernels(groups: &Groups, own: &Groups, (_, files, factor): Figure) -> Option<u64> {
    let (file, key, number) =
        files.iter().find_map(|(file, key)| Some((*file, *key, groups.number(file, key)?)))?;
    let controller = file.split_once('.')?.0;
    if groups.with(controller) == own.with(controller) {
        return None;
    }
    // v1 counts in nanoseconds already.
    let _ = key;
    Some(if file == "cpuacct.usage" { number } else { number * factor })
}

fn stats(container: &Container<'_>) -> Value {
    let text = container.does("stats", &["--format", "json", "--no-stream"]);
    assert_eq!(text.lines().count(), 1, "{}: {text}", container.place.layout);
    serde_json::from_str(&text).expect("a line of JSON")
}

/// While nothing of a container runs, its figures stand still; those that do not, lie between two looks.
#[test]
fn they_agree_with_the_files_of_the_kernel() {
    let options = ["--memory", "100m", "--cpus", "0.5", "--pids-limit", "20"];
    let script = "dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2> /dev/null;
        i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done; echo done; exec sleep 1000";
    for place in Place::with_groups("stats") {
        let mut container = Container::start(&place, &options, script);
        container.wait_for("done");
        let own = Groups::of(std::process::id()).expect("this process runs");
        let groups = container.groups();
        let look = || FIGURES.map(|figure| kernels(&groups, &own, figure));
        let before = look();
        let told = stats(&container);
        let after = look();
        assert_eq!(told["name"], *container.name, "{told}");
        let mut compared = 0;
        for ((figure, before), after) in FIGURES.into_iter().zip(before).zip(after) {
            let told = told.pointer(figure.0).expect("a name").as_u64();
            let (Some(before), Some(after)) = (before, after) else { continue };
            let agrees = told.is_some_and(|told| (before.min(after)..=after.max(before)).contains(&told));
            assert!(agrees, "{}: {}: {told:?}, not {before} to {after}", place.layout, figure.0);
            compared += 1;
        }
        assert!(compared >= 8, "{}: {compared} figures", place.layout);
        assert!(told["memory"]["current"].as_u64().is_some_and(|bytes| bytes > 20 << 20), "{told}");
        container.end();
    }
}

#[test]
fn a_spinning_container_uses_what_it_may() {
    for place in Place::with_groups("stats-percent") {
        let container = Container::spinner(&place, &["--cpus", "0.5", "--cpu-shares", "262144"]);
        let percent = stats(&container)["cpu"]["percent"].as_f64();
        // On v1 the time is counted by a controller of its own, in which the container need have no group.
        assert!(percent.is_none_or(|percent| percent <= 60.0), "{}: {percent:?}", place.layout);
        let throttled = stats(&container)["cpu"]["throttledPercent"].as_f64();
        assert!(throttled.is_some_and(|percent| percent > 0.0), "{}: {throttled:?}", place.layout);
        container.end();
    }
}

#[test]
fn refused_forks_and_ended_processes_are_counted() {
    if end_to_end::lacks("stats-counted", &["bash"]) {
        return;
    }
    let script = "for i in {1..20}; do sleep 1000 & done 2> /dev/null";
    let take = "dd if=/dev/zero of=/dev/null bs=200M count=1 2> /dev/null";
    for place in Place::with_groups("stats-counted") {
        let command = format!("{take}; echo ready; {script}");
        let options = ["--memory", "64m", "--memory-swap", "64m", "--pids-limit", "10"];
        let mut container = Container::launch(&place, &options, &["bash", "-c", &command]);
        assert!(container.is_up(), "{}", place.layout);
        let groups = container.groups();
        end_to_end::eventually("a fork is refused", || groups.number("pids.events", "max") > Some(0));
        let told = stats(&container);
        let counted = (told["memory"]["oomKills"].as_u64(), told["pids"]["atLimit"].as_u64());
        assert!(counted.0 == Some(1) && counted.1 > Some(0), "{}: {counted:?}", place.layout);
        container.end();
    }
}

#[test]
fn all_containers_are_in_the_table_and_every_kind_of_user_has_one() {
    for place in Place::all("stats-table") {
        let containers = [(); 2].map(|()| Container::sleeper(&place, &[]));
        let table = out(&place.containerception(&["stats", "--no-stream"]));
        for container in &containers {
            assert_eq!(table.matches(&*container.name).count(), 1, "{}: {table}", place.layout);
        }
        containers.into_iter().for_each(Container::end);
    }
}
