//! Groups with a limit, on the real hierarchy of this machine. Needs the right to make them, else skips.

mod fixture;

use std::fs;
use std::path::Path;

use cgroup::{Availability, Layout, group, pids};
use fixture::{TestGroup, as_nobody, path};
use rustix::io::Errno;

#[test]
fn the_limit_is_what_was_written() {
    let Some(group) = TestGroup::limited(2048) else { return };
    assert_eq!(group.read("pids.max"), "2048");
    pids::set_max(&group.file("pids.max"), 7).unwrap();
    assert_eq!(group.read("pids.max"), "7");
}

#[test]
fn a_limit_that_the_kernel_cannot_hold_is_an_error() {
    let Some(group) = TestGroup::new() else { return };
    assert_eq!(pids::set_max(&group.file("pids.max"), u32::MAX), Err(Errno::INVAL));
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
    assert_eq!(pids::enable(&group.file("cgroup.subtree_control")), Err(Errno::NOENT));
}

#[test]
fn no_group_is_made_where_there_is_no_control_group() {
    let dir = std::env::temp_dir();
    for layout in [
        Layout::V1Pids { mount: dir.clone(), own: dir.clone() },
        Layout::V2 { mount: dir.clone(), own: dir.clone() },
    ] {
        let Availability::No { why } = layout.availability() else { panic!("{layout:?}") };
        assert!(why.ends_with("is not a control group"), "{why}");
    }
}

#[test]
fn what_is_not_there_is_not_available() {
    let gone = Path::new("/nonexistent/group");
    let layout = Layout::V1Pids { mount: gone.into(), own: gone.into() };
    assert!(matches!(layout.availability(), Availability::No { why } if why.contains("No such file")));
    assert_eq!(group::make(&path(gone)), Err(Errno::NOENT));
}

#[test]
fn without_a_layout_its_reason_is_passed_on() {
    let layout = Layout::None { why: "no /proc".into() };
    assert_eq!(layout.availability(), Availability::No { why: "no /proc".into() });
}

#[test]
fn a_user_cannot_make_groups_in_a_group_of_root() {
    let Some(group) = TestGroup::new() else { return };
    let layout = match group.kind {
        Availability::V1 => Layout::V1Pids { mount: "/".into(), own: group.dir.clone() },
        _ => Layout::V2 { mount: "/".into(), own: group.dir.clone() },
    };
    let Some(kind) = as_nobody(|| layout.availability()) else { return };
    let Availability::No { why } = kind else { panic!("{kind:?}") };
    assert!(why.ends_with("not writable: Permission denied (os error 13)"), "{why}");
}
