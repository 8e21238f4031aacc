//! Freezing, on the real hierarchies of this machine.

mod fixture;

use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use cgroup::freeze::{Error, freeze, freezer, is_frozen, thaw};
use cgroup::{Controller, Group, Version, group};
use fixture::container::{Container, eventually, shell, those};

const PATIENCE: Duration = Duration::from_secs(5);

/// A container of each kind that can be frozen.
fn all(test: &str) -> impl Iterator<Item = Container> {
    let v1 = Container::v1(test, &[Controller::Freezer]);
    those([v1, Container::v2(test, &[]), Container::threaded(test)])
}

fn end(container: Container, mut child: Child) {
    drop(container);
    child.wait().expect("the child is ours");
}

/// A number in a file that a container counts up.
struct Counter(PathBuf);

impl Counter {
    fn new(name: &str) -> Counter {
        Counter(std::env::temp_dir().join(format!("containerception-live-{}-{name}", std::process::id())))
    }

    fn script(&self) -> String {
        format!("i=0; while :; do i=$((i + 1)); echo $i > {}; done", self.0.display())
    }

    fn read(&self) -> u64 {
        fs::read_to_string(&self.0).ok().and_then(|text| text.trim_end().parse().ok()).unwrap_or(0)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_counter_stops_and_goes_on() {
    for container in all("a_counter_stops_and_goes_on") {
        let counter = Counter::new("count");
        let child = container.shell(&counter.script());
        eventually("it counts", || counter.read() > 0);
        let group = freezer(&container.groups).unwrap();
        assert_eq!(is_frozen(group), Ok(false));

        freeze(group, PATIENCE).unwrap();
        assert_eq!(is_frozen(group), Ok(true));
        let stopped = counter.read();
        sleep(Duration::from_millis(50));
        assert_eq!(counter.read(), stopped);

        thaw(group, PATIENCE).unwrap();
        assert_eq!(is_frozen(group), Ok(false));
        eventually("it goes on", || counter.read() > stopped);
        end(container, child);
    }
}

#[test]
fn twice_is_as_once() {
    for container in all("twice_is_as_once") {
        let child = container.shell("exec sleep 1000");
        eventually("it is in", || container.members(0) == 1);
        let group = &container.groups[0];
        thaw(group, PATIENCE).unwrap();
        freeze(group, PATIENCE).unwrap();
        freeze(group, PATIENCE).unwrap();
        thaw(group, PATIENCE).unwrap();
        thaw(group, PATIENCE).unwrap();
        assert_eq!(is_frozen(group), Ok(false));
        end(container, child);
    }
}

#[test]
fn an_empty_group_is_frozen_at_once() {
    for container in all("an_empty_group_is_frozen_at_once") {
        freeze(&container.groups[0], Duration::ZERO).unwrap();
        assert_eq!(is_frozen(&container.groups[0]), Ok(true));
    }
}

#[test]
fn who_forks_all_the_time_is_frozen() {
    let test = "who_forks_all_the_time_is_frozen";
    let Some(pids) = Container::v1(test, &[Controller::Pids]) else { return };
    pids.write("pids.max", "100");
    let v1 = Container::v1(test, &[Controller::Freezer]);
    for container in those([v1, Container::v2(test, &[])]) {
        let joins = [&container, &pids].map(|container| container.dir(0).join("cgroup.procs"));
        let child = shell(&joins, "bomb() { bomb | bomb & }; bomb; sleep 1000");
        eventually("it forks", || pids.number("pids.current") > 20);
        freeze(&container.groups[0], PATIENCE).unwrap();
        let stopped = pids.read("cgroup.procs");
        sleep(Duration::from_millis(50));
        assert_eq!(pids.read("cgroup.procs"), stopped);
        end(container, child);
    }
}

#[test]
fn what_is_late_goes_on() {
    for container in all("what_is_late_goes_on") {
        let child =
            container.shell("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do (while :; do :; done) & done; wait");
        eventually("all run", || container.members(0) == 13);
        assert_eq!(freeze(&container.groups[0], Duration::ZERO), Err(Error::Late));
        assert_eq!(is_frozen(&container.groups[0]), Ok(false));
        end(container, child);
    }
}

#[test]
fn what_is_frozen_above_stays_so() {
    for container in all("what_is_frozen_above_stays_so") {
        let child = container.child(0, "below");
        let below = Group {
            directory: fixture::path(&child),
            controllers: container.groups[0].controllers.clone(),
            version: container.groups[0].version,
        };
        freeze(&container.groups[0], PATIENCE).unwrap();
        assert_eq!(is_frozen(&below), Ok(true));
        assert_eq!(thaw(&below, Duration::from_millis(20)), Err(Error::FrozenAbove));
        thaw(&container.groups[0], PATIENCE).unwrap();
        assert_eq!(is_frozen(&below), Ok(false));
    }
}

#[test]
fn a_group_without_freezer_says_so() {
    let test = "a_group_without_freezer_says_so";
    let Some(container) = Container::v1(test, &[Controller::Pids]) else { return };
    assert_eq!(freezer(&container.groups), None);
    assert_eq!(freeze(&container.groups[0], PATIENCE), Err(Error::NoFreezer));
    assert_eq!(thaw(&container.groups[0], PATIENCE), Err(Error::NoFreezer));
    assert_eq!(is_frozen(&container.groups[0]), Err(Error::NoFreezer));
}

#[test]
fn what_is_gone_says_so() {
    for version in [Version::V1, Version::V2] {
        let group = Group { version, controllers: vec![], directory: c"/sys/fs/cgroup/none/such".into() };
        assert_eq!(freeze(&group, PATIENCE), Err(Error::Gone));
        assert_eq!(thaw(&group, PATIENCE), Err(Error::Gone));
        assert_eq!(is_frozen(&group), Err(Error::Gone));
    }
}

#[test]
fn the_caller_does_not_stop_itself() {
    let Some(container) = Container::v1("the_caller_does_not_stop_itself", &[Controller::Freezer]) else {
        return;
    };
    let group = &container.groups[0];
    let refused = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let tasks = fixture::path(&container.dir(0).join("tasks"));
            group::join(group::open_tasks(&tasks).unwrap()).unwrap();
            freeze(group, PATIENCE)
        });
        thread.join().unwrap()
    });
    assert_eq!(refused, Err(Error::Own));
    assert_eq!(is_frozen(group), Ok(false));
}
