//! Bringing a container into one more v1 group, on the real hierarchies of this machine.

mod fixture;

use std::fs;
use std::process::Child;
use std::time::Duration;

use cgroup::adopt::{Error, adopt};
use cgroup::freeze::{freeze, is_frozen};
use cgroup::{Controller, remove_all};
use fixture::container::{Container, eventually, shell};
use rustix::io::Errno;

/// A container with a pids group, and a group of `controller` that was made later.
fn late(test: &str, controller: Controller) -> Option<(Container, Container)> {
    Some((Container::v1(test, &[Controller::Pids])?, Container::v1(test, &[controller])?))
}

fn end(container: Container, later: Container, mut child: Child) {
    remove_all(&[container.dirs(), later.dirs()].concat()).unwrap();
    child.wait().unwrap();
}

#[test]
fn all_members_are_moved_those_of_groups_below_too() {
    let Some((container, later)) = late("all_members_are_moved", Controller::Freezer) else { return };
    let below = container.child(0, "below");
    let child = container.shell("sleep 1000 & sleep 1000 & wait");
    let mut inner = shell(&[below.join("cgroup.procs")], "exec sleep 1000");
    eventually("all are in", || container.number("pids.current") == 4);

    assert_eq!(adopt(&container.groups, &later.groups[0]), Ok(4));
    assert_eq!(later.members(0), 4);
    assert_eq!(container.number("pids.current"), 4, "they stay where they were");
    assert_eq!(adopt(&container.groups, &later.groups[0]), Ok(0));

    freeze(&later.groups[0], Duration::from_secs(5)).unwrap();
    assert_eq!(is_frozen(&later.groups[0]), Ok(true));
    end(container, later, child);
    inner.wait().unwrap();
}

#[test]
fn who_forks_meanwhile_is_moved_too() {
    let Some((container, later)) = late("who_forks_meanwhile", Controller::Freezer) else { return };
    container.write("pids.max", "60");
    let child = container.shell("while :; do (sleep 0.01; sleep 0.01) & sleep 0.001; done");
    eventually("it forks", || container.number("pids.current") > 5);
    assert!(adopt(&container.groups, &later.groups[0]).unwrap() > 0);
    freeze(&later.groups[0], Duration::from_secs(5)).unwrap();
    // Those that have ended but not been waited for are listed in neither.
    eventually("nobody is outside", || container.members(0) == later.members(0));
    end(container, later, child);
}

#[test]
fn a_threaded_v2_group_has_members_as_well() {
    let test = "a_threaded_v2_group_has_members_as_well";
    let (Some(container), Some(later)) =
        (Container::threaded(test), Container::v1(test, &[Controller::Freezer]))
    else {
        return;
    };
    let child = container.shell("sleep 1000 & sleep 1000 & wait");
    eventually("all are in", || container.members(0) == 3);
    assert_eq!(adopt(&container.groups, &later.groups[0]), Ok(3));
    end(container, later, child);
}

#[test]
fn a_group_that_refuses_is_an_error() {
    let Some((container, later)) = late("a_group_that_refuses", Controller::Cpuset) else { return };
    let child = container.shell("exec sleep 1000");
    eventually("it is in", || container.number("pids.current") == 1);
    // A new cpuset has neither CPUs nor nodes.
    let Err(Error::Refused { pid, errno }) = adopt(&container.groups, &later.groups[0]) else {
        panic!("moved")
    };
    assert_eq!((pid.as_raw_pid(), errno), (child.id() as i32, Errno::NOSPC));
    end(container, later, child);
}

#[test]
fn a_group_that_is_gone_is_an_error() {
    let Some((container, later)) = late("a_group_that_is_gone", Controller::Freezer) else { return };
    for [from, to] in [[&container, &later], [&later, &container]] {
        fs::remove_dir(later.dir(0)).ok();
        let directory = later.groups[0].directory.clone();
        assert_eq!(adopt(&from.groups, &to.groups[0]), Err(Error::Group { directory, errno: Errno::NOENT }));
    }
}
