//! Removing the groups of one container, on the real hierarchies of this machine.

mod fixture;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use cgroup::freeze::freeze;
use cgroup::{Controller, group, remove, remove_all};
use fixture::container::{Container, eventually, shell, those};
use rustix::io::Errno;

const V1: [Controller; 3] = [Controller::Pids, Controller::Freezer, Controller::Memory];
const PATIENCE: Duration = Duration::from_secs(5);

/// A container of each kind.
fn all(test: &str) -> impl Iterator<Item = Container> {
    let hybrid = Container::v1(test, &V1).and_then(|v1| Some(v1.with(Container::v2(test, &[])?)));
    those([Container::v1(test, &V1), Container::v2(test, &[]), Container::threaded(test), hybrid])
}

fn was_killed(mut child: Child) -> bool {
    child.wait().expect("the child is ours").signal() == Some(9)
}

fn are_gone(container: &Container) -> bool {
    (0..container.groups.len()).all(|index| !container.dir(index).exists())
}

#[test]
fn members_of_several_groups_are_killed_and_the_groups_removed() {
    for container in all("members_of_several_groups") {
        let child = container.shell("sleep 1000 & sleep 1000 & wait");
        eventually("all are in", || container.members(0) == 3);
        remove_all(&container.dirs()).unwrap();
        assert!(are_gone(&container));
        assert!(was_killed(child));
        remove_all(&container.dirs()).unwrap();
    }
}

#[test]
fn what_is_frozen_dies_too() {
    for container in all("what_is_frozen_dies_too") {
        let child = container.shell("sleep 1000 & sleep 1000 & wait");
        eventually("all are in", || container.members(0) == 3);
        // By the first that can: on the hybrid host that is the freezer of v1, which leaves a SIGKILL waiting.
        assert!(container.groups.iter().any(|group| freeze(group, PATIENCE).is_ok()));
        let start = Instant::now();
        remove_all(&container.dirs()).unwrap();
        assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
        assert!(are_gone(&container));
        assert!(was_killed(child));
    }
}

#[test]
fn what_a_container_has_frozen_below_dies_too() {
    let test = "what_a_container_has_frozen_below_dies_too";
    let Some(container) = Container::v1(test, &[Controller::Freezer]) else { return };
    let below = container.child(0, "below");
    let child = shell(&[below.join("cgroup.procs")], "exec sleep 1000");
    eventually("it is in", || {
        fs::read_to_string(below.join("cgroup.procs")).is_ok_and(|text| !text.is_empty())
    });
    fs::write(below.join("freezer.state"), "FROZEN").unwrap();
    remove_all(&container.dirs()).unwrap();
    assert!(was_killed(child));
}

#[test]
fn frozen_by_another_of_its_groups_it_goes_only_with_that() {
    let test = "frozen_by_another_of_its_groups";
    let Some(container) = Container::v1(test, &[Controller::Pids, Controller::Freezer]) else { return };
    let child = container.shell("exec sleep 1000");
    eventually("it is in", || container.members(1) == 1);
    freeze(&container.groups[1], PATIENCE).unwrap();
    let busy = remove(&container.groups[0].directory).unwrap_err();
    assert_eq!((busy.errno, busy.members.len()), (Errno::BUSY, 1));
    assert_eq!(busy.members[0].as_raw_pid(), child.id() as i32);
    remove_all(&container.dirs()).unwrap();
    assert!(was_killed(child));
}

/// The limit is another container's, so that it is not by a limit that they are kept from forking.
#[test]
fn a_fork_bomb_without_a_limit_of_its_own_is_ended() {
    let test = "a_fork_bomb_without_a_limit_of_its_own_is_ended";
    let Some(bound) = Container::v1(test, &[Controller::Pids]) else { return };
    bound.write("pids.max", "200");
    let v1 = Container::v1(test, &[Controller::Freezer]);
    for container in those([v1, Container::v2(test, &[])]) {
        let joins = [&bound, &container].map(|container| container.dir(0).join("cgroup.procs"));
        let mut child = shell(&joins, "bomb() { bomb | bomb & }; bomb; sleep 1000");
        eventually("it forks", || bound.number("pids.current") > 100);
        remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
        // The dead may still be counted, until whoever is their parent by now waits for them.
        assert_eq!(bound.members(0), 0);
    }
}

#[test]
fn groups_below_go_in_every_hierarchy() {
    for container in all("groups_below_go_in_every_hierarchy") {
        for index in 0..container.groups.len() {
            fs::create_dir(container.child(index, "a").join("b")).unwrap();
        }
        remove_all(&container.dirs()).unwrap();
        assert!(are_gone(&container));
    }
}

#[test]
fn the_neighbour_is_left_alone() {
    for [container, neighbour] in [
        [Container::v1("the_neighbour", &V1), Container::v1("the_neighbour", &V1)],
        [Container::v2("the_neighbour", &[]), Container::v2("the_neighbour", &[])],
    ]
    .map(|pair| pair.map(Option::into_iter))
    .into_iter()
    .flat_map(|[a, b]| a.zip(b).map(|(a, b)| [a, b]))
    {
        let children = [&container, &neighbour].map(|container| container.shell("exec sleep 1000"));
        eventually("both are in", || container.members(0) + neighbour.members(0) == 2);
        remove_all(&container.dirs()).unwrap();
        let [gone, mut lives] = children;
        assert!(was_killed(gone));
        assert_eq!(lives.try_wait().unwrap(), None);
        drop(neighbour);
        lives.wait().unwrap();
    }
}

#[test]
fn of_several_only_the_busy_ones_are_left_and_said() {
    let test = "of_several_only_the_busy_ones_are_left";
    let Some(container) = Container::v1(test, &[Controller::Pids, Controller::Freezer]) else { return };
    let refused = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let tasks = fixture::path(&container.dir(1).join("tasks"));
            group::join(group::open_tasks(&tasks).unwrap()).unwrap();
            remove_all(&container.dirs())
        });
        thread.join().unwrap()
    });
    let left = refused.unwrap_err();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].0, container.groups[1].directory);
    assert_eq!(left[0].1.errno, Errno::DEADLK);
    assert!(!container.dir(0).exists());
}

#[test]
fn what_was_never_there_is_removed() {
    let none = PathBuf::from("/sys/fs/cgroup/none/such");
    remove_all(&[&fixture::path(&none)]).unwrap();
    remove_all(&[]).unwrap();
}
