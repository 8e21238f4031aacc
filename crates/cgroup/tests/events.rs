//! Events of containers, on the real hierarchies of this machine.

mod fixture;

use std::thread::sleep;
use std::time::{Duration, Instant};

use cgroup::events::{Event, Watch};
use cgroup::freeze::{freeze, freezer, thaw};
use cgroup::{Controller, remove_all};
use fixture::container::{Container, eventually, those};

const PATIENCE: Duration = Duration::from_secs(20);

fn watch(container: &Container) -> Watch {
    Watch::new(&container.groups).unwrap()
}

/// Waits until an event fits; returns it.
fn expect(watch: &mut Watch, fits: impl Fn(&Event) -> bool) -> Event {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(event) = watch.wait(Duration::from_secs(1)).unwrap().into_iter().find(&fits) {
            return event;
        }
    }
    panic!("it does not come");
}

#[test]
fn nothing_happens() {
    for container in those([Container::v1("nothing", &[Controller::Pids]), Container::v2("nothing", &[])]) {
        let start = Instant::now();
        assert_eq!(watch(&container).wait(Duration::from_millis(300)).unwrap(), []);
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(2), "{took:?}");
    }
}

#[test]
fn a_fork_that_is_refused() {
    let test = "a_fork_that_is_refused";
    for container in
        those([Container::v1(test, &[Controller::Pids]), Container::v2(test, &[Controller::Pids])])
    {
        container.write("pids.max", "3");
        let mut watch = watch(&container);
        let mut child = container.shell("sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & wait");
        let event = expect(&mut watch, |event| matches!(event, Event::PidsMax(_)));
        let Event::PidsMax(count) = event else { panic!("{event:?}") };
        assert!(count.new >= 1 && count.total >= count.new, "{count:?}");
        remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_limit_of_memory_and_a_kill() {
    let test = "a_limit_of_memory_and_a_kill";
    for container in
        those([Container::v1(test, &[Controller::Memory]), Container::v2(test, &[Controller::Memory])])
    {
        let v1 = container.dir(0).join("memory.limit_in_bytes").exists();
        container.write(if v1 { "memory.limit_in_bytes" } else { "memory.max" }, "16777216");
        let mut watch = watch(&container);
        let script = "dd if=/dev/zero of=/dev/null bs=200M count=1 2> /dev/null; exec sleep 1000";
        let mut child = container.shell(script);
        let mut events = Vec::new();
        eventually("it is killed", || {
            std::fs::read_to_string(container.file(oom_file(v1))).is_ok_and(|t| t.contains("oom_kill 1"))
        });
        while let new = watch.wait(Duration::from_millis(500)).unwrap()
            && !new.is_empty()
        {
            events.extend(new);
        }
        assert!(
            events.iter().any(|event| matches!(event, Event::OomKill(count) if count.total == 1)),
            "{events:?}"
        );
        assert!(events.iter().any(|event| matches!(event, Event::MemoryMax(_))), "{events:?}");
        assert_eq!(events.iter().any(|event| matches!(event, Event::Oom(_))), !v1, "{events:?}");
        remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
    }
}

fn oom_file(v1: bool) -> &'static str {
    if v1 { "memory.oom_control" } else { "memory.events" }
}

#[test]
fn frozen_thawed_and_ended() {
    let test = "frozen_thawed_and_ended";
    for container in those([
        Container::v1(test, &[Controller::Freezer]),
        Container::v2(test, &[]),
        Container::threaded(test),
    ]) {
        let mut child = container.shell("exec sleep 1000");
        eventually("it is in", || container.members(0) == 1);
        let mut watch = watch(&container);
        let freezer = freezer(&container.groups).unwrap();
        freeze(freezer, PATIENCE).unwrap();
        expect(&mut watch, |event| *event == Event::Frozen);
        thaw(freezer, PATIENCE).unwrap();
        expect(&mut watch, |event| *event == Event::Thawed);
        child.kill().unwrap();
        child.wait().unwrap();
        expect(&mut watch, |event| *event == Event::Ended);
        assert_eq!(watch.wait(Duration::from_millis(50)).unwrap(), []);
    }
}

#[test]
fn groups_that_are_removed_have_ended() {
    let test = "groups_that_are_removed_have_ended";
    for container in those([Container::v1(test, &[Controller::Pids]), Container::v2(test, &[])]) {
        let mut child = container.shell("exec sleep 1000");
        eventually("it is in", || container.members(0) == 1);
        let mut watch = watch(&container);
        remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
        expect(&mut watch, |event| *event == Event::Ended);
        assert!(Watch::new(&container.groups).is_err());
    }
}

/// Looked at five times a second it would take 100 ms on average.
#[test]
fn v2_tells_at_once() {
    let Some(container) = Container::v2("v2_tells_at_once", &[]) else { return };
    let mut children: Vec<_> = (0..5).map(|_| container.shell("exec sleep 1000")).collect();
    eventually("they are in", || container.members(0) == 5);
    let mut watch = watch(&container);
    let waiter = std::thread::spawn(move || {
        watch.wait(PATIENCE).unwrap();
        Instant::now()
    });
    sleep(Duration::from_millis(50));
    let killed = Instant::now();
    children.iter_mut().for_each(|child| child.kill().unwrap());
    let seen = waiter.join().unwrap();
    for child in &mut children {
        child.wait().unwrap();
    }
    assert!(seen - killed < Duration::from_millis(90), "{:?}", seen - killed);
}
