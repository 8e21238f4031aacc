//! Removing groups that are in use, on the real hierarchy of this machine. Needs the right, else skips.

mod fixture;

use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::time::{Duration, Instant};

use cgroup::{Busy, group, remove};
use fixture::{TestGroup, as_nobody, nobody};
use rustix::io::Errno;

fn was_killed(mut child: Child) -> bool {
    child.wait().expect("the child is ours").signal() == Some(9)
}

#[test]
fn an_empty_group_is_removed_at_once_and_again() {
    let Some(group) = TestGroup::new() else { return };
    let start = Instant::now();
    remove(&group.path()).unwrap();
    assert!(!group.dir.exists());
    remove(&group.path()).unwrap();
    assert!(start.elapsed() < Duration::from_millis(50), "{:?}", start.elapsed());
}

#[test]
fn members_are_killed() {
    let Some(group) = TestGroup::limited(50) else { return };
    let shell = group.shell("sleep 1000 & sleep 1000 & wait");
    group.wait_until(|group| group.current() == 3);
    remove(&group.path()).unwrap();
    assert!(!group.dir.exists());
    assert!(was_killed(shell));
}

#[test]
fn more_members_than_one_batch() {
    let Some(group) = TestGroup::limited(300) else { return };
    let shell = group.shell("i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i + 1)); done; wait");
    group.wait_until(|group| group.current() == 201);
    remove(&group.path()).unwrap();
    assert!(was_killed(shell));
}

#[test]
fn a_fork_bomb_is_ended() {
    let Some(group) = TestGroup::limited(100) else { return };
    let mut shell = group.shell("bomb() { bomb | bomb & }; bomb; sleep 1000");
    group.wait_until(|group| group.current() > 90);
    remove(&group.path()).unwrap();
    assert!(!group.dir.exists());
    shell.wait().unwrap();
}

#[test]
fn groups_below_are_removed_with_their_members() {
    let Some(group) = TestGroup::limited(50) else { return };
    let [left, right] = ["left", "right with a space"].map(|name| group.child(name));
    let inner = left.child("inner");
    let shells = [&group, &left, &right, &inner].map(|group| group.shell("exec sleep 1000"));
    group.wait_until(|group| group.current() == shells.len());
    remove(&group.path()).unwrap();
    assert!(!group.dir.exists());
    assert!(shells.into_iter().all(was_killed));
}

#[test]
fn groups_nested_deeper_than_fds_reach() {
    let Some(group) = TestGroup::new() else { return };
    let mut here = group::open_dir(&group.path()).unwrap();
    for _ in 0..1100 {
        rustix::fs::mkdirat(&here, c"d", rustix::fs::Mode::RWXU).unwrap();
        let flags = rustix::fs::OFlags::PATH | rustix::fs::OFlags::CLOEXEC;
        here = rustix::fs::openat(&here, c"d", flags, rustix::fs::Mode::empty()).unwrap();
    }
    remove(&group.path()).unwrap();
    assert!(!group.dir.exists());
}

#[test]
fn a_group_with_the_caller_in_it_is_left_alone() {
    let Some(group) = TestGroup::v1() else { return };
    let shell = group.shell("exec sleep 1000");
    group.wait_until(|group| group.current() == 1);
    let refused = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            group::join(group::open_tasks(&group.file("tasks")).unwrap()).unwrap();
            remove(&group.path())
        });
        thread.join().unwrap()
    });
    assert_eq!(refused.unwrap_err().errno, Errno::DEADLK);
    group.wait_until(|group| group.current() == 1);
    remove(&group.path()).unwrap();
    assert!(was_killed(shell));
}

#[test]
fn who_cannot_be_killed_is_named() {
    let Some(group) = TestGroup::limited(50) else { return };
    // Nobody may remove the inner group, but not kill the member, which is root's.
    if rustix::fs::chown(&group.dir, Some(nobody()), None).is_err() {
        return println!("SKIP: this user cannot give a group away");
    }
    let inner = group.child("inner");
    let shell = inner.shell("exec sleep 1000");
    group.wait_until(|group| group.current() == 1);

    let (pid, start) = (shell.id(), Instant::now());
    let refused = as_nobody(|| remove(&inner.path()));
    let took = start.elapsed();
    remove(&group.path()).unwrap();
    assert!(was_killed(shell));

    let Some(refused) = refused else { return };
    let busy = refused.unwrap_err();
    assert_eq!(busy.errno, Errno::BUSY);
    assert_eq!(busy.members.iter().map(|pid| pid.as_raw_pid()).collect::<Vec<_>>(), [pid as i32]);
    assert!(busy.to_string().ends_with(&format!("members: {pid}")), "{busy}");
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn a_user_cannot_remove_a_group_of_root() {
    let Some(group) = TestGroup::new() else { return };
    let Some(refused) = as_nobody(|| remove(&group.path())) else { return };
    assert_eq!(refused, Err(Busy { errno: Errno::ACCESS, members: vec![] }));
}
