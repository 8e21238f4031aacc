//! `run --explain=json`. That each line is JSON, and what its fields are, the program's own tests say.

use crate::told;
use end_to_end::{Kind, Somebody, err, out};

/// The lines that are objects, and of those how many begin with `{"step":`.
fn objects(text: &str) -> (usize, usize) {
    let objects: Vec<&str> =
        text.lines().filter(|line| line.starts_with('{') && line.ends_with('}')).collect();
    (objects.len(), objects.iter().filter(|line| line.starts_with("{\"step\":")).count())
}

/// The number behind `"steps":` of the first line.
fn promised(text: &str) -> Option<usize> {
    text.lines().next()?.split_once("\"steps\":")?.1.trim_end_matches('}').parse().ok()
}

#[test]
fn each_step_of_a_run_is_one_line_on_stderr() {
    for somebody in Somebody::all("explain-json") {
        let output = somebody.run(&["--explain=json", "echo", "hi"]);
        assert_eq!((output.status.code(), out(&output)), (Some(0), "hi\n".to_owned()), "{}", somebody.kind);
        let said = err(&output);
        let (lines, steps) = objects(&said);
        assert_eq!((lines, said.lines().count()), (steps + 1, steps + 1), "{said}");
        assert_eq!(promised(&said), Some(steps), "{said}");
        assert!(said.starts_with("{\"version\":\"") && said.contains("\"nanoseconds\":"), "{said}");
    }
}

#[test]
fn a_plan_that_is_not_performed_goes_to_stdout() {
    for somebody in Somebody::all("explain-json-dry") {
        let output = somebody.run(&["--explain=json", "--dry-run", "true"]);
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{}", somebody.kind);
        let text = out(&output);
        assert_eq!(promised(&text), Some(objects(&text).1), "{text}");
        assert!(!text.contains("\"nanoseconds\":"), "{text}");
        let people = out(&somebody.run(&["--dry-run", "true"]));
        let steps = people.lines().filter(|line| !line.starts_with("note: ")).count();
        assert_eq!(promised(&text), Some(steps), "{people}");
    }
}

/// Notes of every kind stand in the first line, and nowhere else.
#[test]
fn notes_do_not_break_the_lines() {
    for somebody in Somebody::all("explain-json-notes") {
        let said = err(&somebody.run(&["--explain=json", "--pass=2", "--no-init", "true"]));
        let (lines, steps) = objects(&said);
        assert_eq!((lines, said.lines().count()), (steps + 1, steps + 1), "{said}");
        let head = said.lines().next().unwrap_or_default();
        assert!(head.contains("[\"pass 2 ") && head.contains("\"--no-init: "), "{head}");
    }
}

#[test]
fn after_a_failure_the_error_follows_as_text() {
    let Some(somebody) = Somebody::only(Kind::Single, "explain-json-failure") else { return };
    let output = told(&somebody, &["run", "--explain=json", "-w", "/nowhere", "true"]);
    let said = err(&output);
    let (lines, _) = objects(&said);
    assert_eq!(output.status.code(), Some(125), "{said}");
    assert!(said.lines().nth(lines).is_some_and(|line| line.starts_with("error[CX6006]: ")), "{said}");
}
