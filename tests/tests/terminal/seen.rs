//! What the command has for a terminal.

use crate::person::Person;
use end_to_end::{Kind, Somebody, lacks};

#[test]
fn the_command_has_a_terminal_of_its_own() {
    let script = "tty; test -t 0 && test -t 1 && test -t 2 && echo three; ls /dev/pts; echo > /dev/tty";
    if lacks("terminal-own", &["tty"]) {
        return;
    }
    for somebody in Somebody::all("terminal-own") {
        let (status, text) = Person::running(&somebody, &["sh", "-c", script]).sees_end();
        assert!(text.ends_with("/dev/pts/0\r\nthree\r\n0  ptmx\r\n\r\n"), "{}: {text:?}", somebody.kind);
        assert_eq!(status.code(), Some(0));
    }
}

#[test]
fn dash_i_and_dash_t_are_accepted_and_change_nothing() {
    for somebody in Somebody::all("terminal-it") {
        let (status, text) = Person::running(&somebody, &["-it", "sh", "-c", "tty; exit 7"]).sees_end();
        assert!(text.ends_with("/dev/pts/0\r\n"), "{}: {text:?}", somebody.kind);
        assert_eq!(status.code(), Some(7));
    }
}

#[test]
fn term_is_passed_on() {
    for somebody in Somebody::all("terminal-term") {
        let (_, text) = Person::running(&somebody, &["sh", "-c", "echo \"<$TERM>\""]).sees_end();
        assert!(text.ends_with("<dumb>\r\n"), "{}: {text:?}", somebody.kind);
    }
}

#[test]
fn its_size_is_that_of_the_window_and_follows_it() {
    let script = "trap 'stty size' WINCH; stty size; while :; do sleep 0.01; done";
    for somebody in Somebody::all("terminal-size") {
        let mut person = Person::running(&somebody, &["sh", "-c", script]);
        person.reads("24 250\r\n");
        person.resizes(50, 132);
        person.reads("50 132\r\n");
        person.types("\x03");
        assert_eq!(person.sees_end().0.code(), Some(130), "{}", somebody.kind);
    }
}

#[test]
fn its_mode_is_its_own() {
    for somebody in Somebody::all("terminal-stty") {
        let mut person = Person::at_shell(&somebody);
        let before = person.asks("stty -a");
        let inside = person.asks("$CX run sh -c 'stty -echo rows 5 erase x; stty -a'");
        assert!(
            inside.contains("rows 5;") && inside.contains("erase = x;") && inside.contains(" -echo "),
            "{inside}"
        );
        assert_eq!(person.asks("stty -a"), before, "{}", somebody.kind);
    }
}

#[test]
fn it_belongs_to_the_user_of_the_command() {
    let script = "stat -c %u:%a $(tty); echo by name > $(tty)";
    // A map of one id has no other user.
    for somebody in Somebody::all("terminal-owner").iter().filter(|somebody| somebody.kind != Kind::Single) {
        let (_, text) = Person::running(somebody, &["-u", "1000", "sh", "-c", script]).sees_end();
        assert!(text.ends_with("1000:620\r\nby name\r\n"), "{}: {text:?}", somebody.kind);
    }
}

#[test]
fn errors_that_are_sent_to_a_file_go_there() {
    for somebody in Somebody::all("terminal-errors") {
        let mut person = Person::at_shell(&somebody);
        let printed = person.asks("$CX run sh -c 'tty; echo mistake >&2' 2> errors");
        assert_eq!(printed, "/dev/pts/0\n", "{}", somebody.kind);
        assert_eq!(person.asks("cat errors"), "mistake\n", "{}", somebody.kind);
    }
}

#[test]
fn without_a_terminal_on_both_sides_there_is_none_inside() {
    for somebody in Somebody::all("terminal-half") {
        let mut person = Person::at_shell(&somebody);
        assert!(person.asks("$CX run tty < /dev/null").ends_with("not a tty\n"), "{}", somebody.kind);
        let script = "ls -l /dev/pts | grep -c pts; test -t 1 || echo no";
        assert!(
            person.asks(&format!("$CX run sh -c '{script}' | cat")).ends_with("no\n"),
            "{}",
            somebody.kind
        );
    }
}

#[test]
fn a_narration_starts_each_line_at_the_left() {
    for somebody in Somebody::all("terminal-narration") {
        let mut person = Person::at_shell(&somebody);
        person.enters("$CX run --explain true");
        person.reads("\r\n");
        let told = person.reads(crate::person::PROMPT).replace("\r\n", "");
        assert!(!told.contains('\n') && told.contains("execute true"), "{}: {told:?}", somebody.kind);
    }
}

#[test]
fn a_terminal_that_controls_no_session_is_relayed_too() {
    for somebody in Somebody::all("terminal-nobodys") {
        let mut person =
            Person::running_uncontrolled(&somebody, &["sh", "-c", "tty; read line; echo \"<$line>\""]);
        person.reads("/dev/pts/0\r\n");
        person.enters("hello");
        let (status, text) = person.sees_end();
        assert!(text.ends_with("<hello>\r\n"), "{}: {text:?}", somebody.kind);
        assert_eq!(status.code(), Some(0));
    }
}

#[test]
fn a_narration_in_a_file_has_plain_lines() {
    for somebody in Somebody::all("terminal-told") {
        let mut person = Person::at_shell(&somebody);
        person.asks("$CX run --explain true 2> told");
        assert_eq!(person.asks("grep -c execute told; grep -c $'\\r' told"), "1\n0\n", "{}", somebody.kind);
    }
}

#[test]
fn root_is_told_of_a_volume_that_cannot_be_written() {
    for somebody in Somebody::all("terminal-volume") {
        let noted = |volume: &str| {
            let (status, text) = Person::running(&somebody, &["-v", volume, "true"]).sees_end();
            assert_eq!(status.code(), Some(0), "{}: {text}", somebody.kind);
            text.contains("note: -v ") && text.contains(":idmap makes them root's")
        };
        let home = somebody.home().display().to_string();
        assert_eq!(noted(&format!("{home}:/work")), somebody.kind == Kind::Root);
        assert!(!noted(&format!("{home}:/work:ro")), "{}", somebody.kind);
    }
}
