//! Room for what is written: a full container is full, and another beside it is not.

use crate::container::{Container, Place};
use end_to_end::{err, eventually, out};

/// Writes until there is no room, and says how many MiB there was.
const FILL: &str = "dd if=/dev/zero of=FILE bs=1M count=64; echo $(($(stat -c %s FILE) >> 20)) MiB";

#[test]
fn a_full_layer_is_full_and_other_containers_are_not() {
    for place in Place::all("storage-full") {
        let mut other = Container::start(
            &place,
            &[],
            "until test -e /tmp/go; do sleep 0.01; done; dd if=/dev/zero of=/tmp/x bs=1M count=20 && echo wrote; sleep 1000",
        );
        let script = format!("{}; sleep 1000", FILL.replace("FILE", "/tmp/x"));
        let mut full = Container::start(&place, &["--storage-opt", "size=16m"], &script);
        full.wait_for("MiB");
        let go = other.exec(&["touch", "/tmp/go"]);
        assert!(go.status.success(), "{}: {}", place.layout, err(&go));
        other.wait_for("wrote");
        other.end();
        full.does("kill", &[]);
        let output = full.finish();
        let (printed, said) = (out(&output), err(&output));
        assert!(said.contains("No space left on device"), "{}: {said}", place.layout);
        assert!(printed.contains("15 MiB") || printed.contains("16 MiB"), "{}: {printed}", place.layout);
    }
}

#[test]
fn shared_memory_has_the_size_that_was_asked_for() {
    for place in Place::all("shm-size") {
        let script = format!("{}; df -k /dev/shm | tail -1", FILL.replace("FILE", "/dev/shm/x"));
        let output = place.run(&["--shm-size", "8m"], &["sh", "-c", &script]);
        let (printed, said) = (out(&output), err(&output));
        assert!(said.contains("No space left on device"), "{}: {said}", place.layout);
        assert!(printed.starts_with("8 MiB") && printed.contains(" 8192 "), "{}: {printed}", place.layout);
    }
}

/// What lies in memory counts: the layer, and a file system in memory.
#[test]
fn what_is_written_to_memory_counts_as_memory() {
    for place in Place::with_groups("storage-memory") {
        for file in ["/tmp/x", "/dev/shm/x"] {
            let options = [
                "--memory",
                "64m",
                "--memory-swap",
                "64m",
                "--storage-opt",
                "size=300m",
                "--shm-size",
                "300m",
            ];
            let script = format!("exec dd if=/dev/zero of={file} bs=1M count=200");
            let output = place.run(&options, &["sh", "-c", &script]);
            assert_eq!(output.status.code(), Some(137), "{}: {file}: {}", place.layout, err(&output));
        }
        let small = Container::sleeper(&place, &["--memory", "64m"]);
        eventually("its memory is counted", || {
            let groups = small.groups();
            groups.number("memory.current", "").or(groups.number("memory.usage_in_bytes", "")).is_some()
        });
        small.end();
    }
}
