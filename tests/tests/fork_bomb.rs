//! A fork bomb is held, the host stays responsive, and the bomb dies with its container.

use end_to_end::{Kind, Running, Somebody, err, eventually, lacks};
use rustix::process::Signal;
use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::processes::{Process, descendants};

/// The bomb of the tutorial. bash goes on trying where other shells give up.
const BOMB: &str = "bomb(){ bomb|bomb& };bomb";
/// How long the host may take to start a process meanwhile, more often than not: some 2 ms on an idle machine. Before
/// it is at its limit, a bomb takes its share of the processors.
const RESPONSIVE: Duration = Duration::from_secs(1);
/// How long everybody may take to be gone.
const SOON: Duration = Duration::from_secs(20);

/// One bomb at a time: where RLIMIT_NPROC holds it, all containers of a user share an allowance.
static ALONE: Mutex<()> = Mutex::new(());

/// How long it takes to fork, execute and wait for the smallest program.
fn time_of_a_fork() -> Duration {
    let start = Instant::now();
    let status = Command::new("true").status().expect("the host can start a process");
    assert!(status.success());
    start.elapsed()
}

/// How far a container may exceed its limit. A control group is exact. RLIMIT_NPROC holds the user's processes, all ids of
/// the container together, at those that there are before the start and the limit; as some of these end, there is room.
fn room(somebody: &Somebody) -> usize {
    if somebody.kind == Kind::Root {
        return 0;
    }
    let user = fs::metadata(somebody.home()).expect("a home").uid();
    let processes = fs::read_dir("/proc").expect("all processes").flatten();
    processes.filter(|process| process.metadata().is_ok_and(|entry| entry.uid() == user)).count()
}

/// How many processes a container has at one moment, at least. To read `/proc` takes a while, in which some end and
/// others begin; those who are there the first time and the second were there together in between.
fn together(running: &Running) -> usize {
    let first: HashSet<Process> = descendants(running.pid()).into_iter().collect();
    // Whoever got another parent, or another name, meanwhile counts no more: this is a lower bound.
    descendants(running.pid()).iter().filter(|process| first.contains(process)).count()
}

/// Lets a bomb go off in a container with `options`, and looks at it until it is as large as it gets.
fn explode(somebody: &Somebody, options: &[&str], bomb: &str, limit: usize) -> Running {
    let most = limit + room(somebody);
    let mut running =
        somebody.start(&[options, &["bash", "-c", &format!("echo lit; {bomb}; sleep 100")]].concat());
    running.wait_for("lit");
    let mut largest = 0;
    eventually("the bomb takes most of what it may", || {
        largest = largest.max(together(&running));
        largest >= limit * 3 / 4
    });
    let mut forks = Vec::new();
    for _ in 0..11 {
        forks.push(time_of_a_fork());
        largest = largest.max(together(&running));
        sleep(Duration::from_millis(20));
    }
    forks.sort_unstable();
    assert!(forks[5] < RESPONSIVE, "{}: to fork, the host took {forks:?}", somebody.kind);
    assert!(largest <= most, "{}: {largest} processes, not {most}", somebody.kind);
    running
}

/// Ends the container, and waits until all of it is gone.
fn end(somebody: &Somebody, running: Running, signal: Signal) {
    let all = descendants(running.pid());
    let sent = Instant::now();
    running.signal(signal);
    let output = running.finish();
    if signal == Signal::TERM {
        assert_eq!(output.status.code(), Some(143), "{}: {}", somebody.kind, err(&output));
    }
    eventually("the bomb is gone", || !all.iter().any(Process::is_alive));
    assert!(sent.elapsed() < SOON, "{}: it took {:?}", somebody.kind, sent.elapsed());
}

#[test]
fn it_is_held_by_the_limit_that_was_given() {
    let _alone = ALONE.lock();
    for somebody in Somebody::all("bomb-given") {
        for signal in [Signal::TERM, Signal::KILL] {
            end(&somebody, explode(&somebody, &["--pids-limit", "200"], BOMB, 200), signal);
        }
    }
}

#[test]
fn it_is_held_by_default() {
    let _alone = ALONE.lock();
    for somebody in Somebody::all("bomb-default") {
        end(&somebody, explode(&somebody, &[], BOMB, 2048), Signal::TERM);
    }
}

#[test]
fn it_ends_with_the_command_that_lit_it() {
    let _alone = ALONE.lock();
    for somebody in Somebody::all("bomb-lit") {
        // Lit by a child: who lights it forks more than once, and bash tries for long where the bomb was faster.
        let script = format!("({BOMB}) & until ((SECONDS > 0)); do :; done; exit 4");
        let output = somebody.run(&["--pids-limit", "200", "bash", "-c", &script]);
        // The run is over when the last of them has closed its output.
        assert_eq!(output.status.code(), Some(4), "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn one_that_changes_its_user_gets_no_more() {
    if lacks("bomb-users", &["setpriv"]) {
        return;
    }
    let _alone = ALONE.lock();
    let bombs = format!(
        "for id in 1 2 3 4 5 6 7 8; do
            setpriv --reuid $id --regid $id --clear-groups bash -c '{BOMB}; sleep 100' &
        done"
    );
    for somebody in Somebody::all("bomb-users").into_iter().filter(|who| who.kind != Kind::Single) {
        end(&somebody, explode(&somebody, &["--pids-limit", "200"], &bombs, 200), Signal::TERM);
    }
}

#[test]
fn one_in_a_user_namespace_of_its_own_gets_no_more() {
    if lacks("bomb-nested", &["unshare"]) {
        return;
    }
    let _alone = ALONE.lock();
    let bombs = format!("for n in 1 2 3; do unshare -Urpf bash -c '{BOMB}; sleep 100' & done");
    for somebody in Somebody::all("bomb-nested") {
        end(&somebody, explode(&somebody, &["--pids-limit", "200"], &bombs, 200), Signal::TERM);
    }
}

#[test]
fn the_limit_can_be_neither_raised_nor_left() {
    let _alone = ALONE.lock();
    let script = "ulimit -u unlimited 2> /dev/null; ulimit -Hu 100000 2> /dev/null
        for f in /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max; do echo max > $f; done 2> /dev/null";
    for somebody in Somebody::all("bomb-raise") {
        let bomb = format!("{script}\n{BOMB}");
        end(
            &somebody,
            explode(&somebody, &["--pids-limit", "100", "--cap-add", "SYS_RESOURCE"], &bomb, 100),
            Signal::TERM,
        );
    }
}
