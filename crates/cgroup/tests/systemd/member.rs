//! Processes for the tests of systemd: shells that do what they are told.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A shell that is told what to do. It ends when it is dropped.
pub struct Member {
    shell: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Member {
    pub fn new() -> Member {
        let piped = Command::new("sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut shell = piped.expect("a shell");
        let (orders, answers) = (shell.stdin.take().expect("a pipe"), shell.stdout.take().expect("a pipe"));
        Member { shell, orders, answers: BufReader::new(answers) }
    }

    pub fn pid(&self) -> u32 {
        self.shell.id()
    }

    /// Has the shell itself do this, which succeeds and prints nothing.
    pub fn does(&mut self, order: &str) {
        writeln!(self.orders, "{order}; echo $?").expect("the shell listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the shell answers");
        assert_eq!(answer, "0\n", "{order}");
    }

    /// The group that it is in, from the root of the hierarchy that it sees.
    pub fn group(&self) -> String {
        let groups = fs::read_to_string(format!("/proc/{}/cgroup", self.pid())).expect("the shell runs");
        groups.lines().find_map(|line| line.strip_prefix("0::")).expect("a group of v2").to_owned()
    }

    /// Ends it, and waits for it.
    pub fn end(&mut self) {
        self.shell.kill().and_then(|()| self.shell.wait()).expect("the shell ends");
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits until `condition` holds, or fails.
pub fn eventually(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < end, "not yet: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// Tells that a test is skipped, and why; `cargo xtask test` prints and counts these lines.
pub fn skip(test: &str, reason: &str) {
    let line = format!("SKIP: cgroup systemd {test}: {reason}\n");
    eprint!("{line}");
    if let Some(path) = std::env::var_os("CONTAINERCEPTION_SKIPS") {
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the file of skips can be written");
    }
}
