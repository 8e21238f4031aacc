//! A runtime that somebody kills: the next command removes what it has left.

use crate::container::{Container, Place, is_any_alive, no_unit_is_left, nothing_is_left};
use end_to_end::err;
use testbed::groups;
use testbed::processes::{Process, descendants};

const LIMITS: [&str; 6] = ["--memory", "64m", "--cpus", "0.5", "--pids-limit", "20"];

/// Kills the runtime of a container, and types `command`; then nothing is left.
fn is_undone_by(mut container: Container<'_>, command: &[&str]) {
    let (place, name) = (container.place, container.name.clone());
    assert!(!groups::named(&name).is_empty(), "{}: it has groups", place.layout);
    let family: Vec<Process> = descendants(container.runtime());
    container.orphan();
    let output = place.containerception(command);
    assert!(output.status.success(), "{}: {command:?}: {}", place.layout, err(&output));
    nothing_is_left(&name, place);
    no_unit_is_left(&name, place);
    assert!(!family.is_empty() && !is_any_alive(&family), "{}: {family:?}", place.layout);
}

#[test]
fn its_groups_are_removed_by_gc_and_by_the_next_run() {
    for place in Place::with_groups("killed") {
        for command in [&["gc"][..], &["run", "true"]] {
            is_undone_by(Container::sleeper(&place, &LIMITS), command);
        }
    }
}

/// Frozen processes do not even die (v1), unless they are thawed.
#[test]
fn a_paused_container_is_removed_as_well() {
    for place in Place::with_groups("killed-paused") {
        for command in [&["gc"][..], &["run", "true"]] {
            let container = Container::spinner(&place, &LIMITS);
            container.does("pause", &[]);
            is_undone_by(container, command);
        }
    }
}

/// A group that was made after the start, by an update, is known as well.
#[test]
fn a_group_that_came_later_is_removed_as_well() {
    for place in Place::with_groups("killed-updated") {
        let container = Container::sleeper(&place, &["--pids-limit", "20"]);
        let late = container.verb("update", &["--memory", "64m", "--cpus", "0.5"]);
        let said = err(&late);
        assert!(late.status.success() || said.contains("CX500"), "{}: {said}", place.layout);
        is_undone_by(container, &["gc"]);
    }
}
