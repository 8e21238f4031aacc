//! `--rootfs DIR`: in place, copy-on-write, shared.

use crate::{ended, printed};
use end_to_end::{Somebody, err, lacks, out};
use std::fs;
use std::path::Path;

fn text(path: &Path) -> &str {
    path.to_str().expect("scratch directories have plain names")
}

#[test]
fn what_is_written_stays_for_the_next_run() {
    if lacks("rootfs-stays", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("rootfs-stays") {
        let root = somebody.rootfs("root");
        assert_eq!(printed(&somebody, &["--rootfs", text(&root), "sh", "-c", "echo hi > /x"]), "");
        assert_eq!(printed(&somebody, &["--rootfs", text(&root), "cat", "/x"]), "hi\n", "{}", somebody.kind);
        assert_eq!(fs::read_to_string(root.join("x")).expect("a file"), "hi\n");
    }
}

#[test]
fn new_files_belong_to_root_inside_and_to_the_owner_outside() {
    if lacks("rootfs-owner", &["busybox"]) {
        return;
    }
    use std::os::unix::fs::MetadataExt;
    for somebody in Somebody::all("rootfs-owner") {
        let root = somebody.rootfs("root");
        let owner = fs::metadata(&root).expect("it is there").uid();
        let script = "echo a > /x; mkdir /y; stat -c %u:%g / /bin/busybox /x /y";
        let inside = printed(&somebody, &["--rootfs", text(&root), "sh", "-c", script]);
        assert_eq!(inside, "0:0\n0:0\n0:0\n0:0\n", "{}", somebody.kind);
        for new in ["x", "y"] {
            assert_eq!(fs::metadata(root.join(new)).expect("it is there").uid(), owner, "{}", somebody.kind);
        }
    }
}

#[test]
fn ephemeral_writes_are_thrown_away() {
    if lacks("rootfs-ephemeral", &["busybox"]) {
        return;
    }
    let script = "echo hi > /x; echo >> /etc/passwd; rm /bin/ls; mv /root /moved; mkdir /tmp/y; cat /x";
    for somebody in Somebody::all("rootfs-ephemeral") {
        let root = somebody.rootfs("root");
        let before = fs::read(root.join("etc/passwd")).expect("a file");
        let run =
            |script: &str| printed(&somebody, &["--rootfs", text(&root), "--ephemeral", "sh", "-c", script]);
        assert_eq!(run(script), "hi\n", "{}", somebody.kind);
        assert_eq!(run("ls -d /x /bin/ls /root /moved /tmp/* 2> /dev/null; true"), "/bin/ls\n/root\n");
        assert!(!root.join("x").exists() && root.join("bin/ls").is_symlink() && root.join("root").is_dir());
        assert_eq!(fs::read(root.join("etc/passwd")).expect("a file"), before, "{}", somebody.kind);
    }
}

#[test]
fn read_only_refuses_every_write() {
    if lacks("rootfs-read-only", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("rootfs-read-only") {
        let root = somebody.rootfs("root");
        for more in [None, Some("--ephemeral")] {
            let mut arguments = vec!["--rootfs", text(&root), "--read-only"];
            arguments.extend(more);
            arguments.extend(["sh", "-c", "touch /x /bin/x /tmp/x"]);
            let (status, said) = ended(&somebody, &arguments);
            assert_eq!(status, Some(1), "{}: {said}", somebody.kind);
            assert_eq!(said.matches("Read-only").count(), 3, "{}: {said}", somebody.kind);
        }
    }
}

#[test]
fn two_runs_share_one_at_once() {
    if lacks("rootfs-shared", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("rootfs-shared") {
        let root = somebody.rootfs("root");
        // Each waits for what the other writes.
        let script = |own: &str, other: &str| {
            format!(
                "echo $$ > /{own}; while ! test -s /{other}; do sleep 0.01; done; cat /{other}
                ps > /ps-{own}; wc -l < /ps-{own}"
            )
        };
        let start = |own, other| somebody.start(&["--rootfs", text(&root), "sh", "-c", &script(own, other)]);
        let (one, two) = (start("one", "two"), start("two", "one"));
        for output in [one.finish(), two.finish()] {
            // The other's pid in its own namespace; then a title, init, sh and ps.
            assert_eq!(out(&output), "2\n4\n", "{}: {}", somebody.kind, err(&output));
        }
    }
}
