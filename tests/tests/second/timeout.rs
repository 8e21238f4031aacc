//! `--timeout`: a command that takes too long.

use end_to_end::{Somebody, err};
use std::time::Instant;

#[test]
fn it_is_told_to_end_and_the_status_says_so() {
    for somebody in Somebody::all("timeout") {
        let begin = Instant::now();
        let output = somebody.run(&["--timeout", "0.3", "sleep", "1000"]);
        assert_eq!(output.status.code(), Some(124), "{}: {}", somebody.kind, err(&output));
        assert!(begin.elapsed().as_secs() < 30, "{}", somebody.kind);
        assert_eq!(somebody.run(&["--timeout", "1h", "sh", "-c", "exit 3"]).status.code(), Some(3));
    }
}

#[test]
fn who_does_not_listen_is_killed() {
    let somebody = Somebody::all("timeout-kill").remove(0);
    let output = somebody.run(&["--timeout", "0.1", "sh", "-c", "trap '' TERM; while :; do sleep 1; done"]);
    assert_eq!(output.status.code(), Some(124), "{}", err(&output));
}

#[test]
fn what_is_no_time_is_refused() {
    let somebody = Somebody::all("timeout-bad").remove(0);
    for text in ["", "0", "-1", "x", "1y", "9999d"] {
        let output = somebody.run(&["--timeout", text, "true"]);
        assert!(err(&output).starts_with("error[CX1018]: "), "{text}: {}", err(&output));
    }
}
