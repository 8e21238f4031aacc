//! `-v` and `--tmpfs`: sources that are missing, destinations that are none.

use crate::{anybody, refused, text, works};
use end_to_end::{Kind, Somebody, lacks};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn a_volume_has_a_source_an_absolute_destination_and_known_options() {
    let somebody = anybody("bad-volume");
    for volume in [
        "",
        "/tmp",
        ":/x",
        "/tmp:",
        "/tmp:x",
        "/tmp:./x",
        "/tmp:/",
        "/tmp:/a/../../b",
        "/tmp:/x:frobnicate",
        "/tmp:/x:",
    ] {
        refused(&somebody, &["-v", volume, "true"], 125, "CX1007");
    }
    for tmpfs in ["", "x", "/", "/a/../b", "/x:frobnicate", "/x:ro"] {
        refused(&somebody, &["--tmpfs", tmpfs, "true"], 125, "CX1008");
    }
    works(&somebody, &["-v", "/usr:/mnt:ro", "--tmpfs", "/x:size=1m", "true"]);
}

#[test]
fn a_missing_source_is_not_made() {
    for somebody in Somebody::all("no-source") {
        let source = somebody.home().join("nowhere");
        let volume = format!("{}:/mnt", text(&source));
        refused(&somebody, &["-v", &volume, "true"], 125, "CX3008");
        assert!(!source.exists(), "{}", somebody.kind);
        fs::create_dir(&source).expect("a directory");
        somebody.give(&source);
        works(&somebody, &["-v", &volume, "true"]);
    }
}

/// CVE-2021-30465: the image says where the mount lands, unless its links are kept inside.
#[test]
fn a_destination_does_not_leave_the_root_through_a_link() {
    if lacks("link-out", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("link-out") {
        let root = somebody.rootfs("root");
        let outside = somebody.home().join("outside");
        fs::create_dir(&outside).expect("a directory");
        somebody.give(&outside);
        symlink("../../../../../../../..", root.join("up")).expect("a link");
        symlink(&outside, root.join("away")).expect("a link");
        symlink("/bin", root.join("absolute")).expect("a link");
        for link in ["up", "away", "absolute"] {
            for destination in [format!("/{link}"), format!("/{link}/new"), format!("/{link}/new/deeper")] {
                let volume = format!("/usr:{destination}");
                let said =
                    refused(&somebody, &["--rootfs", text(&root), "-v", &volume, "true"], 125, "CX3009");
                assert!(said.contains("symbolic link"), "{said}");
                refused(
                    &somebody,
                    &["--rootfs", text(&root), "--tmpfs", &destination, "true"],
                    125,
                    "CX3009",
                );
            }
        }
        assert_eq!(fs::read_dir(&outside).expect("a directory").count(), 0, "{}", somebody.kind);
        works(&somebody, &["--rootfs", text(&root), "-v", "/usr:/mnt", "true"]);
    }
}

#[test]
fn links_that_lead_nowhere_and_places_of_the_wrong_kind() {
    if lacks("bad-place", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("bad-place") {
        let root = somebody.rootfs("root");
        symlink("nowhere", root.join("dangling")).expect("a link");
        symlink("circle", root.join("circle")).expect("a link");
        let source = somebody.home().join("file");
        fs::write(&source, "").expect("a file");
        somebody.give(&source);
        let file = format!("{}:/tmp", text(&source));
        for volume in [
            "/usr:/dangling",
            "/usr:/circle",
            "/usr:/circle/x",
            "/usr:/etc/passwd",
            "/usr:/etc/passwd/x",
            &file,
        ] {
            refused(&somebody, &["--rootfs", text(&root), "-v", volume, "true"], 125, "CX3007");
        }
        refused(&somebody, &["--rootfs", text(&root), "--tmpfs", "/etc/passwd", "true"], 125, "CX3007");
        let onto_file = format!("{}:/etc/passwd:ro", text(&source));
        works(&somebody, &["--rootfs", text(&root), "-v", &onto_file, "true"]);
    }
}

/// Only root of the host may shift the ids of a volume, and only where other users cannot reach what is written.
#[test]
fn ids_are_shifted_for_root_alone_and_where_nobody_else_can_reach() {
    for somebody in Somebody::all("idmap-volume") {
        let closed = somebody.home().join("closed");
        fs::create_dir(&closed).expect("a directory");
        somebody.give(&closed);
        let volume = format!("{}:/mnt:idmap", text(&closed));
        if somebody.kind != Kind::Root {
            refused(&somebody, &["-v", &volume, "true"], 125, "CX1007");
            continue;
        }
        works(&somebody, &["-v", &volume, "touch", "/mnt/file"]);
        let open = testbed::scratch::Scratch::new("idmap-open").expect("a directory");
        let volume = format!("{}:/mnt:idmap", text(open.path()));
        let said = refused(&somebody, &["-v", &volume, "true"], 125, "CX3006");
        assert!(said.contains(":ro"), "{said}");
        works(&somebody, &["-v", &format!("{volume}:ro"), "true"]);
        refused(&somebody, &["--userns", "host", "-v", &volume, "true"], 125, "CX1007");
    }
}
