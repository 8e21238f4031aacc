//! A job of an interactive shell of which stdout is a pipe: no terminal inside, and the keys reach the command all the same.

use crate::jobs::goes_on;
use crate::person::{PROMPT, Person};
use end_to_end::Somebody;

#[test]
fn head_reads_one_line_and_the_shell_has_the_terminal_again() {
    for somebody in Somebody::all("terminal-head") {
        let mut person = Person::at_shell(&somebody);
        let before = person.asks("stty -a");
        let answer = person.asks("$CX run yes | head -1; echo ${PIPESTATUS[*]}");
        assert!(answer.ends_with("y\n141 0\n"), "{}: {answer:?}", somebody.kind);
        assert_eq!(person.asks("stty -a"), before);
    }
}

#[test]
fn control_c_reaches_all_of_the_command() {
    for somebody in Somebody::all("terminal-pipe-interrupt") {
        let mut person = Person::at_shell(&somebody);
        // A shell that has not got the key itself would wait for sleep, and go on.
        person.enters("$CX run bash -c 'echo rea''dy; sleep 100; echo not inter''rupted' | cat");
        person.reads("ready\r\n");
        goes_on(&person, "sleep");
        person.types("\x03");
        assert!(!person.reads(PROMPT).contains("not interrupted"), "{}", somebody.kind);
        assert_eq!(person.asks("echo ${PIPESTATUS[*]}"), "130 130\n", "{}", somebody.kind);
    }
}

#[test]
fn control_z_stops_it_and_fg_continues_it() {
    for somebody in Somebody::all("terminal-pipe-stop") {
        let mut person = Person::at_shell(&somebody);
        person.enters("$CX run sh -c 'echo rea''dy; read line; echo \"<$line>\"' | cat");
        person.reads("ready\r\n");
        person.types("\x1a");
        person.reads("Stopped");
        person.reads(PROMPT);
        person.enters("fg");
        goes_on(&person, "cat");
        goes_on(&person, "sh");
        person.enters("hello");
        person.reads("<hello>\r\n");
        person.reads(PROMPT);
    }
}

#[test]
fn the_first_passes_have_the_callers_terminal_and_its_job_control() {
    for somebody in Somebody::all("terminal-passes") {
        for pass in ["1", "2"] {
            let mut person = Person::at_shell(&somebody);
            person.enters(&format!("$CX run --pass {pass} bash --norc --noprofile"));
            assert!(!person.reads(PROMPT).contains("bash:"), "{}: pass {pass}", somebody.kind);
            person.enters("sh -c 'echo rea''dy; read line; echo \"<$line>\"'");
            person.reads("ready\r\n");
            person.types("\x1a");
            person.reads("Stopped");
            person.reads(PROMPT);
            person.enters("fg");
            goes_on(&person, "sh");
            person.enters("hello");
            person.reads("<hello>\r\n");
            person.enters("exit 3");
            person.reads("exit\r\n");
            person.reads(PROMPT);
            assert_eq!(person.asks("echo $?"), "3\n", "{}: pass {pass}", somebody.kind);
        }
    }
}

#[test]
fn keys_stop_and_interrupt_a_command_of_the_first_passes_once() {
    for somebody in Somebody::all("terminal-passes-keys") {
        for pass in ["1", "2"] {
            let mut person = Person::at_shell(&somebody);
            let script = "trap \"echo inter''rupted; exit 4\" INT; echo rea''dy; read line; echo never";
            person.enters(&format!("$CX run --pass {pass} bash -c '{script}'"));
            person.reads("ready\r\n");
            person.types("\x1a");
            person.reads("Stopped");
            person.reads(PROMPT);
            person.enters("fg");
            goes_on(&person, "bash");
            person.types("\x03");
            let printed = person.reads(PROMPT);
            assert_eq!(
                printed.matches("interrupted").count(),
                1,
                "{}: pass {pass}: {printed:?}",
                somebody.kind
            );
            assert_eq!(person.asks("echo $?"), "4\n", "{}: pass {pass}", somebody.kind);
        }
    }
}
