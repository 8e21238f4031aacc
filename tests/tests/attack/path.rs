//! R1: an image says with its links where mounts land, unless they are not followed.

use crate::{inside, text};
use end_to_end::{Somebody, err, lacks};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A root filesystem, and beside it a directory that nobody may touch.
fn with_outside(somebody: &Somebody) -> (PathBuf, PathBuf) {
    let (root, outside) = (somebody.rootfs("root"), somebody.home().join("outside"));
    fs::create_dir(&outside).expect("a directory");
    fs::write(outside.join("canary"), "sings").expect("a file");
    somebody.give(&outside);
    (root, outside)
}

fn assert_untouched(somebody: &Somebody, outside: &Path) {
    let names: Vec<_> =
        fs::read_dir(outside).expect("a directory").flatten().map(|e| e.file_name()).collect();
    assert_eq!(names, ["canary"], "{}", somebody.kind);
    assert_eq!(fs::read_to_string(outside.join("canary")).expect("a file"), "sings", "{}", somebody.kind);
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("a list");
    assert!(!mounts.contains(text(outside)), "{}: {mounts}", somebody.kind);
}

/// CVE-2019-19921 and CVE-2023-28642: `/proc` of the image is a link.
#[test]
fn places_of_the_kernels_file_systems_are_no_links() {
    if lacks("linked-places", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("linked-places") {
        let (root, outside) = with_outside(&somebody);
        for place in ["proc", "dev", "sys"] {
            fs::remove_dir(root.join(place)).expect("an empty directory");
            for target in ["/", "/etc", ".", "tmp", "..", "../outside", "../../../../../..", text(&outside)] {
                symlink(target, root.join(place)).expect("a link");
                let output = somebody.run(&["--rootfs", text(&root), "true"]);
                let said = err(&output);
                assert!(
                    said.starts_with("error[CX3007]: "),
                    "{}: {place} -> {target}: {said}",
                    somebody.kind
                );
                assert_untouched(&somebody, &outside);
                fs::remove_file(root.join(place)).expect("a link");
            }
            fs::create_dir(root.join(place)).expect("a directory");
            somebody.give(&root.join(place));
        }
    }
}

/// CVE-2021-30465: the destination is a directory when it is checked, and a link when it is mounted on.
#[test]
fn a_destination_that_is_swapped_while_it_is_used_does_not_lead_out() {
    if lacks("swapped", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("swapped") {
        let (root, outside) = with_outside(&somebody);
        let (place, link) = (root.join("place"), root.join("link"));
        fs::create_dir(&place).expect("a directory");
        somebody.give(&place);
        symlink("../outside", &link).expect("a link");
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    renameat_with(CWD, &place, CWD, &link, RenameFlags::EXCHANGE).expect("both are there");
                }
            });
            for _ in 0..20 {
                let options =
                    ["--rootfs", text(&root), "-v", "/usr:/place/new:ro", "--tmpfs", "/link/new", "true"];
                let output = somebody.run(&options);
                let said = err(&output);
                let refused = said.starts_with("error[CX3009]") || said.starts_with("error[CX3007]");
                assert!(output.status.success() || refused, "{}: {said}", somebody.kind);
            }
            over.store(true, Ordering::Relaxed);
        });
        assert_untouched(&somebody, &outside);
    }
}

/// CVE-2024-45310 and CVE-2025-31133: links of `/proc` to open files and directories are doors that no path shows.
#[test]
fn a_destination_does_not_go_through_proc() {
    if lacks("through-proc", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("through-proc") {
        let (root, outside) = with_outside(&somebody);
        for target in ["proc/self/cwd", "proc/self/root", "proc/self/fd/3", "proc/self/fd", "proc/1/root"] {
            symlink(target, root.join("data")).expect("a link");
            let output = somebody.run(&["--rootfs", text(&root), "-v", "/usr:/data/new", "true"]);
            assert_eq!(output.status.code(), Some(125), "{}: {target}: {}", somebody.kind, err(&output));
            assert_untouched(&somebody, &outside);
            fs::remove_file(root.join("data")).expect("a link");
        }
    }
}

/// The user of `-u` is looked up before the container exists, in files of which the image can make links.
#[test]
fn the_users_of_an_image_are_not_read_from_the_host() {
    if lacks("foreign-passwd", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("foreign-passwd") {
        let (root, outside) = with_outside(&somebody);
        fs::write(outside.join("canary"), "spy:x:0:0::/:\n").expect("a file");
        for target in
            [text(&outside.join("canary")), "../../outside/canary", "../../../../../../outside/canary"]
        {
            fs::remove_file(root.join("etc/passwd")).expect("a file");
            symlink(target, root.join("etc/passwd")).expect("a link");
            let output = somebody.run(&["--rootfs", text(&root), "-u", "spy", "true"]);
            assert!(err(&output).starts_with("error[CX4001]: "), "{}: {}", somebody.kind, err(&output));
        }
    }
}

/// The tree is the container's root: no name leads above it.
#[test]
fn no_number_of_dots_leads_above_the_root() {
    if lacks("dots", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("dots") {
        let (root, _) = with_outside(&somebody);
        symlink("../../../../../../../..", root.join("up")).expect("a link");
        let options = ["--rootfs", text(&root)];
        let listed = "bin\ndev\netc\nproc\nroot\nsys\ntmp\nup\n";
        assert_eq!(inside(&somebody, &options, "ls /../../../.."), listed, "{}", somebody.kind);
        assert_eq!(inside(&somebody, &options, "ls /up/"), listed, "{}", somebody.kind);
        let in_up = ["--rootfs", text(&root), "-w", "/up"];
        assert_eq!(inside(&somebody, &in_up, "pwd; ls .."), format!("/\n{listed}"), "{}", somebody.kind);
    }
}
