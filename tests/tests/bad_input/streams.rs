//! Standard streams that are closed, or whose other end goes away.

use crate::anybody;
use end_to_end::{Running, Somebody, err, out};

/// A shell's status, and what came out.
fn typed(somebody: &Somebody, line: &str) -> (Option<i32>, String, String) {
    let output = Running::start(&mut somebody.shell(line)).finish();
    (output.status.code(), out(&output), err(&output))
}

fn ended(status: i32, printed: &str) -> (Option<i32>, String, String) {
    (Some(status), printed.to_owned(), String::new())
}

/// The descriptors of the container's own making must not land where a stream is missing.
#[test]
fn with_a_closed_stdin_the_command_reads_nothing() {
    for somebody in Somebody::all("closed-stdin") {
        assert_eq!(typed(&somebody, "containerception run cat <&-"), ended(0, ""), "{}", somebody.kind);
        let line = "containerception run readlink /proc/self/fd/0 <&-";
        assert_eq!(typed(&somebody, line), ended(0, "/dev/null\n"), "{}", somebody.kind);
    }
}

#[test]
fn with_all_streams_closed_the_status_still_is_the_commands() {
    for somebody in Somebody::all("closed-streams") {
        let line = "containerception run sh -c 'exit 7' <&- >&- 2>&-; echo $?";
        assert_eq!(typed(&somebody, line), ended(0, "7\n"), "{}", somebody.kind);
        let line = "containerception run frobnicate <&- >&- 2>&-; echo $?";
        assert_eq!(typed(&somebody, line), ended(0, "127\n"), "{}", somebody.kind);
        let line = "containerception run --explain=3 true <&- >&- 2>&-; echo $?";
        assert_eq!(typed(&somebody, line), ended(0, "0\n"), "{}", somebody.kind);
    }
}

#[test]
fn head_ends_an_endless_command() {
    for somebody in Somebody::all("head") {
        let line = "containerception run yes | head -1";
        assert_eq!(typed(&somebody, line), ended(0, "y\n"), "{}", somebody.kind);
        let line = "{ containerception run yes; echo $? > status; } | head -1; cat status";
        // 128 + SIGPIPE, as without a container.
        assert_eq!(typed(&somebody, line), ended(0, "y\n141\n"), "{}", somebody.kind);
    }
}

#[test]
fn head_does_not_upset_what_containerception_prints_itself() {
    let somebody = anybody("head-own");
    for arguments in ["--help", "run --help", "explain", "explain CX1001", "run --dry-run --explain=3 true"] {
        let line =
            format!("{{ containerception {arguments}; echo $? > status; }} | head -c 1 > head; cat status");
        assert_eq!(typed(&somebody, &line), ended(0, "0\n"), "{arguments}");
    }
}

/// A full disk below stdout is the command's to notice; what we print ourselves ends without a panic.
#[test]
fn a_full_stdout_is_no_reason_to_panic() {
    let somebody = anybody("full-stdout");
    for arguments in ["explain", "run --dry-run true", "--help", "run --explain=2 true 2>&1"] {
        let (status, _, said) = typed(&somebody, &format!("containerception {arguments} > /dev/full"));
        assert!(
            !said.contains("panicked") && status.is_some_and(|status| status < 126),
            "{arguments}: {said}"
        );
    }
}
