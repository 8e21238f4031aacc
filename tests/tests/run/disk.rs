//! `--storage-opt medium=disk`: what is written goes to a directory that goes with the container.

use crate::{ended, printed};
use end_to_end::{Kind, Somebody, err, eventually, lacks};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const DISK: [&str; 2] = ["--storage-opt", "medium=disk"];

/// The directory of the container `name`, while it has one.
fn directory(somebody: &Somebody, name: &str) -> Option<PathBuf> {
    let boots = fs::read_dir(somebody.storage()).into_iter().flatten().flatten();
    let directories = boots.flat_map(|boot| fs::read_dir(boot.path()).into_iter().flatten().flatten());
    let prefix = format!("{name}-");
    let mut own = directories.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
    own.next().map(|entry| entry.path())
}

/// A name that no container of another test has.
fn name(test: &str) -> String {
    format!("disk-{test}-{}", std::process::id())
}

#[test]
fn what_is_written_is_on_disk_and_gone_in_the_end() {
    for somebody in Somebody::all("disk-written") {
        let name = name("written");
        let script = "echo hi > /usr/bin/new; echo ho > /var/lib/new; echo up; sleep 60";
        let mut running = somebody.start(&[&DISK[..], &["--name", &name, "sh", "-c", script]].concat());
        running.wait_for("up");
        let directory = directory(&somebody, &name).expect("a directory on disk");
        let read = |path: &str| fs::read_to_string(directory.join(path)).expect(path);
        assert_eq!((read("upper/usr/bin/new"), read("root/var/lib/new")), ("hi\n".into(), "ho\n".into()));
        let mode = fs::metadata(&directory).expect("a directory").permissions().mode();
        assert_eq!(mode & 0o7777, 0o700, "{}", somebody.kind);
        running.signal(Signal::TERM);
        let output = running.finish();
        assert_eq!((output.status.code(), err(&output)), (Some(143), String::new()), "{}", somebody.kind);
        assert!(!directory.exists(), "{}", somebody.kind);
    }
}

#[test]
fn a_directory_can_be_replaced_and_stays_as_it_was_outside() {
    if lacks("disk-replaced", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("disk-replaced") {
        let root = somebody.rootfs("root");
        let script = "rm -r /etc && mkdir /etc && touch /etc/new && ls -A /etc";
        let arguments = ["--rootfs", root.to_str().expect("UTF-8"), "--ephemeral", "sh", "-c", script];
        assert_eq!(printed(&somebody, &[&DISK[..], &arguments].concat()), "new\n", "{}", somebody.kind);
        assert!(root.join("etc/passwd").exists() && !root.join("etc/new").exists());
    }
}

#[test]
fn a_killed_run_leaves_it_to_gc_whoever_its_files_belong_to() {
    for somebody in Somebody::all("disk-killed") {
        let name = name("killed");
        let owner = if somebody.kind == Kind::Single { "0" } else { "7" };
        let script = format!("mkdir -p /tmp/d/e; chown -R {owner} /tmp/d; chmod 0 /tmp/d; echo up; sleep 60");
        let mut running = somebody.start(&[&DISK[..], &["--name", &name, "sh", "-c", &script]].concat());
        running.wait_for("up");
        running.signal(Signal::KILL);
        running.finish();
        let directory = directory(&somebody, &name).expect("a directory on disk");
        let gc = somebody.containerception().arg("gc").output().expect("gc starts");
        assert_eq!((gc.status.code(), err(&gc)), (Some(0), String::new()), "{}", somebody.kind);
        // Another run of the same user may be at it.
        eventually("what was written is gone", || !directory.exists());
    }
}

#[test]
fn gc_removes_what_was_left_when_the_machine_went_down() {
    for somebody in Somebody::all("disk-boot") {
        printed(&somebody, &[&DISK[..], &["true"]].concat());
        let former = somebody.storage().join(format!("{:032x}", std::process::id()));
        fs::create_dir_all(former.join("container/upper/usr")).expect("directories");
        somebody.give(&former);
        let gc = somebody.containerception().arg("gc").output().expect("gc starts");
        assert_eq!((gc.status.code(), err(&gc)), (Some(0), String::new()), "{}", somebody.kind);
        eventually("what was left is gone", || !former.exists());
    }
}

#[test]
fn a_place_that_others_can_enter_is_refused() {
    for somebody in Somebody::all("disk-open") {
        if somebody.kind == Kind::Root {
            // It is the whole machine's.
            continue;
        }
        let open = somebody.home().join("open");
        fs::create_dir_all(open.join("containerception")).expect("a directory");
        somebody.give(&open);
        let mut run = somebody.shell(&format!(
            "umask 022; chmod 755 open/containerception; export XDG_DATA_HOME={}; containerception run {} true",
            open.display(),
            DISK.join(" ")
        ));
        let output = run.output().expect("sh starts");
        assert_eq!(output.status.code(), Some(125));
        assert!(
            err(&output).contains("CX2008") && err(&output).contains("XDG_DATA_HOME"),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn a_bound_that_would_not_be_held_is_refused() {
    let bounded = ["--storage-opt", "size=16m,medium=disk", "true"];
    for somebody in Somebody::all("disk-bound") {
        // Root inside, who is root outside, could give files to another project; who is not root may bound none.
        let host: &[&str] = if somebody.kind == Kind::Root { &["--userns", "host"] } else { &[] };
        let (status, said) = ended(&somebody, &[host, &bounded].concat());
        assert_eq!(status, Some(125));
        assert!(said.contains("CX1011") && said.contains("leave out medium=disk"), "{said}");
        let (status, said) = ended(&somebody, &["--rootfs", "/", "--storage-opt", "size=16m", "true"]);
        assert_eq!(status, Some(125));
        assert!(said.contains("CX1013") && said.contains("fix:"), "{said}");
    }
}

#[test]
fn a_bound_that_is_not_held_is_told_where_the_best_effort_will_do() {
    for kind in [Kind::Range, Kind::Single] {
        let Some(somebody) = Somebody::only(kind, "disk-best-effort") else { continue };
        let arguments = ["--best-effort", "--storage-opt", "size=16m,medium=disk", "true"];
        let (status, said) = ended(&somebody, &arguments);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.starts_with("warning: --storage-opt size= is not held: only root"), "{said}");
    }
}
