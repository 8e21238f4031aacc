//! A level that is killed takes with it what is below, and nothing else.

use crate::{chain, words};
use end_to_end::{Somebody, err, out};
use std::fs;

/// In the middle of ten: the five below are gone, and the five above go on. Where the processor is busy, it takes a moment
/// until the last of them has left the kernel.
#[test]
fn what_is_below_a_killed_level_dies_with_it_and_what_is_above_goes_on() {
    let below = words(4, &[], &["sleep", "100321"]).join(" ");
    let script = format!(
        "containerception run containerception run {below} &
        until ps -eo args | grep -qx 'sleep 100321'; do sleep 0.02; done
        kill -9 $!; wait $!; echo ended $?
        while ps -eo args | grep -qx 'sleep 100321'; do sleep 0.02; done
        containerception gc
        containerception ps | wc -l
        for try in $(seq 200); do
            ps -eo pid= > /tmp/all
            test $(wc -l < /tmp/all) = 3 && break
            sleep 0.02
        done
        wc -l < /tmp/all
        containerception run echo again"
    );
    for somebody in Somebody::all("nest-killed") {
        let output = chain(&somebody, 5, &["sh", "-c", &script]);
        let said = out(&output);
        assert_eq!(
            (output.status.code(), &*err(&output)),
            (Some(0), "Killed\n"),
            "{}: {said}",
            somebody.kind
        );
        let lines: Vec<&str> = said.lines().filter(|line| !line.contains("removed")).collect();
        assert_eq!(lines, ["ended 137", "1", "3", "again"], "{}", somebody.kind);
        assert!(!is_anywhere("sleep\x00100321\x00"), "{}: a process is left", somebody.kind);
    }
}

/// Whether a process of this machine has these words.
fn is_anywhere(words: &str) -> bool {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let mut commands = entries.map(|entry| fs::read(entry.path().join("cmdline")).unwrap_or_default());
    commands.any(|command| command == words.as_bytes())
}

/// gc at a level undoes what is left of killed ones and lets others run.
#[test]
fn gc_at_a_level_leaves_alone_what_runs() {
    let script = "containerception run --name alive sleep 1000 &
        until containerception ps | grep -q alive; do sleep 0.02; done
        containerception run sleep 1001 & killed=$!
        until test $(containerception ps | wc -l) = 3; do sleep 0.02; done
        kill -9 $killed; wait $killed
        containerception gc > /dev/null
        containerception exec alive echo alive
        containerception ps | wc -l
        containerception kill alive; wait";
    for somebody in Somebody::all("nest-gc") {
        let output = chain(&somebody, 2, &["sh", "-c", script]);
        assert_eq!(out(&output), "alive\n2\n", "{}: {}", somebody.kind, err(&output));
    }
}
