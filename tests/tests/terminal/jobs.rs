//! `containerception run` as a job of an interactive shell: it stops, waits and goes on as the command itself would.

use crate::person::{PROMPT, Person};
use crate::process::state;
use end_to_end::{Somebody, eventually};
use rustix::process::{Pid, Signal, kill_process};
use testbed::processes::{Process, child_of, descendants};

/// Types a line and reads its next prompt, in whatever order shell and jobs print.
fn enters_and_waits(person: &mut Person, line: &str) -> String {
    person.enters(line);
    person.reads(PROMPT)
}

/// Waits until a command that was stopped runs again: a key that comes before is lost, as outside of containers.
pub fn goes_on(person: &Person, command: &str) {
    let is_it = |process: &Process| process.name == command && state(process.pid) == "S";
    eventually("it goes on", || descendants(person.pid()).iter().any(is_it));
}

#[test]
fn control_z_stops_it_and_fg_continues_it() {
    for somebody in Somebody::all("terminal-job-stop") {
        let mut person = Person::at_shell(&somebody);
        let before = person.mode().local_modes;
        person.enters("$CX run sh -c 'echo rea''dy; read line; echo \"<$line>\"'");
        person.reads("ready");
        for _ in 0..2 {
            person.types("\x1a");
            person.reads("Stopped");
            person.reads(PROMPT);
            assert_eq!(person.mode().local_modes, before, "{}: the shell's own", somebody.kind);
            assert_eq!(person.asks("echo the shell reads"), "the shell reads\n");
            person.enters("fg");
            goes_on(&person, "sh");
        }
        person.enters("hello");
        person.reads("<hello>\r\n");
        person.reads(PROMPT);
        assert_eq!(person.asks("echo $?; jobs"), "0\n", "{}", somebody.kind);
    }
}

#[test]
fn a_whole_pipeline_of_the_command_stops_and_its_script_with_it() {
    for somebody in Somebody::all("terminal-job-script") {
        let mut person = Person::at_shell(&somebody);
        let script = "echo rea''dy; cat | cat; echo inner end";
        person.enters(&format!("sh -c '$CX run sh -c \"{script}\"; echo outer end'"));
        person.reads("ready");
        person.types("\x1a");
        person.reads("Stopped");
        person.reads(PROMPT);
        person.enters("fg");
        goes_on(&person, "cat");
        person.types("line\r\x04");
        person.reads("line\r\nline\r\n");
        person.reads("inner end\r\nouter end\r\n");
    }
}

#[test]
fn what_was_printed_before_a_stop_stands_before_the_shells_prompt() {
    for somebody in Somebody::all("terminal-job-order") {
        let mut person = Person::at_shell(&somebody);
        person.enters("$CX run sh -c 'seq 3000; kill -STOP $$; echo cont''inued'");
        let before = person.reads("Stopped");
        let last = &before[before.len().saturating_sub(200)..];
        assert!(before.contains("2999\r\n3000\r\n"), "{}: {last:?}", somebody.kind);
        person.reads(PROMPT);
        person.enters("fg");
        person.reads("continued\r\n");
        person.reads(PROMPT);
    }
}

#[test]
fn in_the_background_it_prints_and_leaves_what_is_typed_to_the_shell() {
    for somebody in Somebody::all("terminal-job-background") {
        let mut person = Person::at_shell(&somebody);
        let script = "trap \"echo from the ba''ck; exit\" USR1; echo rea''dy; while :; do sleep 0.01; done";
        person.enters(&format!("$CX run sh -c '{script}' &"));
        person.reads("ready");
        assert_eq!(person.asks("echo the shell reads"), "the shell reads\n", "{}", somebody.kind);
        person.enters("kill -USR1 $!; wait");
        person.reads("from the back");
        person.reads("Done");
        person.reads(PROMPT);
        assert_eq!(person.asks("echo it still does"), "it still does\n", "{}", somebody.kind);
    }
}

#[test]
fn in_the_background_it_stops_when_the_command_reads_until_it_is_in_the_foreground() {
    for somebody in Somebody::all("terminal-job-reads") {
        let mut person = Person::at_shell(&somebody);
        let script = "read line; echo \"<$line>\"";
        enters_and_waits(&mut person, &format!("$CX run sh -c '{script}' &"));
        eventually("it is stopped", || person.asks("jobs").contains("Stopped"));
        enters_and_waits(&mut person, "bg");
        eventually("it is stopped again", || person.asks("jobs").contains("Stopped"));
        person.enters("fg");
        person.reads("$CX run");
        person.enters("hello");
        person.reads("<hello>\r\n");
        person.reads(PROMPT);
        assert_eq!(person.asks("jobs"), "", "{}", somebody.kind);
    }
}

#[test]
fn a_shell_in_the_background_waits_for_the_foreground() {
    for somebody in Somebody::all("terminal-job-shell") {
        let mut person = Person::at_shell(&somebody);
        enters_and_waits(&mut person, "$CX run -e PS1='IN''NER> ' bash --norc --noprofile &");
        eventually("it is stopped", || person.asks("jobs").contains("Stopped"));
        person.enters("fg");
        person.reads("INNER> ");
        person.enters("sh -c 'tty; exec sleep 100'");
        person.reads("/dev/pts/0\r\n");
        person.types("\x1a");
        person.reads("Stopped");
        person.reads("INNER> ");
        person.enters("fg");
        goes_on(&person, "sleep");
        person.types("\x03");
        person.reads("INNER> ");
        person.enters("exit 3");
        person.reads(PROMPT);
        assert_eq!(person.asks("echo $?"), "3\n", "{}", somebody.kind);
    }
}

#[test]
fn a_job_that_never_stopped_notices_that_it_is_in_the_foreground() {
    for somebody in Somebody::all("terminal-job-fg") {
        let mut person = Person::at_shell(&somebody);
        let script = "trap \"stty size; exit 4\" WINCH; echo rea''dy; while :; do sleep 0.01; done";
        person.enters(&format!("$CX run sh -c '{script}' &"));
        person.reads("ready");
        person.enters("fg");
        person.finds_raw_mode();
        person.resizes(33, 99);
        person.reads("33 99\r\n");
        person.reads(PROMPT);
        assert_eq!(person.asks("echo $?"), "4\n", "{}", somebody.kind);
    }
}

#[test]
fn without_init_it_runs_in_the_background_and_can_be_brought_to_the_foreground() {
    for somebody in Somebody::all("terminal-job-no-init") {
        let mut person = Person::at_shell(&somebody);
        person.enters("$CX run --no-init sh -c 'echo rea''dy; read line; echo \"<$line>\"' &");
        person.reads("ready");
        assert_eq!(person.asks("echo the shell reads"), "the shell reads\n", "{}", somebody.kind);
        person.enters("fg");
        person.finds_raw_mode();
        person.enters("hello");
        person.reads("<hello>\r\n");
    }
}

#[test]
fn a_stop_that_was_sent_stops_it_with_a_terminal_and_without() {
    for somebody in Somebody::all("terminal-job-tstp") {
        let mut person = Person::at_shell(&somebody);
        for redirection in ["", "< /dev/null"] {
            let script = "echo rea''dy; exec sleep 100";
            person.enters(&format!("$CX run sh -c '{script}' {redirection} &"));
            person.reads("ready");
            let job = person.asks("echo $!").trim().parse().expect("a process id");
            let command = child_of(child_of(job).expect("init")).expect("a command");
            person.asks("kill -TSTP $!");
            eventually("both are stopped", || state(job) == "T" && state(command) == "T");
            enters_and_waits(&mut person, "bg");
            person.asks("kill -USR1 $!");
            assert!(person.asks("wait $!; echo $?").ends_with("138\n"), "{}", somebody.kind);
        }
    }
}

#[test]
fn after_a_sigstop_it_finds_the_terminal_as_it_is_then() {
    for somebody in Somebody::all("terminal-job-sigstop") {
        let mut person = Person::at_shell(&somebody);
        let before = person.mode().local_modes;
        person.enters("$CX run sh -c 'echo rea''dy; while :; do sleep 0.01; done'");
        person.reads("ready");
        person.finds_raw_mode();
        let job = child_of(person.pid()).and_then(|pid| Pid::from_raw(pid as i32)).expect("a job");
        kill_process(job, Signal::STOP).expect("a signal");
        person.reads("Stopped");
        person.reads(PROMPT);
        enters_and_waits(&mut person, "bg");
        assert_eq!(person.mode().local_modes, before, "{}: the shell's own", somebody.kind);
        assert_eq!(person.asks("echo the shell reads"), "the shell reads\n", "{}", somebody.kind);
        person.enters("fg");
        person.reads("$CX run");
        person.finds_raw_mode();
        person.types("\x03");
        person.reads(PROMPT);
        assert_eq!(person.asks("echo $?"), "130\n", "{}", somebody.kind);
    }
}
