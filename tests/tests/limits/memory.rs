//! Memory: who takes more than the limit is ended by the kernel, and that is told.

use crate::container::{Container, Place, code};
use crate::layout::Layout;
use end_to_end::{err, eventually, lacks, out};
use rustix::process::{Pid, Signal, kill_process};

/// Takes 200 MB at once, and writes to all of it.
const TAKE: [&str; 5] = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"];

#[test]
fn who_takes_more_is_ended_by_the_kernel_and_the_limit_is_told() {
    for place in Place::with_groups("memory-kill") {
        let output = place.run(&["--memory", "64m"], &TAKE);
        let said = err(&output);
        assert_eq!(
            (output.status.code(), &*code(&output)),
            (Some(137), "CX6009"),
            "{}: {said}",
            place.layout
        );
        assert!(said.contains("64 MiB"), "{}: {said}", place.layout);
        let enough = place.run(&["--memory", "400m"], &TAKE);
        assert!(enough.status.success(), "{}: {}", place.layout, err(&enough));
    }
}

/// The kernel ends the process that takes most, which need not be the command.
#[test]
fn a_command_that_goes_on_has_its_own_status_and_the_end_of_another_is_told() {
    let script = format!("{}; echo $?; exit 3", TAKE.join(" "));
    for place in Place::with_groups("memory-other") {
        let output = place.run(&["--memory", "64m"], &["sh", "-c", &script]);
        let said = err(&output);
        assert_eq!((output.status.code(), &*out(&output)), (Some(3), "137\n"), "{}: {said}", place.layout);
        assert!(said.contains("note: the kernel ended 1 process"), "{}: {said}", place.layout);
    }
}

/// So with a command that came later.
#[test]
fn a_command_of_exec_that_the_kernel_ends_is_told() {
    for place in Place::with_groups("memory-exec") {
        let container = Container::sleeper(&place, &["--memory", "64m"]);
        let output = container.exec(&TAKE);
        let said = err(&output);
        let ended = (output.status.code(), &*code(&output));
        assert_eq!(ended, (Some(137), "CX6009"), "{}: {said}", place.layout);
        assert!(said.contains("64 MiB"), "{}: {said}", place.layout);
        let output = container.exec(&["sh", "-c", "kill -KILL $$"]);
        assert_eq!(
            (output.status.code(), &*code(&output)),
            (Some(137), ""),
            "{}: {}",
            place.layout,
            err(&output)
        );
        container.end();
    }
}

#[test]
fn a_sigkill_by_somebody_is_not_taken_for_the_kernels() {
    for place in Place::with_groups("memory-killed") {
        let container = Container::sleeper(&place, &["--memory", "64m"]);
        let command = i32::try_from(container.command()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(command, Signal::KILL).expect("it runs");
        let output = container.finish();
        assert_eq!(output.status.code(), Some(137), "{}", place.layout);
        assert!(!err(&output).contains("CX6009"), "{}: {}", place.layout, err(&output));
    }
}

/// Nor is that of the whole container, after the kernel has ended a process that was not the command.
#[test]
fn an_end_by_somebody_after_one_by_the_kernel_is_told_apart() {
    let script = format!("{}; echo ended; exec sleep 1000", TAKE.join(" "));
    for place in Place::with_groups("memory-then-killed") {
        let mut container = Container::start(&place, &["--memory", "64m"], &script);
        container.wait_for("ended");
        container.does("kill", &[]);
        let output = container.finish();
        let said = err(&output);
        assert_eq!(output.status.code(), Some(137), "{}: {said}", place.layout);
        assert!(said.contains("note: the kernel ended 1 process"), "{}: {said}", place.layout);
        assert!(said.contains("later somebody ended the container"), "{}: {said}", place.layout);
    }
}

#[test]
fn too_little_to_start_in_is_told_as_that() {
    for place in Place::with_groups("memory-little") {
        for little in ["8k", "64k", "256k"] {
            let output = place.run(&["--memory", little], &["true"]);
            let said = err(&output);
            let known = ["CX5003", "CX6009"].contains(&&*code(&output));
            assert!(known && said.contains("--memory"), "{}: {little}: {said}", place.layout);
        }
    }
}

/// An allocation above `memory.high` goes on slowly while the kernel takes back what it can; the counter tells (cgroup-v2.rst).
#[test]
fn beyond_the_high_mark_memory_is_taken_back() {
    let two = |place: &Place| place.layout.is_v2_with_groups();
    for place in
        Place::chosen("memory-high", "memory is in a hierarchy of v1 here, which has no memory.high", two)
    {
        // Half of it is cache, which can be taken back.
        let script = "dd if=/dev/zero of=/tmp/x bs=1M count=60 2> /dev/null; sleep 1000";
        let container =
            Container::start(&place, &["--memory-high", "32m", "--storage-opt", "size=100m"], script);
        eventually("the mark is passed", || {
            container.groups().number("memory.events", "high").is_some_and(|times| times > 0)
        });
        container.end();
    }
}

/// v1: with `memory.oom_control` processes at the limit wait until somebody gives them more (cgroup-v1/memory.rst).
#[test]
fn without_the_killer_processes_wait_and_an_update_lets_them_go_on() {
    let one = |place: &Place| place.layout == Layout::V1;
    if lacks("memory-wait", &["bash"]) {
        return;
    }
    for place in Place::chosen("memory-wait", "only v1 can do without the killer", one) {
        let options = ["--memory", "64m", "--memory-swap", "64m", "--oom-kill-disable"];
        // By the program itself: where the kernel copies for it, the call fails instead of waiting.
        let take = "echo ready; printf -v x %200000000s ''; echo went on; sleep 1000";
        let mut container = Container::launch(&place, &options, &["bash", "-c", take]);
        container.wait_for("ready");
        let groups = container.groups();
        eventually("it waits", || groups.number("memory.oom_control", "under_oom") == Some(1));
        container.does("update", &["--memory", "400m", "--memory-swap", "400m"]);
        container.wait_for("went on");
        container.end();
    }
}
