//! R9: files of an image are read with bounds, and numbers in them are ids or nothing.

use crate::text;
use end_to_end::{Somebody, err, lacks, out};
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

/// CVE-2024-40635: an id that overflows becomes another one, such as root's.
#[test]
fn a_users_id_that_is_none_is_not_wrapped() {
    if lacks("wrapped-ids", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("wrapped-ids") {
        let root = somebody.rootfs("root");
        let ids = ["4294967296", "4294967295", "-1", "18446744073709551616", "0x0", " 0", "", "1e1"];
        let lines: String = ids
            .iter()
            .enumerate()
            .map(|(n, id)| format!("user{n}:x:{id}:0::/:\ngroup{n}:x:0:{id}::/:\n"))
            .collect();
        fs::write(root.join("etc/passwd"), lines).expect("a file");
        for number in 0..ids.len() {
            for name in ["user", "group"] {
                let output = somebody.run(&["--rootfs", text(&root), "-u", &format!("{name}{number}"), "id"]);
                assert!(
                    err(&output).starts_with("error[CX4001]: "),
                    "{}: {}{}",
                    somebody.kind,
                    out(&output),
                    err(&output)
                );
            }
        }
    }
}

/// Files that are large, or none, cost neither memory nor time.
#[test]
fn a_passwd_file_that_is_endless_or_no_file_is_not_waited_for() {
    if lacks("endless-passwd", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("endless-passwd") {
        let root = somebody.rootfs("root");
        let passwd = root.join("etc/passwd");
        let run = |expected: &str| {
            let start = Instant::now();
            let output = somebody.run(&["--rootfs", text(&root), "-u", "frobnicate", "true"]);
            assert!(
                err(&output).starts_with(&format!("error[{expected}]: ")),
                "{}: {}",
                somebody.kind,
                err(&output)
            );
            assert!(start.elapsed() < Duration::from_secs(20), "{}", somebody.kind);
        };
        // Sparse: a gigabyte that is not there.
        fs::File::create(&passwd).and_then(|file| file.set_len(1 << 30)).expect("a file");
        run("CX4001");
        let garbage: Vec<u8> =
            (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        fs::File::create(&passwd).and_then(|mut file| file.write_all(&garbage)).expect("a file");
        run("CX4001");
        fs::remove_file(&passwd).expect("a file");
        fs::create_dir(&passwd).expect("a directory");
        run("CX4001");
        fs::remove_dir(&passwd).expect("a directory");
        rustix::fs::mknodat(rustix::fs::CWD, &passwd, rustix::fs::FileType::Fifo, 0o666.into(), 0)
            .expect("a pipe");
        run("CX4001");
    }
}

/// Thousands of groups do not overflow anything.
#[test]
fn a_user_may_be_in_more_groups_than_fit() {
    if lacks("many-groups", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("many-groups") {
        let root = somebody.rootfs("root");
        let groups: String = (0..70_000).map(|gid| format!("g{gid}:x:{gid}:root\n")).collect();
        fs::write(root.join("etc/group"), groups).expect("a file");
        let output = somebody.run(&["--rootfs", text(&root), "-u", "root", "id", "-u"]);
        assert_eq!((out(&output).as_str(), err(&output).as_str()), ("0\n", ""), "{}", somebody.kind);
    }
}
