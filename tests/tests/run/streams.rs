//! stdin, stdout and stderr pass through byte for byte, and may be closed.

use crate::printed;
use end_to_end::{Running, Somebody, err, lacks, out};
use std::fs::{self, File};

#[test]
fn a_hundred_megabytes_arrive_unchanged() {
    const SIZE: usize = 100 << 20;
    // Every byte value, in a period that no buffer's size divides.
    let sent: Vec<u8> = (0..SIZE as u32).map(|n| (n % 65_521 % 256) as u8 ^ (n >> 20) as u8).collect();
    for somebody in Somebody::all("streams-large") {
        let file = somebody.home().join("large");
        fs::write(&file, &sent).expect("100 MB of room");
        let mut command = somebody.containerception();
        command.args(["run", "cat"]).stdin(File::open(&file).expect("a file"));
        let output = Running::start(&mut command).finish();
        // Not assert_eq, which would print them.
        assert!(output.stdout == sent, "{}: {} bytes: {}", somebody.kind, output.stdout.len(), err(&output));
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn stdout_and_stderr_stay_apart() {
    for somebody in Somebody::all("streams-apart") {
        let output = somebody.run(&["sh", "-c", "printf 'a\\000b'; printf c >&2"]);
        assert_eq!(
            (output.stdout.as_slice(), err(&output).as_str()),
            (&b"a\0b"[..], "c"),
            "{}",
            somebody.kind
        );
    }
}

#[test]
fn a_reader_that_has_read_enough_ends_it_without_a_word() {
    for somebody in Somebody::all("streams-head") {
        let line = "containerception run seq 1000000 | head -1";
        let output = Running::start(&mut somebody.shell(line)).finish();
        assert_eq!((out(&output).as_str(), err(&output).as_str()), ("1\n", ""), "{}", somebody.kind);
        let line = "{ containerception run seq 1000000; echo $? > status; } | head -1";
        Running::start(&mut somebody.shell(line)).finish();
        let status = fs::read_to_string(somebody.home().join("status")).expect("a status");
        assert_eq!(status, "141\n", "{}: SIGPIPE, as outside", somebody.kind);
    }
}

#[test]
fn a_dry_run_may_be_cut_short_too() {
    for somebody in Somebody::all("streams-dry") {
        let line = "containerception run --dry-run --explain=3 true | head -1";
        let output = Running::start(&mut somebody.shell(line)).finish();
        assert_eq!(out(&output).lines().count(), 1, "{}", somebody.kind);
        assert_eq!(err(&output), "", "{}", somebody.kind);
    }
}

#[test]
fn each_of_the_three_may_be_closed() {
    let script = "cat; echo out; echo err >&2";
    for somebody in Somebody::all("streams-closed") {
        for (closed, expected) in [
            ("<&-", ("out\n", "err\n")),
            (">&-", ("", "err\n")),
            ("2>&-", ("out\n", "")),
            ("<&- >&- 2>&-", ("", "")),
        ] {
            let line = format!("containerception run sh -c '{script}' {closed}");
            let output = Running::start(&mut somebody.shell(&line)).finish();
            assert_eq!(output.status.code(), Some(0), "{}: {closed}: {}", somebody.kind, err(&output));
            assert_eq!(
                (out(&output).as_str(), err(&output).as_str()),
                expected,
                "{}: {closed}",
                somebody.kind
            );
        }
    }
}

#[test]
fn in_the_background_of_a_script_it_runs_to_its_end() {
    let line = "containerception run sh -c 'sleep 0.1; echo done' & containerception run echo first; wait $!";
    for somebody in Somebody::all("streams-background") {
        let output = Running::start(&mut somebody.shell(line)).finish();
        // Which of them is the first depends on how long a start takes.
        let said = out(&output);
        let mut lines: Vec<&str> = said.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["done", "first"], "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn two_of_them_make_a_pipe() {
    for somebody in Somebody::all("streams-pipe") {
        let line = "containerception run seq 10 | containerception run tail -1";
        let output = Running::start(&mut somebody.shell(line)).finish();
        assert_eq!(out(&output), "10\n", "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn no_terminal_is_made_where_there_is_none() {
    if lacks("streams-tty", &["tty"]) {
        return;
    }
    for somebody in Somebody::all("streams-tty") {
        assert_eq!(printed(&somebody, &["-it", "sh", "-c", "tty; true"]), "not a tty\n", "{}", somebody.kind);
    }
}
