//! `pause` and `resume`.

use crate::container::{Container, Place, code, cpu_time};
use end_to_end::{Running, err, eventually};
use rustix::process::Signal;
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::groups::Groups;

/// Whether the kernel says that all of a container's processes stand still.
fn is_frozen(groups: &Groups) -> bool {
    let v2 = groups.number("cgroup.events", "frozen") == Some(1);
    v2 || groups.read("freezer.state").as_deref() == Some("FROZEN")
}

#[test]
fn a_counter_stops_and_goes_on() {
    for place in Place::with_groups("pause") {
        let container = Container::spinner(&place, &[]);
        let spinner = container.command();
        container.does("pause", &[]);
        assert!(is_frozen(&container.groups()), "{}", place.layout);
        let before = cpu_time(spinner);
        sleep(Duration::from_millis(300));
        assert_eq!(cpu_time(spinner), before, "{}: it goes on", place.layout);
        container.does("resume", &[]);
        assert!(!is_frozen(&container.groups()), "{}", place.layout);
        eventually("it goes on", || cpu_time(spinner) > before + Duration::from_millis(50));
        container.end();
    }
}

#[test]
fn what_was_started_in_it_later_stops_as_well() {
    for place in Place::with_groups("pause-exec") {
        let container = Container::sleeper(&place, &[]);
        let mut words = place.somebody.containerception();
        words.args(["exec", &container.name, "sh", "-c", "echo ready; while :; do :; done"]);
        let mut exec = Running::start(&mut words);
        exec.wait_for("ready");
        let spinner = testbed::processes::child_of(exec.pid()).expect("it runs");
        container.does("pause", &[]);
        let before = cpu_time(spinner);
        sleep(Duration::from_millis(200));
        assert_eq!(cpu_time(spinner), before, "{}: it goes on", place.layout);
        container.does("unpause", &[]);
        eventually("it goes on", || cpu_time(spinner) > before);
        container.end();
        assert_eq!(exec.finish().status.code(), Some(137), "{}", place.layout);
    }
}

#[test]
fn a_paused_container_can_be_killed() {
    for place in Place::with_groups("pause-kill") {
        let container = Container::spinner(&place, &[]);
        container.does("pause", &[]);
        container.end();
    }
}

/// TERM waits until it is resumed; KILL does not, five seconds later.
#[test]
fn a_paused_container_ends_by_its_time() {
    for place in Place::with_groups("pause-timeout") {
        let container = Container::spinner(&place, &["--timeout", "2"]);
        container.does("pause", &[]);
        let start = Instant::now();
        while !container.has_ended() && start.elapsed() < Duration::from_secs(15) {
            sleep(Duration::from_millis(50));
        }
        assert!(container.has_ended(), "{}: it does not end", place.layout);
        assert_eq!(container.finish().status.code(), Some(124), "{}", place.layout);
    }
}

#[test]
fn twice_is_once() {
    for place in Place::with_groups("pause-twice") {
        let container = Container::spinner(&place, &[]);
        container.does("pause", &[]);
        container.does("pause", &[]);
        assert!(is_frozen(&container.groups()), "{}", place.layout);
        container.does("resume", &[]);
        container.does("resume", &[]);
        let before = cpu_time(container.command());
        eventually("it goes on", || cpu_time(container.command()) > before);
        container.signal(Signal::TERM);
        assert_eq!(container.finish().status.code(), Some(143), "{}", place.layout);
    }
}

#[test]
fn limits_can_be_changed_meanwhile() {
    for place in Place::with_groups("pause-update") {
        let container = Container::spinner(&place, &["--pids-limit", "20"]);
        container.does("pause", &[]);
        container.does("update", &["--pids-limit", "30"]);
        assert_eq!(container.groups().number("pids.max", ""), Some(30), "{}", place.layout);
        assert!(is_frozen(&container.groups()), "{}", place.layout);
        container.end();
    }
}

#[test]
fn without_a_group_it_is_refused_and_the_container_goes_on() {
    for place in Place::without_groups("pause-alone") {
        let container = Container::spinner(&place, &[]);
        let output = container.verb("pause", &[]);
        let said = err(&output);
        assert_eq!(
            (output.status.code(), &*code(&output)),
            (Some(125), "CX5007"),
            "{}: {said}",
            place.layout
        );
        let before = cpu_time(container.command());
        eventually("it goes on", || cpu_time(container.command()) > before);
        container.end();
    }
}

#[test]
fn who_does_not_run_cannot_be_paused() {
    for place in Place::all("pause-nobody") {
        for verb in ["pause", "resume"] {
            assert_eq!(code(&place.containerception(&[verb, "limits-nobody"])), "CX2013", "{verb}");
        }
    }
}
