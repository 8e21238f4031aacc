//! `--step`: a person stops before each step, and looks around.

use crate::person::Person;
use end_to_end::{Somebody, err};

/// The end of what is said before a step, after which an answer is awaited.
const ASKED: &str = "    ? ";

/// Goes on until the step before which `title` stands.
fn goes_to(person: &mut Person, title: &str) {
    while !person.reads(ASKED).contains(title) {
        person.enters("");
    }
}

#[test]
fn at_the_step_before_pivot_root_the_new_root_is_there_and_not_yet_in_place() {
    for somebody in Somebody::all("step-pivot") {
        let mut person = Person::running(&somebody, &["--step", "sh", "-c", "test -e /.host || echo inside"]);
        goes_to(&mut person, "make this the root and let go of the old one");
        person.enters("s");
        person.reads("(half-built container) # ");
        person.enters(
            "pwd -P; ls -d /proc/1/.. home; test -d etc/apt || echo n''ew; test -d /etc/apt && echo o''ld",
        );
        let seen = person.reads("old\r\n");
        assert!(seen.contains("new\r\n") && seen.contains("home\r\n"), "{}: {seen}", somebody.kind);
        person.enters("exit");
        person.reads(ASKED);
        person.enters("");
        goes_to(&mut person, "bound capabilities for good");
        person.enters("s");
        person.reads("(half-built container) # ");
        person.enters("pwd; test -d /etc/apt || echo g''one");
        let seen = person.reads("gone\r\n");
        assert!(seen.contains("\r\n/\r\n"), "{}: {seen}", somebody.kind);
        person.enters("exit");
        person.reads(ASKED);
        person.enters("c");
        let (status, text) = person.sees_end();
        assert!(text.ends_with("inside\r\n"), "{}: {text}", somebody.kind);
        assert_eq!(status.code(), Some(0));
    }
}

#[test]
fn each_step_is_asked_for_once_in_order_with_what_there_is_and_why() {
    for somebody in Somebody::all("step-all") {
        let mut person = Person::running(&somebody, &["--step", "true"]);
        let first = person.reads(ASKED);
        let total: usize = first
            .split(" of ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next()?.parse().ok())
            .expect("a number");
        person.enters("w");
        let why = person.reads(ASKED);
        assert!(why.contains("    why: ") && why.contains("    read: ") && why.contains("mkdirat("), "{why}");
        person.enters("i");
        let here = person.reads(ASKED);
        for part in ["user:[", "mnt:[", "users (inside outside count):", "Uid:", "mounts:", " / "] {
            assert!(here.contains(part), "{}: {part}: {here}", somebody.kind);
        }
        for number in 2..=total {
            person.enters("");
            let asked = person.reads(ASKED);
            assert!(asked.contains(&format!("\nstep {number} of {total}  ")), "{}: {asked}", somebody.kind);
        }
        person.enters("");
        assert_eq!(person.sees_end().0.code(), Some(0), "{}", somebody.kind);
    }
}

#[test]
fn what_is_answered_is_a_whole_line() {
    for somebody in Somebody::all("step-line") {
        let mut person = Person::running(&somebody, &["--step", "true"]);
        person.reads(ASKED);
        for other in ["what", "quit", "-1", "1", "99999999999999999999"] {
            person.enters(other);
            let told = person.reads(ASKED);
            assert!(
                told.contains("or the number of a step") && told.contains("\nstep 1 of "),
                "{other}: {told}"
            );
        }
        person.enters("20");
        let asked = person.reads(ASKED);
        assert!(asked.contains("\nstep 20 of "), "{}: {asked}", somebody.kind);
        person.enters("1000");
        assert_eq!(person.sees_end().0.code(), Some(0), "{}", somebody.kind);
    }
}

#[test]
fn ctrl_c_in_the_shell_is_for_what_runs_there() {
    for somebody in Somebody::all("step-interrupt") {
        for title in ["clone a child", "bound capabilities for good"] {
            let mut person = Person::running(&somebody, &["--step", "sh", "-c", "sleep 0.1; echo d''one"]);
            goes_to(&mut person, title);
            person.enters("s");
            person.reads("(half-built container) # ");
            // The interactive shell's own child loses a signal that comes before its exec; this one has none of that.
            person.enters("sh -c \"echo s''lept; exec sleep 60\"");
            person.reads("slept\r\n");
            person.types("\x03");
            person.reads("(half-built container) # ");
            // A person takes longer than the runtime does to pass the signal on to init, which forgets it with the shell.
            person.enters("sleep 0.5");
            person.reads("(half-built container) # ");
            person.enters("exit");
            person.reads(ASKED);
            person.enters("c");
            let (status, text) = person.sees_end();
            assert!(text.contains("done\r\n"), "{}: {title}: {text}", somebody.kind);
            assert_eq!(status.code(), Some(0));
        }
    }
}

#[test]
fn ctrl_c_at_the_question_gives_up() {
    for somebody in Somebody::all("step-stop") {
        for title in ["clone a child", "bound capabilities for good"] {
            let mut person = Person::running(&somebody, &["--step", "true"]);
            goes_to(&mut person, title);
            person.types("\x03");
            let (status, text) = person.sees_end();
            assert!(text.contains("error[CX1019]"), "{}: {title}: {text}", somebody.kind);
            assert_eq!(status.code(), Some(125));
        }
    }
}

#[test]
fn who_gives_up_leaves_nothing() {
    for somebody in Somebody::all("step-quit") {
        for title in ["clone a child", "mount a fresh tmpfs on /dev", "become a job of the session"] {
            let name = format!("step-quit-{}-{}", std::process::id(), somebody.kind.word());
            let mut person = Person::running(&somebody, &["--name", &name, "--step", "true"]);
            goes_to(&mut person, title);
            person.enters("q");
            let (status, text) = person.sees_end();
            assert!(text.contains("error[CX1019]") && text.contains(title), "{}: {text}", somebody.kind);
            assert_eq!(status.code(), Some(125));
            let containers = std::fs::read_dir(somebody.state().join("containers")).expect("a directory");
            let left: Vec<_> = containers
                .flatten()
                .filter(|entry| entry.file_name().to_string_lossy().contains(&name))
                .collect();
            assert!(left.is_empty(), "{}: {left:?}", somebody.kind);
        }
    }
}

#[test]
fn without_a_terminal_there_is_nobody_to_ask() {
    for somebody in Somebody::all("step-none") {
        let output = somebody.run(&["--step", "true"]);
        assert!(err(&output).starts_with("error[CX1020]: "), "{}", err(&output));
    }
}
