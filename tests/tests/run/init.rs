//! PID 1: reaps, and can be refused.

use crate::printed;
use end_to_end::{Running, Somebody, err, eventually, lacks, out};
use rustix::process::Signal;
use testbed::processes::{Process, descendants};

#[test]
fn orphans_that_end_are_reaped() {
    // Each `true` loses its parent, the subshell, at once.
    let script = "for n in 1 2 3 4 5 6 7 8 9 10; do (sh -c 'sleep 0.0$0; true' $n &); done
        echo ready; exec sleep 100";
    for somebody in Somebody::all("init-reaps") {
        let mut running = somebody.start(&["sh", "-c", script]);
        running.wait_for("ready");
        eventually("only init and the sleeper are there", || {
            let inside = descendants(running.pid());
            inside.len() == 2 && !inside.iter().any(|process: &Process| process.zombie)
        });
        running.signal(Signal::TERM);
        assert_eq!(running.finish().status.code(), Some(143));
    }
}

#[test]
fn what_the_command_leaves_behind_ends_with_it() {
    for somebody in Somebody::all("init-ends") {
        let line = "containerception run sh -c 'sleep 100 & sleep 100 & exit 5'; echo $?";
        // The output ends when the last of them, who have it open, is gone.
        let output = Running::start(&mut somebody.shell(line)).finish();
        assert_eq!(out(&output), "5\n", "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn init_is_what_there_is_anyway() {
    for somebody in Somebody::all("init-accepted") {
        assert_eq!(printed(&somebody, &["--init", "sh", "-c", "echo $$"]), "2\n", "{}", somebody.kind);
        assert_eq!(printed(&somebody, &["sh", "-c", "echo $$ $PPID"]), "2 1\n", "{}", somebody.kind);
    }
}

#[test]
fn without_init_the_command_is_pid_1_and_what_that_means_is_told() {
    for somebody in Somebody::all("init-none") {
        let output = somebody.run(&["--no-init", "sh", "-c", "echo $$; exit 9"]);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(9), "1\n"), "{}", somebody.kind);
        let said = err(&output);
        assert!(said.starts_with("note: --no-init:") && said.contains("PID 1"), "{}: {said}", somebody.kind);
    }
}

#[test]
fn without_init_the_command_still_dies_with_a_killed_run() {
    for somebody in Somebody::all("init-none-killed") {
        let mut running = somebody.start(&["--no-init", "sh", "-c", "echo asleep; sleep 100; true"]);
        running.wait_for("asleep");
        let inside = descendants(running.pid());
        assert!(!inside.is_empty());
        running.signal(Signal::KILL);
        eventually("all are gone", || inside.iter().all(|process| !process.is_alive()));
    }
}

#[test]
fn root_inside_cannot_look_into_init() {
    if lacks("init-closed", &["readlink"]) {
        return;
    }
    let script =
        "readlink /proc/1/exe; cat /proc/1/environ; cat /proc/1/maps; ls /proc/1/fd; : > /proc/1/exe";
    for somebody in Somebody::all("init-closed") {
        let output = somebody.run(&["sh", "-c", script]);
        assert!(!output.status.success(), "{}", somebody.kind);
        assert_eq!(out(&output), "", "{}", somebody.kind);
    }
}
