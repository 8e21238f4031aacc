//! Devices: a node for the host's disk cannot be made, or not be opened.

use crate::{all_refused, inside, text};
use end_to_end::{Kind, Somebody};
use std::fs;

/// Every place where root inside can write.
const PLACES: [&str; 8] = ["/", "/tmp", "/usr", "/run", "/root", "/dev", "/dev/shm", "/etc"];

/// A disk, all of memory, and a harmless one that would open if any did.
const NODES: [&str; 4] = ["b 8 0", "c 1 1", "c 1 5", "b 7 0"];

#[test]
fn a_node_that_is_made_inside_does_not_open_a_device() {
    for somebody in Somebody::all("nodes") {
        let attacks: Vec<String> = PLACES
            .iter()
            .flat_map(|place| NODES.map(|node| format!("mknod {place}/node {node} && head -c 1 {place}/node; status=$?; rm -f {place}/node; exit $status")))
            .collect();
        let attacks: Vec<&str> = attacks.iter().map(String::as_str).collect();
        all_refused(&somebody, &[], &attacks);
        all_refused(&somebody, &["--tmpfs", "/tmp", "--cap-add", "ALL"], &attacks);
        if somebody.kind == Kind::Root {
            // Root of the host may make nodes; that no mount lets them be opened is what holds.
            all_refused(&somebody, &["--userns", "host", "--tmpfs", "/tmp"], &attacks);
        }
    }
}

/// A node that the image brings, made by the host's root.
#[test]
fn a_node_of_the_image_does_not_open_a_device() {
    if end_to_end::lacks("image-nodes", &["busybox"]) {
        return;
    }
    let Some(somebody) = Somebody::only(Kind::Root, "image-nodes") else { return };
    let root = somebody.rootfs("root");
    let zero = root.join("bin/zero");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &zero,
        rustix::fs::FileType::CharacterDevice,
        0o666.into(),
        rustix::fs::makedev(1, 5),
    )
    .expect("root makes nodes");
    let attack = ["head -c 1 /bin/zero", "head -c 1 /data/zero"];
    let volume = format!("{}:/data", text(&root.join("bin")));
    for options in [
        &["--rootfs", text(&root)][..],
        &["--rootfs", text(&root), "--ephemeral"],
        &["--rootfs", text(&root), "--userns", "host"],
    ] {
        all_refused(&somebody, &[options, &["-v", &volume]].concat(), &attack);
    }
    fs::remove_file(&zero).expect("a node");
}

#[test]
fn the_devices_inside_are_the_harmless_ones() {
    for somebody in Somebody::all("devices") {
        let listed = inside(
            &somebody,
            &[],
            "ls /dev; find /dev -path /dev/.containerception -prune -o ! -type d ! -type l -writable -print | sort | tr '\\n' ' '",
        );
        let expected = "fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n\
            /dev/full /dev/null /dev/pts/ptmx /dev/random /dev/tty /dev/urandom /dev/zero ";
        assert_eq!(listed, expected, "{}", somebody.kind);
    }
}
