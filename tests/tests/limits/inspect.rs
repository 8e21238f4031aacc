//! `inspect`: what was asked for, and what is held.

use crate::container::{Container, Place};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn inspect(container: &Container<'_>) -> Value {
    serde_json::from_str(&container.does("inspect", &[])).expect("JSON")
}

/// What it tells of the limit that an option asked for.
fn limit<'a>(told: &'a Value, option: &str) -> &'a Value {
    let limits = told["limits"].as_array().expect("a list");
    limits.iter().find(|limit| limit["option"] == option).unwrap_or(&Value::Null)
}

#[test]
fn it_shows_what_was_asked_for_and_what_the_kernel_holds() {
    let options = ["--memory", "64m", "--cpus", "0.5", "--cpu-shares", "512", "--pids-limit", "20"];
    for place in Place::with_groups("inspect") {
        let container = Container::sleeper(&place, &options);
        let told = inspect(&container);
        assert_eq!(told["state"]["status"], "running", "{}", place.layout);
        for option in ["--memory", "--cpus", "--cpu-shares", "--pids-limit"] {
            let limit = limit(&told, option);
            assert_eq!(limit["held"], true, "{}: {option}: {told}", place.layout);
            let file = Path::new(limit["file"].as_str().expect("a path"));
            let shown = fs::read_to_string(file).expect("a control file");
            assert_eq!(limit["shown"].as_str(), Some(shown.trim()), "{}: {option}", place.layout);
            // A weight is that of the scope, beside other scopes.
            let in_scope = place.layout.is_by_systemd() && option == "--cpu-shares";
            let own = container.groups().directories().any(|group| {
                if in_scope { group.parent() == file.parent() } else { Some(group) == file.parent() }
            });
            assert!(own, "{}: {file:?} is not the container's", place.layout);
        }
        container.end();
    }
}

#[test]
fn it_shows_what_was_changed_and_what_somebody_else_has_undone() {
    for place in Place::with_groups("inspect-changed") {
        let container = Container::sleeper(&place, &["--pids-limit", "20"]);
        container.does("update", &["--pids-limit", "30"]);
        let told = inspect(&container);
        let shown = limit(&told, "--pids-limit");
        assert_eq!(
            (&shown["written"], &shown["held"]),
            (&"30".into(), &true.into()),
            "{}: {told}",
            place.layout
        );
        let group = container.groups().with("pids").expect("a group").to_owned();
        fs::write(group.join("pids.max"), "40").expect("a limit");
        let told = inspect(&container);
        let shown = limit(&told, "--pids-limit");
        assert_eq!(
            (&shown["shown"], &shown["held"]),
            (&"40".into(), &false.into()),
            "{}: {told}",
            place.layout
        );
        container.end();
    }
}

#[test]
fn it_shows_that_a_container_is_paused() {
    for place in Place::with_groups("inspect-paused") {
        let container = Container::sleeper(&place, &[]);
        container.does("pause", &[]);
        assert_eq!(inspect(&container)["state"]["status"], "paused", "{}", place.layout);
        container.does("resume", &[]);
        assert_eq!(inspect(&container)["state"]["status"], "running", "{}", place.layout);
        container.end();
    }
}

/// Without a group nothing is held, and what was done without is said with its reason.
#[test]
fn what_is_not_held_is_told_with_its_reason() {
    for place in Place::without_groups("inspect-effort") {
        let container = Container::sleeper(&place, &["--best-effort", "--memory", "64m"]);
        let told = inspect(&container);
        let memory = limit(&told, "--memory");
        assert_eq!(memory["held"], false, "{}: {told}", place.layout);
        let why = memory["why"].as_str().expect("a reason");
        assert!(why.contains("memory controller"), "{}: {why}", place.layout);
        assert!(told["spec"].to_string().contains("67108864"), "{}: what was asked: {told}", place.layout);
        container.end();
    }
}
