//! `--rootfs`: directories that are none, or on file systems that do not do.

use crate::{alone_command, assert_refused, refused, text, with_mounts, works};
use end_to_end::{Kind, Somebody, err, lacks, skip};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn a_root_filesystem_is_a_directory_that_exists() {
    for somebody in Somebody::all("bad-rootfs") {
        let at = |name: &str| somebody.home().join(name);
        fs::write(at("file"), "").expect("a file");
        symlink("circle", at("circle")).expect("a link");
        symlink("nowhere", at("dangling")).expect("a link");
        let cases = [
            ("nowhere", "CX3001"),
            ("dangling", "CX3001"),
            ("", "CX3001"),
            ("file", "CX3002"),
            ("file/below", "CX3002"),
            ("circle", "CX3003"),
            ("circle/below", "CX3003"),
        ];
        for (name, code) in cases {
            refused(&somebody, &["--rootfs", name, "true"], 125, code);
            refused(&somebody, &["--rootfs", name, "--ephemeral", "true"], 125, code);
        }
    }
}

#[test]
fn a_directory_that_holds_no_root_filesystem() {
    for somebody in Somebody::all("empty-rootfs") {
        let at = |name: &str| somebody.home().join(name);
        fs::create_dir_all(at("empty")).expect("a directory");
        fs::create_dir_all(at("photos/2026")).expect("a directory");
        for name in ["empty", "photos"] {
            let said = refused(&somebody, &["--rootfs", name, "true"], 125, "CX3014");
            assert!(said.contains("containerception init"), "{said}");
            let left: Vec<_> = fs::read_dir(at(name)).expect("it is read").collect();
            assert!(left.len() <= 1, "{}: made in {name}: {left:?}", somebody.kind);
        }
    }
}

#[test]
fn what_the_error_of_a_missing_one_says_makes_one() {
    for somebody in Somebody::all("made-rootfs") {
        let said = refused(&somebody, &["--rootfs", "new", "true"], 125, "CX3001");
        assert!(said.contains("containerception init DIR"), "{said}");
        let output = somebody.containerception().args(["init", "new"]).output().expect("it starts");
        assert!(output.status.success(), "{}: {}", somebody.kind, err(&output));
        works(&somebody, &["--rootfs", "new", "true"]);
    }
}

#[test]
fn a_root_filesystem_in_a_directory_that_is_closed_to_the_caller() {
    for somebody in Somebody::all("closed-rootfs").into_iter().filter(|one| one.kind != Kind::Root) {
        refused(
            &somebody,
            &["--rootfs", "/root", "true"],
            125,
            if is_closed("/root") { "CX3013" } else { "CX6001" },
        );
    }
}

fn is_closed(path: &str) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.uid() == 0 && metadata.mode() & 0o005 == 0)
}

/// R21: what root writes inside is root's outside, where others must not reach it.
#[test]
fn roots_root_filesystem_lies_where_nobody_else_can_go() {
    if lacks("open-rootfs", &["busybox"]) {
        return;
    }
    let Some(somebody) = Somebody::only(Kind::Root, "open-rootfs") else { return };
    let scratch = testbed::scratch::Scratch::new("open-rootfs-tree").expect("a directory");
    let root = scratch.path().join("root");
    testbed::rootfs::make(&root).expect("a root filesystem");
    for path in ["/", text(&root)] {
        let said = refused(&somebody, &["--rootfs", path, "true"], 125, "CX3006");
        assert!(said.contains("--ephemeral") && said.contains("0700"), "{said}");
    }
    works(&somebody, &["--rootfs", text(&root), "--ephemeral", "true"]);
    works(&somebody, &["--rootfs", text(&root), "--userns", "host", "true"]);
    let inside = somebody.home().join("moved");
    fs::rename(&root, &inside).expect("the same file system");
    works(&somebody, &["--rootfs", text(&inside), "true"]);
}

/// A file system in memory on `tree` with these mount options, and a root filesystem on it.
fn mounted(somebody: &Somebody, test: &str, options: &str) -> Option<String> {
    if !testbed::caller::is_root().expect("the caller is known") {
        skip(test, "only root can mount a file system to try it");
        return None;
    }
    let (home, root) = (somebody.home(), somebody.rootfs("root"));
    let tree = home.join("tree");
    fs::create_dir(&tree).expect("a directory");
    let (tree, root) = (text(&tree), text(&root));
    Some(format!(
        "mount -t tmpfs -o mode=755 none {tree} && cp -a {root} {tree}/root && mount -o remount,{options} {tree} || exit 99"
    ))
}

#[test]
fn a_root_filesystem_mounted_noexec() {
    if lacks("noexec", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("noexec") {
        let Some(setup) = mounted(&somebody, "noexec", "noexec") else { continue };
        for options in [
            &["run", "--rootfs", "tree/root", "true"][..],
            &["run", "--rootfs", "tree/root", "--ephemeral", "true"],
        ] {
            let output = with_mounts(&setup, &alone_command(&somebody, options));
            let said = assert_refused(&somebody, &output, 125, "CX3004");
            assert!(said.contains("findmnt"), "{said}");
        }
        works(&somebody, &["--rootfs", "root", "true"]);
    }
}

#[test]
fn a_root_filesystem_mounted_read_only() {
    if lacks("rootfs-read-only", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("rootfs-read-only") {
        let Some(setup) = mounted(&somebody, "rootfs-read-only", "ro") else { continue };
        let run = |options: &[&str], command: &[&str]| {
            let arguments = [&["run", "--rootfs", "tree/root"], options, command].concat();
            with_mounts(&setup, &alone_command(&somebody, &arguments))
        };
        let said = assert_refused(&somebody, &run(&[], &["true"]), 125, "CX3005");
        assert!(said.contains("--read-only") && said.contains("--ephemeral"), "{said}");
        let read_only = run(&["--read-only"], &["sh", "-c", "! touch /file 2> /dev/null"]);
        assert_eq!(err(&read_only), "", "{}", somebody.kind);
        assert!(read_only.status.success(), "{}", somebody.kind);
        let ephemeral = run(&["--ephemeral"], &["touch", "/file"]);
        assert_eq!((ephemeral.status.code(), err(&ephemeral)), (Some(0), String::new()), "{}", somebody.kind);
    }
}
