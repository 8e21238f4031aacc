//! The writable layer: bounded, and absent with `--read-only`.

use crate::{ended, printed};
use end_to_end::{Somebody, err, lacks, out};

/// Fills a file until there is no room, then says how many MiB went in.
const FILL: &str = "dd if=/dev/zero of=FILE bs=1M count=100; echo $(($(stat -c %s FILE) >> 20))";

/// 16 MiB, less what directories and the files of /etc take.
fn assert_full(somebody: &Somebody, mebibytes: &str) {
    assert!(["15\n", "16\n"].contains(&mebibytes), "{}: {mebibytes}", somebody.kind);
}

#[test]
fn the_writable_layer_holds_what_it_was_given_and_no_more() {
    for somebody in Somebody::all("storage-bound") {
        for file in ["/tmp/x", "/usr/bin/x", "/var/lib/x", "/etc/x"] {
            let script = FILL.replace("FILE", file);
            let output = somebody.run(&["--storage-opt", "size=16m", "sh", "-c", &script]);
            assert!(err(&output).contains("No space left on device"), "{}: {}", somebody.kind, err(&output));
            assert_full(&somebody, &out(&output));
        }
    }
}

#[test]
fn empty_files_are_bounded_as_well() {
    let script = "i=0; while : > /tmp/$i; do i=$((i + 1)); done; echo $i";
    for somebody in Somebody::all("storage-inodes") {
        let output = somebody.run(&["--storage-opt", "size=4m", "bash", "-c", script]);
        let files: u32 = out(&output).trim().parse().expect("a number");
        assert!(err(&output).contains("No space left on device"), "{}: {}", somebody.kind, err(&output));
        assert!((500..1024).contains(&files), "{}: a page each: {files}", somebody.kind);
    }
}

#[test]
fn a_copy_of_a_directory_is_bounded_the_same_way() {
    if lacks("storage-ephemeral", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("storage-ephemeral") {
        let root = somebody.rootfs("root");
        let (root, script) = (root.to_str().expect("UTF-8"), FILL.replace("FILE", "/x"));
        let arguments = ["--rootfs", root, "--ephemeral", "--storage-opt", "size=16m", "sh", "-c", &script];
        let output = somebody.run(&arguments);
        assert!(err(&output).contains("No space left on device"), "{}: {}", somebody.kind, err(&output));
        assert_full(&somebody, &out(&output));
    }
}

#[test]
fn a_read_only_root_refuses_every_write() {
    let script = "for d in / /usr /usr/bin /opt /etc /var/lib /tmp /root /home; do touch $d/x; done";
    for somebody in Somebody::all("storage-read-only") {
        let (_, said) = ended(&somebody, &["--read-only", "sh", "-c", script]);
        assert_eq!(said.matches("Read-only file system").count(), 9, "{}: {said}", somebody.kind);
    }
}

#[test]
fn a_read_only_root_can_have_places_to_write() {
    for somebody in Somebody::all("storage-places") {
        let script = "echo a > /tmp/x; echo b > /dev/shm/x; cat /tmp/x /dev/shm/x";
        let arguments = ["--read-only", "--tmpfs", "/tmp", "sh", "-c", script];
        assert_eq!(printed(&somebody, &arguments), "a\nb\n", "{}", somebody.kind);
    }
}

#[test]
fn a_layer_too_small_to_begin_with_is_an_error_that_names_the_option() {
    for somebody in Somebody::all("storage-too-small") {
        let (status, said) = ended(&somebody, &["--storage-opt", "size=64k", "true"]);
        assert_eq!(status, Some(125), "{}: {said}", somebody.kind);
        // What was made before is undone without a word.
        assert!(said.starts_with("error[CX2012]") && said.contains("--storage-opt size="), "{said}");
    }
}

#[test]
fn shared_memory_has_the_size_that_was_asked_for() {
    let fill = FILL.replace("FILE", "/dev/shm/x").replace("bs=1M", "bs=512K");
    for somebody in Somebody::all("storage-shm") {
        let shown = |options: &[&str]| {
            printed(&somebody, &[options, &["df", "-k", "--output=size", "/dev/shm"]].concat())
        };
        let size = |options: &[&str]| shown(options).lines().nth(1).map(|size| size.trim().to_owned());
        assert_eq!(size(&[]).as_deref(), Some("65536"), "{}", somebody.kind);
        assert_eq!(size(&["--shm-size", "7m"]).as_deref(), Some("7168"), "{}", somebody.kind);
        let output = somebody.run(&["--shm-size=3m", "sh", "-c", &fill]);
        assert!(err(&output).contains("No space left on device"), "{}: {}", somebody.kind, err(&output));
        assert_eq!(out(&output), "3\n", "{}", somebody.kind);
    }
}
