//! The keys that make signals: they reach the foreground job inside, and nobody else.

use crate::person::{PROMPT, Person};
use end_to_end::Somebody;

/// A person at a shell inside, which has job control and nothing to say about it.
fn at_inner_shell(somebody: &Somebody) -> Person {
    let line = ["-e", "PS1", "bash", "--norc", "--noprofile"];
    let mut person = Person::running(somebody, &line);
    let greeting = person.reads(PROMPT);
    assert!(!greeting.contains("bash:"), "{}: {greeting:?}", somebody.kind);
    person
}

/// Ends the shell, with the status of its last command.
fn ends(mut person: Person) -> Option<i32> {
    person.types("\x04");
    person.sees_end().0.code()
}

#[test]
fn control_c_interrupts_the_job_and_not_the_shell() {
    for somebody in Somebody::all("terminal-interrupt") {
        let mut person = at_inner_shell(&somebody);
        person.enters("sh -c 'echo asleep; exec sleep 100'");
        person.reads("\r\nasleep\r\n");
        person.types("\x03");
        person.reads(PROMPT);
        assert_eq!(person.asks("echo $?"), "130\n", "{}", somebody.kind);
        assert_eq!(ends(person), Some(0));
    }
}

#[test]
fn control_backslash_quits_the_job() {
    for somebody in Somebody::all("terminal-quit") {
        let mut person = at_inner_shell(&somebody);
        person.enters("sh -c 'echo asleep; exec sleep 100'");
        person.reads("\r\nasleep\r\n");
        person.types("\x1c");
        person.reads(PROMPT);
        assert_eq!(person.asks("echo $?"), "131\n", "{}", somebody.kind);
        assert_eq!(ends(person), Some(0));
    }
}

#[test]
fn control_z_stops_the_job_and_fg_continues_it() {
    for somebody in Somebody::all("terminal-stop") {
        let mut person = at_inner_shell(&somebody);
        person.enters("sh -c 'echo ready; read line; echo \"<$line>\"'");
        person.reads("\r\nready\r\n");
        person.types("\x1a");
        person.reads("Stopped");
        person.reads(PROMPT);
        assert!(person.asks("jobs").contains("Stopped"), "{}", somebody.kind);
        person.enters("fg");
        person.reads("sh -c");
        person.enters("hello");
        person.reads("<hello>\r\n");
        person.reads(PROMPT);
        assert_eq!(ends(person), Some(0));
    }
}

#[test]
fn control_d_is_the_end_of_what_is_typed() {
    for somebody in Somebody::all("terminal-end") {
        let mut person = Person::running(&somebody, &["sh", "-c", "echo ready; wc -l; exit 5"]);
        person.reads("ready\r\n");
        person.types("one\rtwo\r\x04");
        let (status, text) = person.sees_end();
        assert_eq!((status.code(), text.as_str()), (Some(5), "one\r\ntwo\r\n2\r\n"), "{}", somebody.kind);
    }
}

#[test]
fn a_command_without_a_shell_is_interrupted_quit_and_ends_with_the_signals_status() {
    for somebody in Somebody::all("terminal-keys") {
        for (key, status) in [("\x03", 130), ("\x1c", 131)] {
            let mut person = Person::running(&somebody, &["sh", "-c", "echo asleep; exec sleep 100"]);
            person.reads("asleep\r\n");
            person.types(key);
            assert_eq!(person.sees_end().0.code(), Some(status), "{}", somebody.kind);
        }
    }
}

#[test]
fn where_no_shell_could_continue_it_control_z_stops_nothing() {
    let script = "echo ready; read line; echo \"<$line>\"";
    for somebody in Somebody::all("terminal-orphan") {
        let mut person = Person::running(&somebody, &["sh", "-c", script]);
        person.reads("ready\r\n");
        person.types("\x1a");
        person.enters("hello");
        assert!(person.sees_end().1.ends_with("<hello>\r\n"), "{}", somebody.kind);
    }
}

#[test]
fn the_command_as_pid_1_has_the_keys_too() {
    let script = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.01; done";
    for somebody in Somebody::all("terminal-no-init") {
        let mut person = Person::running(&somebody, &["--no-init", "sh", "-c", script]);
        person.reads("ready\r\n");
        person.types("\x03");
        let (status, text) = person.sees_end();
        assert!(text.ends_with("interrupted\r\n"), "{}: {text:?}", somebody.kind);
        assert_eq!(status.code(), Some(9));
    }
}

#[test]
fn a_container_in_a_container_passes_them_on() {
    for somebody in Somebody::all("terminal-nested") {
        let program = somebody.program();
        let volume = format!("{}:/cx", program.display());
        let inner = ["/cx", "run", "sh", "-c", "echo asleep; exec sleep 100"];
        let line = [&["-v", &volume, "sh", "-c", "\"$@\"; echo status $?", "sh"], &inner[..]].concat();
        let mut person = Person::running(&somebody, &line);
        person.reads("asleep\r\n");
        person.types("\x03");
        let (_, text) = person.sees_end();
        assert!(text.ends_with("status 130\r\n"), "{}: {text:?}", somebody.kind);
    }
}
