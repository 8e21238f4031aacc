//! Groups with a limit, on the real hierarchy of this machine. Needs the right to make them, else skips.

mod fixture;

use std::fs;
use std::path::Path;

use cgroup::{Controller, Layout, Legacy, Place, Version, group};
use fixture::{TestGroup, as_nobody, choice};
use rustix::io::Errno;

#[test]
fn the_limit_is_what_was_written() {
    let Some(group) = TestGroup::limited(2048) else { return };
    assert_eq!(group.read("pids.max"), "2048");
    group::set(&group.file("pids.max"), b"7").unwrap();
    assert_eq!(group.read("pids.max"), "7");
}

#[test]
fn a_limit_that_the_kernel_cannot_hold_is_an_error() {
    let Some(group) = TestGroup::new() else { return };
    assert_eq!(group::set(&group.file("pids.max"), u32::MAX.to_string().as_bytes()), Err(Errno::INVAL));
    assert_eq!(group.read("pids.max"), "max");
}

#[test]
fn a_process_joins_by_itself_and_its_children_are_counted() {
    let Some(group) = TestGroup::limited(50) else { return };
    let mut shell = group.shell("sleep 1000 & sleep 1000 & wait");
    group.wait_until(|group| group.current() == 3);
    let groups = fs::read_to_string(format!("/proc/{}/cgroup", shell.id())).unwrap();
    let name = group.dir.file_name().unwrap().to_str().unwrap();
    assert!(groups.lines().any(|line| line.ends_with(name)), "{groups}");
    cgroup::remove(&group.path()).unwrap();
    shell.wait().unwrap();
}

#[test]
fn the_limit_holds() {
    let Some(group) = TestGroup::limited(5) else { return };
    let mut shell = group.shell("for i in 1 2 3 4 5 6 7 8 9; do (sleep 1000 &); done; sleep 1000");
    group.wait_until(|group| group.read("pids.events") != "max 0");
    assert!(group.current() <= 5, "{}", group.current());
    cgroup::remove(&group.path()).unwrap();
    shell.wait().unwrap();
}

#[test]
fn join_moves_the_calling_thread() {
    let Some(group) = TestGroup::v1() else { return };
    let tasks = group::open_tasks(&group.file("tasks")).unwrap();
    let joined = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            group::join(&tasks).unwrap();
            (group.current(), fs::read_to_string("/proc/thread-self/cgroup").unwrap())
        });
        thread.join().unwrap()
    });
    assert_eq!(joined.0, 1);
    assert!(joined.1.contains(group.dir.file_name().unwrap().to_str().unwrap()), "{}", joined.1);
}

#[test]
fn the_handle_of_a_group_is_its_directory() {
    let Some(group) = TestGroup::new() else { return };
    let handle = group::open_dir(&group.path()).unwrap();
    let inode = |stat: rustix::fs::Stat| (stat.st_dev, stat.st_ino);
    let expected = rustix::fs::stat(&group.dir).unwrap();
    assert_eq!(inode(rustix::fs::fstat(&handle).unwrap()), inode(expected));
    assert_eq!(group::open_dir(&group.file("pids.max")).err(), Some(Errno::NOTDIR));
}

#[test]
fn a_name_is_given_once() {
    let Some(group) = TestGroup::new() else { return };
    assert_eq!(group::make(&group.path()), Err(Errno::EXIST));
}

#[test]
fn v1_has_nothing_to_enable() {
    let Some(group) = TestGroup::v1() else { return };
    assert_eq!(group::enable(&group.file("cgroup.subtree_control"), c"+pids"), Err(Errno::NOENT));
}

/// A layout whose only hierarchy is that of processes, of that version, at `dir`.
fn layout(version: Version, dir: &Path) -> Layout {
    let place = Ok(Place { mount: dir.into(), own: dir.into() });
    match version {
        Version::V1 => {
            let legacy = Legacy { controllers: vec![Controller::Pids], place };
            Layout { v2: Err(cgroup::NotFound::NotMounted), delegates: false, v1: vec![legacy] }
        }
        Version::V2 => Layout { v2: place, delegates: true, v1: Vec::new() },
    }
}

/// Why no group can be made for processes there.
fn why_not(version: Version, dir: &Path) -> String {
    let groups = choice(&layout(version, dir), "a");
    assert!(groups.hierarchies.is_empty(), "{groups:?}");
    groups.why_not(Controller::Pids).expect("a cause").to_owned()
}

#[test]
fn no_group_is_made_where_there_is_no_control_group() {
    let dir = std::env::temp_dir();
    assert!(why_not(Version::V1, &dir).ends_with("is not a control group"));
    assert!(why_not(Version::V2, &dir).contains("cgroup.controllers does not have it"));
}

#[test]
fn what_is_not_mounted_is_not_available() {
    let layout = Layout { v2: Err(cgroup::NotFound::NotMounted), delegates: false, v1: Vec::new() };
    let groups = choice(&layout, "a");
    assert_eq!(groups.why_not(Controller::Pids), Some("no hierarchy of v1 has it, and v2 is not mounted"));
}

#[test]
fn a_user_cannot_make_groups_in_a_group_of_root() {
    let Some(group) = TestGroup::new() else { return };
    let layout = layout(group.kind.version, &group.dir);
    let Some(groups) = as_nobody(|| choice(&layout, "a")) else { return };
    let why = groups.why_not(Controller::Pids).expect("none can be made");
    assert!(why.ends_with("not writable: Permission denied"), "{why}");
}
