//! Many runs, some of them killed at any moment, and one `gc`: the machine is as it was before.

use end_to_end::{Kind, Running, Somebody, err, eventually, lacks};
use rustix::process::Signal;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread::{scope, sleep};
use std::time::Duration;
use testbed::chance::{Chance, seed};
use testbed::leaks::{Places, group_places, open_files};
use testbed::ways::{Way, ways};

/// How many run at a time.
const AT_A_TIME: u64 = 4;
/// How many more files others may have open meanwhile. What is left of one run in three would exceed it.
const OTHERS: u64 = 500;
/// One storm at a time: each looks at the whole machine.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs that differ in what they make.
struct Storm<'a> {
    somebody: &'a Somebody,
    ways: Vec<Way>,
}

impl Storm<'_> {
    fn new(somebody: &Somebody) -> Storm<'_> {
        let root = somebody.rootfs("root").display().to_string();
        let ways = ways(&root);
        Storm { somebody, ways }
    }

    /// `runs` of them, one after the other; of each ten, one drawn by chance is killed.
    fn rage(&self, runs: u64, mut chance: Chance) {
        let mut victim = 0;
        for run in 0..runs {
            if run % 10 == 0 {
                victim = run + chance.below(10);
            }
            let Way { words, status, .. } = &self.ways[chance.below(self.ways.len() as u64) as usize];
            let start = || Running::start(command(self.somebody).arg("run").args(words));
            if run == victim {
                // One that ended before it could be killed is none.
                while !self.kill(start(), &mut chance) {}
                continue;
            }
            let output = start().finish();
            assert_eq!(output.status.code(), Some(*status), "{words:?}: {}", err(&output));
        }
    }

    /// Kills a run at any moment after its first instruction; false if it had ended by then.
    fn kill(&self, running: Running, chance: &mut Chance) -> bool {
        let exe = format!("/proc/{}/exe", running.pid());
        let program = self.somebody.program();
        // Before it is that program, it is the one that makes the user.
        eventually("the program starts", || fs::read_link(&exe).map_or(true, |exe| exe == program));
        sleep(Duration::from_micros(chance.below(8_000)));
        running.signal(Signal::KILL);
        running.finish().status.code().is_none()
    }
}

/// The program, in this test's own mount namespace if its user needs no other: else the mounts that it leaves would
/// go with that.
fn command(somebody: &Somebody) -> Command {
    if somebody.kind != Kind::Root {
        return somebody.containerception();
    }
    let mut command = Command::new(somebody.program());
    command.current_dir(somebody.home()).stdin(Stdio::null());
    command
}

fn places(somebody: &Somebody) -> Places {
    Places {
        state: vec![somebody.state(), somebody.storage(), somebody.home()],
        groups: group_places().expect("the places of groups are known"),
        programs: vec![somebody.program()],
    }
}

/// How many files this process has open.
fn own_files() -> usize {
    fs::read_dir("/proc/self/fd").expect("the own descriptors").count()
}

fn nothing_is_left_after(runs: u64, kind: Kind) {
    let test = "leaks";
    if lacks(test, &["busybox"]) {
        return;
    }
    let _alone = ALONE.lock();
    let Some(somebody) = Somebody::only(kind, test) else { return };
    let storm = Storm::new(&somebody);
    // Directories for state are made once and stay, and so does the mount point in the root filesystem.
    storm
        .ways
        .iter()
        .for_each(|way| drop(Running::start(command(&somebody).arg("run").args(&way.words)).finish()));
    let places = places(&somebody);
    let before = places.look().expect("a look");
    let (own, files) = (own_files(), open_files().expect("a count"));

    let seed = seed();
    eprintln!("seed {seed}");
    scope(|scope| {
        for thread in 1..=AT_A_TIME {
            let storm = &storm;
            scope.spawn(move || storm.rage(runs / AT_A_TIME, Chance::new(seed.wrapping_mul(2 * thread + 1))));
        }
    });

    let gc = Running::start(command(&somebody).arg("gc")).finish();
    assert_eq!((gc.status.code(), err(&gc)), (Some(0), String::new()), "{kind}");
    let left = places.left_since(&before).expect("a look");
    assert_eq!(left, [""; 0], "{kind}, {runs} runs, seed {seed}");
    assert_eq!(own_files(), own, "open files of this process");
    eventually("open files are as many as before", || open_files().is_ok_and(|now| now < files + OTHERS));
}

#[test]
fn two_hundred_runs_of_roots_leave_nothing() {
    nothing_is_left_after(200, Kind::Root);
}

#[test]
fn forty_runs_of_a_user_with_subordinate_ids_leave_nothing() {
    nothing_is_left_after(40, Kind::Range);
}

#[test]
fn forty_runs_of_a_user_without_leave_nothing() {
    nothing_is_left_after(40, Kind::Single);
}
