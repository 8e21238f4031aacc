//! As whom the command runs: `-u`, by number and by name, in the default root and in one that was given.

use crate::{ended, printed};
use end_to_end::{Kind, Somebody, lacks, skip};
use std::fs;
use std::path::PathBuf;

const WHO: &str = "echo $(id -u):$(id -g):$(id -G) $HOME";

/// A root filesystem with users that the host does not have.
fn rootfs(somebody: &Somebody) -> PathBuf {
    let root = somebody.rootfs("root");
    let passwd = "root:x:0:0:root:/root:/bin/sh\nweb:x:3333:4444:web:/srv/web:/bin/sh\n";
    fs::write(root.join("etc/passwd"), passwd).expect("a file");
    fs::write(root.join("etc/group"), "root:x:0:\nwebs:x:4444:\nstaff:x:5555:web\n").expect("a file");
    somebody.give(&root);
    root
}

#[test]
fn it_is_root_unless_told_otherwise() {
    for somebody in Somebody::all("user-root") {
        assert_eq!(printed(&somebody, &["sh", "-c", WHO]), "0:0:0 /root\n", "{}", somebody.kind);
        assert_eq!(printed(&somebody, &["-u", "0", "sh", "-c", WHO]), "0:0:0 /root\n", "{}", somebody.kind);
        assert_eq!(
            printed(&somebody, &["-u", "root:0", "sh", "-c", WHO]),
            "0:0:0 /root\n",
            "{}",
            somebody.kind
        );
    }
}

#[test]
fn users_and_groups_are_those_of_the_given_root_filesystem() {
    if lacks("user-rootfs", &["busybox"]) {
        return;
    }
    let cases = [
        ("web", "3333:4444:4444 5555 /srv/web"),
        ("3333", "3333:4444:4444 5555 /srv/web"),
        ("web:staff", "3333:5555:5555 /srv/web"),
        ("web:7", "3333:7:7 /srv/web"),
        ("77:88", "77:88:88 /"),
        ("77", "77:0:0 /"),
    ];
    for somebody in Somebody::all("user-rootfs").into_iter().filter(|who| who.kind != Kind::Single) {
        let root = rootfs(&somebody);
        let root = root.to_str().expect("UTF-8");
        for (user, expected) in cases {
            let who = printed(&somebody, &["--rootfs", root, "-u", user, "sh", "-c", WHO]);
            assert_eq!(who.trim_end(), expected, "{}: -u {user}", somebody.kind);
        }
    }
}

#[test]
fn users_of_the_default_root_are_the_hosts() {
    let passwd = fs::read_to_string("/etc/passwd").expect("the host has users");
    let Some(daemon) = passwd.lines().find(|line| line.starts_with("daemon:")) else {
        return skip("user-host", "the host has no user daemon");
    };
    let fields: Vec<&str> = daemon.split(':').collect();
    let (uid, gid, home) = (fields[2], fields[3], fields[5]);
    for somebody in Somebody::all("user-host").into_iter().filter(|who| who.kind != Kind::Single) {
        for user in ["daemon", uid] {
            let who = printed(&somebody, &["-u", user, "sh", "-c", "echo $(id -u):$(id -g) $HOME"]);
            assert_eq!(who, format!("{uid}:{gid} {home}\n"), "{}", somebody.kind);
        }
    }
}

#[test]
fn another_user_has_no_rights_over_the_files_of_root() {
    for somebody in Somebody::all("user-rights").into_iter().filter(|who| who.kind != Kind::Single) {
        let status =
            printed(&somebody, &["-u", "1234", "grep", "-h", "CapEff\\|CapPrm", "/proc/self/status"]);
        let sets: Vec<&str> = status.split_ascii_whitespace().filter(|word| !word.contains(':')).collect();
        assert_eq!(sets, ["0000000000000000"; 2], "{}: {status}", somebody.kind);
        let (status, said) = ended(&somebody, &["-u", "1234", "sh", "-c", "echo > /etc/passwd"]);
        assert!(status != Some(0) && said.contains("denied"), "{}: {said}", somebody.kind);
        assert_eq!(printed(&somebody, &["-u", "1234", "sh", "-c", "echo a > /tmp/x; cat /tmp/x"]), "a\n");
    }
}

#[test]
fn who_has_one_id_cannot_be_anybody_else_and_is_told_why() {
    let Some(somebody) = Somebody::only(Kind::Single, "user-single") else { return };
    for user in ["1000", "0:1000", "daemon"] {
        let (status, said) = ended(&somebody, &["-u", user, "true"]);
        assert_eq!(status, Some(125), "{said}");
        assert!(said.contains("CX4003") && said.contains("one id"), "-u {user}: {said}");
    }
}
