//! Who was short of memory, on the real hierarchies of this machine.

mod fixture;

use std::fs;
use std::path::PathBuf;

use cgroup::death::{Cause, cause, forks_refused, oom_kills};
use cgroup::{Controller, Version};
use fixture::container::{Container, eventually, shell, skip, those};

const MIB: u64 = 1 << 20;

/// What has far more memory than it may, and is killed for that; its shell is not. Nobody else asks for memory meanwhile: for
/// whoever does before that is taken back, the kernel kills one more.
const GLUTTON: &str = "dd if=/dev/zero of=/dev/null bs=200M count=1 2> /dev/null; exit 7";

/// A container of each version, and a second time as one with a group above.
fn both(test: &str) -> impl Iterator<Item = Container> {
    those([Container::v1(test, &[Controller::Memory]), Container::v2(test, &[Controller::Memory])])
}

/// Without swap, or the kernel would rather use that.
fn limit(dir: PathBuf, bytes: u64) {
    let files = ["memory.limit_in_bytes", "memory.max"].map(|name| dir.join(name));
    let file = files.iter().find(|file| file.exists()).expect("a limit");
    fs::write(file, bytes.to_string()).expect("the limit is set");
    for without in ["memory.swap.max", "memory.swappiness"].map(|name| dir.join(name)) {
        if without.exists() {
            fs::write(without, "0").expect("no swap");
        }
    }
}

/// Runs the glutton in `dir` to its end.
fn overeat(dir: PathBuf) {
    let status = shell(&[dir.join("cgroup.procs")], GLUTTON).wait().expect("the child is ours");
    assert_eq!(status.code(), Some(7), "the shell has survived");
}

/// On v1 the cause is known for sure only on a host that never was short of memory.
fn is_told(test: &str, container: &Container, cause: Cause) -> bool {
    let unclear = matches!(cause, Cause::Unclear { .. });
    if unclear && container.groups[0].version == Version::V1 {
        skip::<()>(test, "this host has been short of memory, or a group above has");
        return false;
    }
    true
}

#[test]
fn who_reaches_the_own_limit_is_killed_for_that() {
    let test = "who_reaches_the_own_limit";
    for container in both(test) {
        assert_eq!(cause(&container.groups), Ok(None));
        limit(container.dir(0), 16 * MIB);
        overeat(container.dir(0));
        assert_eq!(oom_kills(&container.groups), Some(1));
        let found = cause(&container.groups).unwrap().unwrap();
        if is_told(test, &container, found) {
            assert_eq!(found, Cause::Memory { limit: Some(16 * MIB), kills: 1 });
        }
    }
}

/// As an engine sets it that allows no swap: then it is not the limit of memory that is reached.
#[test]
fn the_limit_of_memory_and_swap_together_is_an_own_limit() {
    let test = "the_limit_of_memory_and_swap_together";
    let Some(container) = Container::v1(test, &[Controller::Memory]) else { return };
    limit(container.dir(0), 16 * MIB);
    if fs::write(container.dir(0).join("memory.memsw.limit_in_bytes"), (16 * MIB).to_string()).is_err() {
        skip::<()>(test, "swap is not counted here");
        return;
    }
    overeat(container.dir(0));
    let found = cause(&container.groups).unwrap().unwrap();
    if is_told(test, &container, found) {
        assert_eq!(found, Cause::Memory { limit: Some(16 * MIB), kills: 1 });
    }
}

#[test]
fn who_is_killed_for_a_limit_above_was_within_its_own() {
    for container in both("who_is_killed_for_a_limit_above").map(Container::below) {
        limit(container.dir(0).parent().unwrap().to_owned(), 16 * MIB);
        limit(container.dir(0), 64 * MIB);
        overeat(container.dir(0));
        assert_eq!(cause(&container.groups), Ok(Some(Cause::Outside { kills: 1 })));
    }
}

#[test]
fn who_has_limited_itself_below_is_told_so() {
    let test = "who_has_limited_itself_below";
    for container in both(test).map(Container::below) {
        // The container's own group is the one above, this one is what it has made.
        let below = container.dir(0);
        let mut own = container.groups[0].clone();
        own.directory = fixture::path(below.parent().unwrap());
        limit(below.clone(), 16 * MIB);
        overeat(below);
        let found = cause(std::slice::from_ref(&own)).unwrap().unwrap();
        if is_told(test, &container, found) {
            assert_eq!(found, Cause::Below { kills: 1 });
        }
    }
}

#[test]
fn both_a_limit_above_and_the_own_have_been_reached() {
    let test = "both_a_limit_above_and_the_own";
    let Some(container) = Container::v1(test, &[Controller::Memory]).map(Container::below) else { return };
    let above = container.dir(0).parent().unwrap().to_owned();
    limit(above.clone(), 32 * MIB);
    limit(container.dir(0), 16 * MIB);
    overeat(container.dir(0));
    limit(container.dir(0), 64 * MIB);
    overeat(container.dir(0));
    assert_eq!(cause(&container.groups), Ok(Some(Cause::Unclear { limit: Some(64 * MIB), kills: 2 })));
}

#[test]
fn who_ends_by_itself_was_not_killed() {
    for container in both("who_ends_by_itself") {
        limit(container.dir(0), 16 * MIB);
        let mut child = container.shell("kill -9 $$");
        child.wait().unwrap();
        assert_eq!(cause(&container.groups), Ok(None));
        assert_eq!(oom_kills(&container.groups), Some(0));
    }
}

#[test]
fn without_a_group_of_memory_nothing_is_known() {
    let Some(container) = Container::v1("without_a_group_of_memory", &[Controller::Pids]) else { return };
    assert_eq!(cause(&container.groups), Ok(None));
    assert_eq!(oom_kills(&container.groups), None);
    assert_eq!(forks_refused(&container.groups), Some(0));
}

#[test]
fn it_may_be_too_late() {
    for container in both("it_may_be_too_late") {
        fs::remove_dir(container.dir(0)).unwrap();
        assert!(cause(&container.groups).unwrap_err().is_gone());
    }
}

#[test]
fn refused_forks_are_counted() {
    let test = "refused_forks_are_counted";
    for container in
        those([Container::v1(test, &[Controller::Pids]), Container::v2(test, &[Controller::Pids])])
    {
        container.write("pids.max", "3");
        let mut child = container.shell("sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & wait");
        eventually("one is refused", || forks_refused(&container.groups) > Some(0));
        cgroup::remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_limit_above_is_not_taken_for_the_own_where_the_kernel_tells() {
    let test = "a_limit_above_is_not_taken_for_the_own";
    let Some(container) = Container::v2(test, &[Controller::Pids]).map(Container::below) else { return };
    if !container.dir(0).join("pids.events.local").exists() {
        skip::<()>(test, "this kernel has no pids.events.local");
        return;
    }
    container.write_above("pids.max", "3");
    let mut child = container.shell("sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & wait");
    let above = container.dir(0).parent().unwrap().join("pids.events");
    eventually("one is refused", || fs::read_to_string(&above).is_ok_and(|text| text != "max 0\n"));
    assert_eq!(forks_refused(&container.groups), Some(0));
    cgroup::remove_all(&container.dirs()).unwrap();
    child.wait().unwrap();
}
