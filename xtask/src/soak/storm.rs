//! Runs that differ in what they make, each with the exit status that it has to have; some of them are killed.

use super::progress::Progress;
use crate::crash::limits::Limits;
use crate::crash::subject::{End, Subject, await_end};
use std::error::Error;
use std::fs;
use std::io;
use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};
use testbed::chance::{self, Chance};
use testbed::ways::{Way, limited_ways, ways};

/// How many run at a time.
const AT_A_TIME: u64 = 4;
/// One of so many is killed.
const ONE_IN: u64 = 10;

/// The runs of one user.
pub struct Storm<'a> {
    subject: &'a Subject,
    ways: Vec<Way>,
    /// What the names of all containers begin with.
    marker: String,
    started: AtomicU64,
}

/// What came of them.
#[derive(Default)]
pub struct Raged {
    /// How many ended by themselves.
    pub ended: u64,
    /// How many were killed before they had ended.
    pub killed: u64,
    /// Those that ended otherwise than they had to.
    pub complaints: Vec<String>,
}

impl<'a> Storm<'a> {
    /// Makes what the runs need.
    pub fn new(subject: &'a Subject) -> Result<Storm<'a>, Box<dyn Error>> {
        let root = subject.make_rootfs()?.display().to_string();
        let mut ways = ways(&root);
        // In a PID namespace of its own, everybody's pid is the same.
        let marker = format!("soak{:x}", chance::seed() & 0xff_ffff);
        for limits in Limits::of(subject, &marker)? {
            let place: Vec<&str> = limits.place.iter().map(String::as_str).collect();
            ways.extend(limited_ways(&place, &limits.limits(), &limits.changes()));
        }
        Ok(Storm { subject, ways, marker, started: AtomicU64::new(0) })
    }

    /// What the names of all containers begin with.
    pub fn marker(&self) -> &str {
        &self.marker
    }

    /// Each way once: state that is made once and stays is there from then on.
    pub fn warm_up(&self) -> Result<(), Box<dyn Error>> {
        for way in &self.ways {
            if let Some(complaint) = self.end(way)? {
                return Err(complaint.into());
            }
        }
        Ok(())
    }

    /// `runs` of them.
    pub fn rage(&self, runs: u64, seed: u64) -> Raged {
        let (progress, raged) = (Progress::of(runs), Mutex::new(Raged::default()));
        scope(|scope| {
            for thread in 1..=AT_A_TIME {
                let (progress, raged) = (&progress, &raged);
                let share = runs / AT_A_TIME + u64::from(thread <= runs % AT_A_TIME);
                let mut chance = Chance::new(seed.wrapping_mul(2 * thread + 1));
                scope.spawn(move || {
                    for run in 0..share {
                        let came = self.one(run % ONE_IN == ONE_IN / 2, &mut chance);
                        progress.one_more();
                        if let Ok(mut raged) = raged.lock() {
                            raged.count(came);
                        }
                    }
                });
            }
        });
        raged.into_inner().unwrap_or_default()
    }

    /// One run, to its end or killed. One that ends before it can be killed is none, and another takes its place.
    fn one(&self, kill: bool, chance: &mut Chance) -> io::Result<Option<String>> {
        loop {
            let way = chance.below(self.ways.len() as u64) as usize;
            let Some(way) = self.ways.get(way) else { continue };
            if !kill {
                return Ok(Some(self.end(way)?.unwrap_or_default()));
            }
            if self.cut_short(way, chance)? {
                return Ok(None);
            }
        }
    }

    /// The container's name as well.
    fn start(&self, way: &Way) -> io::Result<(Child, String)> {
        let name = format!("{}-{}", self.marker, self.started.fetch_add(1, Relaxed));
        let mut all = vec!["run", "--name", &name];
        all.extend(way.words.iter().map(String::as_str));
        Ok((self.subject.command(&all).spawn()?, name))
    }

    /// Starts one, and does to it what is to be done; what is wrong with that or with how it ends, if anything is.
    fn end(&self, way: &Way) -> io::Result<Option<String>> {
        let (mut run, name) = self.start(way)?;
        let failed = self.meanwhile(way, &name)?;
        let ended = status(&mut run, &way.words, way.status)?;
        Ok(failed.or(ended))
    }

    /// What is wrong, if anything is.
    fn meanwhile(&self, way: &Way, name: &str) -> io::Result<Option<String>> {
        if !way.meanwhile.is_empty() {
            self.await_begin(name)?;
        }
        for words in &way.meanwhile {
            let mut all: Vec<&str> = words.iter().map(String::as_str).collect();
            all.push(name);
            let failed = status(&mut self.subject.command(&all).spawn()?, words, 0)?;
            if failed.is_some() {
                return Ok(failed);
            }
        }
        Ok(None)
    }

    /// Waits until a container that was just started is known to others.
    fn await_begin(&self, name: &str) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let inspect = ["inspect", name];
        while !self.subject.command(&inspect).status()?.success() && Instant::now() < deadline {
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Starts one, and kills it while it is done to what is to be done; false if it had ended by then.
    fn cut_short(&self, way: &Way, chance: &mut Chance) -> io::Result<bool> {
        let (mut run, name) = self.start(way)?;
        scope(|scope| {
            // There may be nobody any more to whom it could be done.
            scope.spawn(|| self.meanwhile(way, &name));
            self.kill(&mut run, chance, if way.meanwhile.is_empty() { 25 } else { 200 })
        })
    }

    /// Kills it at any moment in `ms` milliseconds after its first instruction; false if it had ended by then.
    fn kill(&self, run: &mut Child, chance: &mut Chance, ms: u64) -> io::Result<bool> {
        let exe = format!("/proc/{}/exe", run.id());
        let deadline = Instant::now() + Duration::from_secs(5);
        // Before it is that program, it is the one that makes the user.
        while fs::read_link(&exe).is_ok_and(|exe| exe != self.subject.program()) && Instant::now() < deadline
        {
            sleep(Duration::from_micros(200));
        }
        sleep(Duration::from_micros(chance.below(1000 * ms)));
        run.kill()?;
        Ok(run.wait()?.code().is_none())
    }

    /// Undoes what the killed ones have left.
    pub fn gc(&self) -> io::Result<Option<String>> {
        status(&mut self.subject.command(&["gc"]).spawn()?, &["gc".to_owned()], 0)
    }
}

/// What is wrong with how a command ends, if anything is.
fn status(command: &mut Child, words: &[String], expected: i32) -> io::Result<Option<String>> {
    Ok(match await_end(command)? {
        End::Status(status) if status.code() == Some(expected) => None,
        End::Status(status) => Some(format!("{words:?}: {status}, not {expected}")),
        End::Hung => Some(format!("{words:?}: hangs")),
    })
}

impl Raged {
    /// `came`: nothing of a run that was killed, else what was wrong.
    fn count(&mut self, came: io::Result<Option<String>>) {
        match came {
            Ok(None) => self.killed += 1,
            Ok(Some(complaint)) if complaint.is_empty() => self.ended += 1,
            Ok(Some(complaint)) => self.complaints.push(complaint),
            Err(error) => self.complaints.push(error.to_string()),
        }
    }
}
