//! Containers with limits, seen from outside, and gone in the end with everything that was made for them.

use crate::layout::Layout;
use end_to_end::{Running, Somebody, err, eventually, out, skip};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::{Output, id};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use testbed::groups::{self, Groups};
use testbed::leaks::units;
use testbed::processes::{Process, child_of};

/// Somebody, and how groups are laid out for them.
pub struct Place {
    pub somebody: Somebody,
    pub layout: Layout,
    /// The options that choose the layout.
    options: Vec<String>,
    /// The group of this test's containers, where one can be named.
    pub parent: String,
}

impl Place {
    /// All that whoever runs the tests can have.
    pub fn all(test: &str) -> Vec<Place> {
        let mut places = Vec::new();
        for somebody in Somebody::all(test) {
            let (kind, layouts) = (somebody.kind, Layout::of(&somebody));
            let mut first = Some(somebody);
            for layout in layouts {
                let another = || Somebody::new(kind, &format!("{test}-{}", layout.word()));
                places.push(Place::new(first.take().unwrap_or_else(another), layout, test));
            }
        }
        places
    }

    fn new(somebody: Somebody, layout: Layout, test: &str) -> Place {
        let parent = format!("/limits-{test}-{}", id());
        Place { somebody, layout, options: layout.options(&parent), parent }
    }

    /// The first, where one is enough: what is typed is read before anything depends on the layout.
    pub fn any(test: &str) -> Place {
        Place::all(test).remove(0)
    }

    /// Those in which containers have groups.
    pub fn with_groups(test: &str) -> Vec<Place> {
        Place::chosen(test, "no control group can be made here", |place| place.layout.has_groups())
    }

    /// Those in which they have none.
    pub fn without_groups(test: &str) -> Vec<Place> {
        Place::chosen(test, "whoever runs this can make control groups", |place| !place.layout.has_groups())
    }

    /// Those that will do; the test is skipped if none does.
    pub fn chosen(test: &str, reason: &str, will_do: impl Fn(&Place) -> bool) -> Vec<Place> {
        let places: Vec<Place> = Place::all(test).into_iter().filter(will_do).collect();
        if places.is_empty() {
            skip(test, reason);
        }
        places
    }

    /// `run --name NAME OPTIONS COMMAND…`, as far as the command.
    pub fn words<'a>(&'a self, name: &'a str, options: &[&'a str]) -> Vec<&'a str> {
        let own = self.options.iter().map(String::as_str);
        ["--name", name].into_iter().chain(own).chain(options.iter().copied()).collect()
    }

    /// A container to its end. Nothing is left of it.
    pub fn run(&self, options: &[&str], command: &[&str]) -> Output {
        let name = new_name();
        let output = self.somebody.run(&[&self.words(&name, options), command].concat());
        nothing_is_left(&name, self);
        output
    }

    /// `containerception ARGUMENTS…` to its end.
    pub fn containerception(&self, arguments: &[&str]) -> Output {
        Running::start(self.somebody.containerception().args(arguments)).finish()
    }
}

/// Where a test fails, or what it has named stays.
impl Drop for Place {
    fn drop(&mut self) {
        for group in groups::named(self.parent.trim_start_matches('/')) {
            let _ = std::fs::remove_dir(group);
        }
    }
}

/// One that no other test has.
pub fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // None is the beginning of another.
    format!("limits-{}-{:03}", id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// No group in any hierarchy. The runtime removes them before it ends; of a scope, in which it is itself until then, systemd
/// does so soon after.
pub fn nothing_is_left(name: &str, place: &Place) {
    if place.layout.is_by_systemd() {
        eventually("systemd removes the scope", || groups::named(name).is_empty());
    }
    assert_eq!(groups::named(name), [""; 0].map(PathBuf::from), "{}: left of {name}", place.layout);
}

/// Nor a unit of systemd's, failed ones too.
pub fn no_unit_is_left(name: &str, place: &Place) {
    if place.layout.is_by_systemd() {
        eventually("systemd forgets the unit", || units(name).is_empty());
    }
    assert_eq!(units(name), [""; 0], "{}: left of {name}", place.layout);
}

/// A container that goes on while the test does.
pub struct Container<'a> {
    pub place: &'a Place,
    pub name: String,
    run: Option<Running>,
}

impl<'a> Container<'a> {
    /// One that runs a script of sh(1), after it has printed `ready`.
    pub fn start(place: &'a Place, options: &[&str], script: &str) -> Container<'a> {
        let mut container =
            Container::launch(place, options, &["sh", "-c", &format!("echo ready; {script}")]);
        container.wait_for("ready");
        container
    }

    /// One that sleeps.
    pub fn sleeper(place: &'a Place, options: &[&str]) -> Container<'a> {
        Container::start(place, options, "exec sleep 1000")
    }

    /// One that uses all the CPU time it can have.
    pub fn spinner(place: &'a Place, options: &[&str]) -> Container<'a> {
        Container::start(place, options, "while :; do :; done")
    }

    /// One that may not be there yet.
    pub fn launch(place: &'a Place, options: &[&str], command: &[&str]) -> Container<'a> {
        let name = new_name();
        let run = Some(place.somebody.start(&[&place.words(&name, options), command].concat()));
        Container { place, name, run }
    }

    pub fn wait_for(&mut self, text: &str) {
        self.run.as_mut().expect("it was not ended").wait_for(text);
    }

    /// Whether it prints `ready`, rather than ending.
    pub fn is_up(&mut self) -> bool {
        self.run.as_mut().expect("it was not ended").prints("ready")
    }

    /// One that sleeps, unless it is refused.
    pub fn tried(place: &'a Place, options: &[&str]) -> Container<'a> {
        Container::launch(place, options, &["sh", "-c", "echo ready; exec sleep 1000"])
    }

    /// One that sleeps, without the options that choose the layout of its place.
    pub fn sleeper_at(place: &'a Place, options: &[&str]) -> Container<'a> {
        let name = new_name();
        let words = [&["--name", &name], options, &["sh", "-c", "echo ready; exec sleep 1000"]].concat();
        let mut container = Container { place, run: Some(place.somebody.start(&words)), name };
        container.wait_for("ready");
        container
    }

    /// The process `containerception run`.
    pub fn runtime(&self) -> u32 {
        self.run.as_ref().expect("it was not ended").pid()
    }

    /// The process of the command, by its id outside.
    pub fn command(&self) -> u32 {
        let mut found = None;
        eventually("the command runs", || {
            found = child_of(self.runtime()).and_then(child_of);
            found.is_some()
        });
        found.expect("there is one")
    }

    /// Its groups, as the kernel tells of its command's.
    pub fn groups(&self) -> Groups {
        Groups::of(self.command()).expect("the command runs")
    }

    /// `containerception VERB NAME`, with more words in between.
    pub fn verb(&self, verb: &str, options: &[&str]) -> Output {
        self.place.containerception(&[&[verb], options, &[self.name.as_str()]].concat())
    }

    /// The same, which has to succeed.
    pub fn does(&self, verb: &str, options: &[&str]) -> String {
        let output = self.verb(verb, options);
        let said = err(&output);
        assert!(output.status.success(), "{}: {verb} {options:?}: {said}", self.place.layout);
        out(&output)
    }

    /// Whether the process `containerception run` has ended.
    pub fn has_ended(&self) -> bool {
        Process::of(self.runtime()).is_none_or(|process| process.zombie)
    }

    /// A command that is executed in it.
    pub fn exec(&self, command: &[&str]) -> Output {
        self.place.containerception(&[&["exec", &self.name], command].concat())
    }

    pub fn signal(&self, signal: Signal) {
        self.run.as_ref().expect("it was not ended").signal(signal);
    }

    /// Waits until it has ended by itself. Nothing is left of it.
    pub fn finish(mut self) -> Output {
        let output = self.run.take().expect("it was not ended").finish();
        nothing_is_left(&self.name, self.place);
        output
    }

    /// The exit status, once it has ended by itself; it is not looked at what is left.
    pub fn status(mut self) -> Option<i32> {
        self.run.take().expect("it was not ended").finish().status.code()
    }

    /// Kills it. Nothing is left of it.
    pub fn end(self) {
        self.does("kill", &[]);
        assert_eq!(self.finish().status.code(), Some(137));
    }

    /// Kills the runtime, as nobody should; what it has made is still there.
    pub fn orphan(&mut self) {
        let run = self.run.take().expect("it was not ended");
        run.signal(Signal::KILL);
        drop(run);
    }
}

/// Where a test fails, what it has started goes as well.
impl Drop for Container<'_> {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            drop(run);
            self.place.containerception(&["gc"]);
        }
    }
}

/// The CPU time that a process has used (`proc_pid_stat(5)`: utime and stime, of which there are 100 in a second).
pub fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
    let fields: Vec<&str> = stat.rsplit_once(") ").expect("a name").1.split(' ').collect();
    let ticks = |field: usize| fields[field - 3].parse::<u64>().expect("a number");
    Duration::from_millis((ticks(14) + ticks(15)) * 10)
}

/// Of how many CPUs processes use the time, looked at for `how_long`; rather less than more where the looks themselves take
/// long.
pub fn rates<const N: usize>(pids: [u32; N], how_long: Duration) -> [f64; N] {
    let (start, before) = (Instant::now(), pids.map(cpu_time));
    std::thread::sleep(how_long);
    let (after, elapsed) = (pids.map(cpu_time), start.elapsed());
    std::array::from_fn(|i| (after[i] - before[i]).as_secs_f64() / elapsed.as_secs_f64())
}

/// Whether any of `processes` still runs.
pub fn is_any_alive(processes: &[Process]) -> bool {
    processes.iter().any(Process::is_alive)
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The code of an error, `CX5003`; empty if there is none.
pub fn code(output: &Output) -> String {
    let said = err(output);
    let code = said.lines().find_map(|line| line.strip_prefix("error[")?.split_once(']'));
    code.map(|(code, _)| code.to_owned()).unwrap_or_default()
}
