//! The mode of the terminal: raw while the container runs, and as it was on every way out.

use crate::person::Person;
use end_to_end::Somebody;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{ControlModes, InputModes, LocalModes, OutputModes};
use testbed::processes::child_of;

fn modes(person: &Person) -> (InputModes, OutputModes, ControlModes, LocalModes) {
    let mode = person.mode();
    (mode.input_modes, mode.output_modes, mode.control_modes, mode.local_modes)
}

/// Runs a command that sleeps, and has `end` end it, with which status: the terminal is raw before and not after.
fn is_restored(test: &str, end: impl Fn(&mut Person), status: i32) {
    for somebody in Somebody::all(test) {
        let mut person = Person::at(&somebody, &["true"]);
        person.sees_end();
        let before = modes(&person);
        let mut person = Person::running(&somebody, &["sh", "-c", "echo asleep; exec sleep 100"]);
        person.reads("asleep\r\n");
        person.finds_raw_mode();
        end(&mut person);
        assert_eq!(person.sees_end().0.code(), Some(status), "{}", somebody.kind);
        assert_eq!(modes(&person), before, "{}", somebody.kind);
    }
}

#[test]
fn after_a_key() {
    is_restored("terminal-restored-key", |person| person.types("\x03"), 130);
}

#[test]
fn after_term() {
    is_restored("terminal-restored-term", |person| person.signals(Signal::TERM), 143);
}

#[test]
fn after_a_hang_up_that_was_sent() {
    is_restored("terminal-restored-hup", |person| person.signals(Signal::HUP), 129);
}

#[test]
fn after_the_death_of_init() {
    let kill_init = |person: &mut Person| {
        let init = child_of(person.pid()).and_then(|pid| Pid::from_raw(pid as i32)).expect("an init");
        kill_process(init, Signal::KILL).expect("a signal");
    };
    is_restored("terminal-restored-init", kill_init, 137);
}

#[test]
fn after_a_command_that_cannot_be_executed() {
    for somebody in Somebody::all("terminal-restored-error") {
        let mut person = Person::at_shell(&somebody);
        let before = person.asks("stty -a");
        assert!(person.asks("$CX run no-such-program").contains("error[CX"), "{}", somebody.kind);
        assert_eq!(person.asks("echo $?"), "127\n");
        assert!(person.asks("$CX run -w /no/such/directory true").contains("error[CX"), "{}", somebody.kind);
        assert_eq!(person.asks("stty -a"), before, "{}", somebody.kind);
    }
}

#[test]
fn after_a_command_that_has_changed_its_own() {
    for somebody in Somebody::all("terminal-restored-inner") {
        let mut person = Person::at_shell(&somebody);
        let before = person.asks("stty -a");
        person.asks("$CX run stty raw -echo");
        assert_eq!(person.asks("stty -a"), before, "{}", somebody.kind);
    }
}
