//! Exit statuses: the command's own, 128 and a signal, 127 and 126 as shells have them, 125 for our own errors.

use crate::ended;
use end_to_end::Somebody;

#[test]
fn the_exit_status_is_the_commands_own() {
    for somebody in Somebody::all("status-own") {
        for status in [0, 7, 125, 255] {
            let ended = ended(&somebody, &["sh", "-c", &format!("exit {status}")]);
            assert_eq!(ended, (Some(status), String::new()), "{}", somebody.kind);
        }
    }
}

#[test]
fn a_command_that_a_signal_ended_has_128_and_its_number() {
    for somebody in Somebody::all("status-signal") {
        for (signal, status) in [("KILL", 137), ("SEGV", 139), ("TERM", 143)] {
            let ended = ended(&somebody, &["sh", "-c", &format!("kill -{signal} $$")]);
            assert_eq!(ended, (Some(status), String::new()), "{}", somebody.kind);
        }
    }
}

#[test]
fn a_command_that_does_not_exist_is_127() {
    for somebody in Somebody::all("status-missing") {
        for command in ["no-such-command", "/no/such/command"] {
            let (status, said) = ended(&somebody, &[command]);
            assert_eq!(status, Some(127), "{}: {said}", somebody.kind);
            assert!(said.contains(command) && said.contains("CX6001"), "{}: {said}", somebody.kind);
        }
    }
}

#[test]
fn a_command_that_cannot_be_executed_is_126() {
    for somebody in Somebody::all("status-not-executable") {
        for command in ["/etc/passwd", "/usr/bin"] {
            let (status, said) = ended(&somebody, &[command]);
            assert_eq!(status, Some(126), "{}: {said}", somebody.kind);
            assert!(said.contains(command) && said.contains("CX6002"), "{}: {said}", somebody.kind);
        }
    }
}

#[test]
fn what_cannot_be_begun_is_125() {
    for somebody in Somebody::all("status-engine") {
        for arguments in [
            &["--rootfs", "/no/such/directory", "true"][..],
            &["--pids-limit", "0", "true"],
            &["-u", "nobody!", "true"],
        ] {
            let (status, said) = ended(&somebody, arguments);
            assert_eq!(status, Some(125), "{}: {arguments:?}: {said}", somebody.kind);
            assert!(said.starts_with("error[CX"), "{}: {said}", somebody.kind);
        }
    }
}
