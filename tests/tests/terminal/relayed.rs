//! What passes between the two terminals: all of it, in order, and neither way ever holds up the other.

use crate::person::Person;
use crate::process::{state, ticks};
use end_to_end::{Somebody, eventually};
use testbed::processes::{child_of, descendants};

#[test]
fn all_that_was_printed_arrives_however_soon_the_command_ends() {
    let expected: String = (1..=100_000).map(|n| format!("{n}\r\n")).collect();
    for somebody in Somebody::all("terminal-whole") {
        let (status, text) = Person::running(&somebody, &["seq", "100000"]).sees_end();
        assert_eq!(status.code(), Some(0), "{}", somebody.kind);
        // Not assert_eq, which would print it. A user without subordinate ids is told so first.
        assert!(text.ends_with(&expected), "{}: {} bytes", somebody.kind, text.len());
    }
}

#[test]
fn bytes_that_are_no_text_pass_as_well() {
    for somebody in Somebody::all("terminal-bytes") {
        let script = "stty raw -echo; echo ready; head -c 7 | od -An -tx1; head -c 3 /dev/zero";
        let mut person = Person::running(&somebody, &["sh", "-c", script]);
        person.reads("ready\n");
        person.types(b"\x00\x03\x1a\x7f\xff\r\n");
        let (_, text) = person.sees_end();
        assert_eq!(text, " 00 03 1a 7f ff 0d 0a\n\0\0\0", "{}", somebody.kind);
    }
}

#[test]
fn a_large_paste_to_a_command_that_prints_it_back_does_not_get_stuck() {
    // More than the buffers of both terminals hold, both ways.
    const SIZE: usize = 1 << 20;
    for somebody in Somebody::all("terminal-paste") {
        let script = format!("stty raw -echo; echo ready; head -c {SIZE}; echo; echo done");
        let mut person = Person::running(&somebody, &["sh", "-c", &script]);
        person.reads("ready\n");
        person.types("x".repeat(SIZE));
        let (status, text) = person.sees_end();
        assert_eq!((status.code(), text.len()), (Some(0), SIZE + "\ndone\n".len()), "{}", somebody.kind);
    }
}

#[test]
fn a_paste_that_nobody_reads_does_not_hold_up_what_is_printed() {
    for somebody in Somebody::all("terminal-unread") {
        let script = "stty raw -echo; echo ready; seq 20000; echo done";
        let mut person = Person::running(&somebody, &["sh", "-c", script]);
        person.reads("ready\n");
        person.pastes(&[b'x'; 1 << 20]);
        person.reads("20000\ndone\n");
        assert_eq!(person.sees_end().0.code(), Some(0), "{}", somebody.kind);
    }
}

#[test]
fn a_person_who_looks_away_can_still_interrupt() {
    for somebody in Somebody::all("terminal-away") {
        let mut person = Person::running(&somebody, &["sh", "-c", "echo ready; exec yes"]);
        person.reads("ready\r\n");
        let run = person.pid();
        let yes = || descendants(run).into_iter().find(|process| process.name == "yes");
        // Nothing is read from here on: yes fills all buffers, and then waits.
        eventually("yes waits", || yes().is_some_and(|process| state(process.pid) == "S"));
        person.types(b"\x03");
        eventually("yes is gone", || yes().is_none() || child_of(run).is_none());
        assert_eq!(person.sees_end().0.code(), Some(130), "{}", somebody.kind);
    }
}

#[test]
fn a_terminal_that_hangs_up_ends_the_container_and_all_of_it() {
    for somebody in Somebody::all("terminal-hangup") {
        let script = "trap '' HUP; echo ready; cat; exit 0";
        let mut person = Person::running(&somebody, &["sh", "-c", script]);
        person.reads("ready\r\n");
        let all = descendants(person.pid());
        assert!(all.len() >= 2, "init and the command");
        person.leaves();
        person.sees_end();
        eventually("all are gone", || all.iter().all(|process| !process.is_alive()));
    }
}

#[test]
fn it_waits_without_using_the_processor() {
    for somebody in Somebody::all("terminal-idle") {
        let mut person = Person::running(&somebody, &["sh", "-c", "echo ready; sleep 0.5; echo done"]);
        person.reads("ready\r\n");
        let before = ticks(person.pid());
        person.reads("done\r\n");
        assert!(ticks(person.pid()) - before < 10, "{}: clock ticks", somebody.kind);
    }
}
