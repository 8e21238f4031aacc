//! `ps`: what runs.

use crate::{Container, containerception};
use end_to_end::{Somebody, eventually, out};

#[test]
fn it_lists_what_runs_and_nothing_that_has_ended() {
    for somebody in Somebody::all("ps") {
        let container = Container::start(&somebody, &[]);
        let listed = |format: &str| out(&containerception(&somebody, &["ps", "--format", format]));
        // A container is written down when it has lived for a moment.
        eventually("its record is written", || !listed("json").contains("begins"));
        assert!(listed("names").lines().any(|name| name == container.name), "{}", somebody.kind);
        let table = listed("table");
        let line = table.lines().find(|line| line.starts_with(&container.name)).expect("a line of it");
        assert!(table.starts_with("NAME") && line.ends_with("sh -c echo ready; exec sleep 1000"), "{table}");
        let json = listed("json");
        let object = json.lines().find(|line| line.contains(&container.name)).expect("a line of it");
        for part in
            [r#""status":"running""#, r#""command":["sh","-c","echo ready; exec sleep 1000"]"#, r#""pid":"#]
        {
            assert!(object.contains(part), "{object}");
        }
        let name = container.name.clone();
        drop(container);
        let gone = || !listed("names").lines().any(|listed| listed == name);
        eventually("one that was killed is listed no more", gone);
    }
}

#[test]
fn a_control_character_in_a_command_reaches_no_terminal() {
    for somebody in Somebody::all("ps-control") {
        let script = "echo ready; exec sleep 1000 # \u{1b}[2J";
        let container = Container::running(&somebody, &[], &["sh", "-c", script]);
        let table = || out(&containerception(&somebody, &["ps"]));
        eventually("its record is written", || {
            table().contains(&format!("{} ", container.name)) && !table().contains("begins")
        });
        assert!(!table().contains('\u{1b}') && table().contains(r"\u{1b}[2J"), "{}", table());
    }
}

#[test]
fn nobody_sees_what_others_run() {
    let all = Somebody::all("ps-others");
    let containers: Vec<Container<'_>> = all.iter().map(|one| Container::start(one, &[])).collect();
    for (index, somebody) in all.iter().enumerate() {
        let names = out(&containerception(somebody, &["ps", "--format", "names"]));
        for (other, container) in containers.iter().enumerate() {
            assert_eq!(names.contains(&container.name), index == other, "{}: {names}", somebody.kind);
        }
    }
}
