//! Processes.

use crate::container::{Container, Place, is_any_alive};
use end_to_end::{eventually, lacks};
use std::collections::HashSet;
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::processes::{Process, descendants};

/// bash goes on trying, where other shells give up.
const FORTY: [&str; 3] = ["bash", "-c", "for i in {1..40}; do sleep 1000 & done 2> /dev/null; wait"];
/// The bomb of the tutorial.
const BOMB: [&str; 3] = ["bash", "-c", "bomb(){ bomb|bomb& };bomb; sleep 100"];
/// How long the host may take to start a process while a bomb is held: some 2 ms where nothing else runs.
const RESPONSIVE: Duration = Duration::from_secs(1);

/// Where RLIMIT_NPROC stands in for a group, all containers of a user share an allowance: one bomb, or one small limit, at a
/// time.
pub static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn the_one_and_twentieth_fork_fails() {
    if lacks("pids-20", &["bash"]) {
        return;
    }
    for place in Place::with_groups("pids-20") {
        let container = Container::launch(&place, &["--pids-limit", "20"], &FORTY);
        let groups = container.groups();
        eventually("a fork is refused", || {
            groups.number("pids.events", "max").is_some_and(|times| times > 0)
        });
        assert_eq!(groups.members("pids"), Some(20), "{}", place.layout);
        container.end();
    }
}

/// RLIMIT_NPROC counts all of the user's: those before it was started make room for as many more.
#[test]
fn without_a_group_processes_are_counted_all_the_same() {
    if lacks("pids-nproc", &["bash"]) {
        return;
    }
    let _alone = ALONE.lock();
    for place in Place::without_groups("pids-nproc") {
        let container = Container::launch(&place, &["--pids-limit", "20"], &FORTY);
        let count = || descendants(container.runtime()).len();
        eventually("most of them are there", || count() >= 15);
        // bash tries again after a second.
        sleep(Duration::from_millis(1500));
        let (most, found) = (20 + others(&place), count());
        assert!(found <= most, "{}: {found} processes, not {most}", place.layout);
        container.end();
    }
}

/// How many processes the user has beside.
fn others(place: &Place) -> usize {
    use std::os::unix::fs::MetadataExt;
    let user = fs::metadata(place.somebody.home()).expect("a home").uid();
    let processes = fs::read_dir("/proc").expect("all processes").flatten();
    processes.filter(|process| process.metadata().is_ok_and(|entry| entry.uid() == user)).count()
}

#[test]
fn a_fork_bomb_of_three_seconds_leaves_the_host_responsive_and_nothing_behind() {
    if lacks("pids-bomb", &["bash"]) {
        return;
    }
    let _alone = ALONE.lock();
    for place in Place::all("pids-bomb") {
        let container = Container::launch(&place, &["--pids-limit", "100"], &BOMB);
        eventually("it goes off", || descendants(container.runtime()).len() > 50);
        let (start, mut seen, mut forks) = (Instant::now(), HashSet::<Process>::new(), Vec::new());
        while start.elapsed() < Duration::from_secs(3) {
            forks.push(time_of_a_fork());
            seen.extend(descendants(container.runtime()));
            sleep(Duration::from_millis(100));
        }
        forks.sort_unstable();
        assert!(forks[forks.len() / 2] < RESPONSIVE, "{}: to fork took {forks:?}", place.layout);
        container.end();
        let all: Vec<Process> = seen.into_iter().collect();
        eventually("all are gone", || !is_any_alive(&all));
    }
}

/// How long it takes to fork, execute and wait for the smallest program.
fn time_of_a_fork() -> Duration {
    let start = Instant::now();
    assert!(Command::new("true").status().expect("the host can start a process").success());
    start.elapsed()
}
