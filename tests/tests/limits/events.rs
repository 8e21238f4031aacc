//! `events`: what happens, as it happens.

use crate::container::{Container, Place};
use crate::layout::Layout;
use end_to_end::{Running, err, eventually, lacks, out};
use serde_json::Value;

/// Takes more than it may have.
const TAKE: &str = "dd if=/dev/zero of=/dev/null bs=200M count=1 2> /dev/null";
const LIMITS: [&str; 4] = ["--memory", "64m", "--memory-swap", "64m"];

/// A container that waits for a file, then goes on with `script`.
fn waiting<'a>(place: &'a Place, options: &[&str], script: &str) -> Container<'a> {
    Container::start(place, options, &format!("until test -e /tmp/go; do sleep 0.01; done; {script}"))
}

/// Somebody who listens to a container, and hears already: a pause makes that visible.
fn listener(container: &Container<'_>) -> Running {
    // On v1 the first pause makes the group by which it is heard.
    container.does("pause", &[]);
    container.does("resume", &[]);
    let mut command = container.place.somebody.containerception();
    let listener = Running::start(command.args(["events", &container.name, "--format", "json"]));
    eventually("it hears", || {
        container.does("pause", &[]);
        std::thread::sleep(std::time::Duration::from_millis(300));
        container.does("resume", &[]);
        listener.has_printed("thawed")
    });
    listener
}

/// The same, then the container goes on.
fn listen(container: &Container<'_>) -> Running {
    let listener = listener(container);
    go(container);
    listener
}

fn go(container: &Container<'_>) {
    let went = container.exec(&["touch", "/tmp/go"]);
    assert!(went.status.success(), "{}", err(&went));
}

/// Until somebody listens to the container: a file beside its journal is the sign.
fn await_listener(container: &Container<'_>) {
    let beside = format!("{}:events", container.name);
    eventually("it listens", || {
        let state = container.place.somebody.state().join("containers");
        let entries = std::fs::read_dir(state).expect("a directory");
        entries.flatten().any(|entry| entry.file_name().to_string_lossy() == beside)
    });
}

/// All that was told, when the container has ended.
fn told(listener: Running, place: &Place) -> Vec<Value> {
    let output = listener.finish();
    assert!(output.status.success(), "{}: {}", place.layout, err(&output));
    out(&output).lines().map(|line| serde_json::from_str(line).expect("JSON in each line")).collect()
}

/// Those in which a container is given a group for what it was started without; on v2 it has one for all.
fn with_groups_made_later(test: &str) -> Vec<Place> {
    Place::chosen(test, "only v1 has a hierarchy for each controller", |place| place.layout == Layout::V1)
}

fn find<'a>(events: &'a [Value], kind: &str) -> Option<&'a Value> {
    events.iter().find(|event| event["event"] == kind)
}

#[test]
fn a_process_that_the_kernel_ends_is_told() {
    for place in Place::with_groups("events-oom") {
        let container = waiting(&place, &LIMITS, &format!("{TAKE}; sleep 1000"));
        let mut listener = listen(&container);
        listener.wait_for("oom_kill");
        container.does("kill", &[]);
        assert_eq!(container.finish().status.code(), Some(137), "{}", place.layout);
        let events = told(listener, &place);
        let kill = find(&events, "oom_kill").expect("it is told");
        assert_eq!((&kill["new"], &kill["total"]), (&1.into(), &1.into()), "{}: {events:?}", place.layout);
        let end = find(&events, "exited").expect("the end is told");
        assert_eq!(end["by_somebody"], true, "{}: {events:?}", place.layout);
    }
}

#[test]
fn a_command_that_the_kernel_ends_is_told_with_the_end() {
    for place in Place::with_groups("events-end") {
        let container = waiting(&place, &LIMITS, &format!("exec {TAKE}"));
        let listener = listen(&container);
        assert_eq!(container.finish().status.code(), Some(137), "{}", place.layout);
        let events = told(listener, &place);
        let end = find(&events, "exited").expect("the end is told");
        let cause = (end["status"].as_u64(), end["killed"].as_str(), end["limit"].as_u64());
        assert_eq!(cause, (Some(137), Some("memory"), Some(64 << 20)), "{}: {events:?}", place.layout);
        assert_eq!(events.last().map(|last| last["event"].clone()), Some("exited".into()), "{events:?}");
    }
}

#[test]
fn the_first_pause_is_told() {
    for place in with_groups_made_later("events-first") {
        let container = waiting(&place, &[], "true");
        let mut command = place.somebody.containerception();
        let mut listener = Running::start(command.args(["events", &container.name]));
        await_listener(&container);
        // It takes its first look a moment after that, and what came before is not told.
        std::thread::sleep(std::time::Duration::from_secs(2));
        container.does("pause", &[]);
        listener.wait_for("paused");
        container.does("resume", &[]);
        listener.wait_for("resumed");
        go(&container);
        container.finish();
        let output = listener.finish();
        assert!(out(&output).ends_with("ended with status 0\n"), "{}: {}", place.layout, out(&output));
    }
}

#[test]
fn a_limit_that_came_later_is_told_with_the_end() {
    for place in with_groups_made_later("events-later") {
        let container = waiting(&place, &["--pids-limit", "50"], &format!("{TAKE}; sleep 2; exec {TAKE}"));
        let listener = listener(&container);
        container.does("update", &LIMITS);
        // It is looked once a second whether there are other groups.
        std::thread::sleep(std::time::Duration::from_secs(3));
        go(&container);
        let ended = container.finish();
        assert_eq!(ended.status.code(), Some(137), "{}", place.layout);
        assert!(err(&ended).contains("memory limit 64 MiB"), "{}: {}", place.layout, err(&ended));
        let events = told(listener, &place);
        assert!(find(&events, "oom_kill").is_some(), "{}: {events:?}", place.layout);
        assert_eq!(find(&events, "exited").expect("the end is told")["killed"], "memory", "{events:?}");
    }
}

#[test]
fn refused_forks_are_told() {
    if lacks("events-pids", &["bash"]) {
        return;
    }
    for place in Place::with_groups("events-pids") {
        let script = "exec bash -c 'for i in {1..20}; do sleep 1000 & done 2> /dev/null'";
        let container = waiting(&place, &["--pids-limit", "10"], script);
        let mut listener = listen(&container);
        listener.wait_for("pids_max");
        container.end();
        let events = told(listener, &place);
        let end = find(&events, "exited").expect("the end is told");
        assert_eq!(
            (&end["status"], &end["killed"]),
            (&137.into(), &Value::Null),
            "{}: {events:?}",
            place.layout
        );
    }
}

/// For people, as lines of text; and the status of whoever ends by itself.
#[test]
fn the_end_is_told_to_everyone() {
    for place in Place::all("events-text") {
        let script = "until test -e /tmp/go; do sleep 0.01; done; exit 7";
        let container = Container::start(&place, &[], script);
        let mut command = place.somebody.containerception();
        let listener = Running::start(command.args(["events", &container.name]));
        await_listener(&container);
        go(&container);
        assert_eq!(container.finish().status.code(), Some(7), "{}", place.layout);
        let output = listener.finish();
        assert!(out(&output).contains("ended with status 7"), "{}: {}", place.layout, out(&output));
    }
}
