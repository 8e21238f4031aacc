//! `crash`: kills each actor at each boundary between two steps of a start, lets one more container start, and looks
//! whether anything is left; and of an exec, after which the container must run on and answer another one; and what changes a
//! container that runs, before each of its calls.
//!
//! The program under test is a build that a release never is: its variable `CONTAINERCEPTION_CRASH=ACTOR@STEP` makes
//! that actor kill itself, by SIGKILL, just before the step begins.

mod change;
mod container;
pub mod limits;
pub mod plan;
mod scene;
pub mod subject;
mod traced;
mod verb;

use crate::{Outcome, alone, cargo};
use change::Change;
use container::Container;
use lexopt::prelude::*;
use limits::Limits;
use scene::{Scene, Way};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use subject::Subject;
use testbed::caller;
use testbed::chance;
use testbed::kind::Kind;
use testbed::scratch::Scratch;
use verb::Verb;

/// What the command line asks for.
struct Options {
    kinds: Vec<Kind>,
    /// Whether everybody is killed everywhere, also where it has been done in another form.
    full: bool,
    /// The program under test, where this process is the one in the namespaces.
    inside: Option<PathBuf>,
}

/// Does `crash`.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let mut options = Options { kinds: Vec::new(), full: false, inside: None };
    let mut typed = vec!["crash".to_owned()];
    while let Some(word) = words.next()? {
        match word {
            Long("as") => options.kinds.push(words.value()?.parse::<Kind>()?),
            Long("full") => options.full = true,
            // No part of the usage.
            Long("inside") => options.inside = Some(words.value()?.into()),
            _ => return Err(word.unexpected().into()),
        }
    }
    options.kinds.iter().for_each(|kind| typed.extend(["--as".to_owned(), kind.word().to_owned()]));
    typed.extend(options.full.then(|| "--full".to_owned()));
    match &options.inside {
        Some(program) => crash(program, &options),
        None => {
            let program = cargo::build_with_faults()?;
            if caller::is_root()? { alone::again(&typed, &program) } else { crash(&program, &options) }
        }
    }
}

fn crash(program: &Path, options: &Options) -> Outcome {
    let mut kinds = options.kinds.clone();
    if kinds.is_empty() {
        kinds.extend(Kind::of_caller()?.first());
    }
    let scratch = Scratch::new("crash")?;
    let copy = scratch.path().join("containerception");
    fs::copy(program, &copy)?;
    let mut tally = Tally::default();
    for kind in kinds {
        let subject = Subject::new(kind, scratch.path(), &copy)?;
        // In a PID namespace of its own, everybody's pid is the same.
        let name = format!("crash{:x}-{}", chance::seed() & 0xff_ffff, kind.word());
        Crashes { subject: &subject, kind, name: &name, full: options.full, tally: &mut tally }.all()?;
    }
    Ok(tally.tell())
}

/// What came of all crashes so far.
#[derive(Default)]
struct Tally {
    passed: usize,
    absent: usize,
    failures: Vec<String>,
}

impl Tally {
    fn tell(&self) -> ExitCode {
        println!();
        self.failures.iter().for_each(|failure| println!("FAILED  {failure}"));
        let (passed, failed, absent) = (self.passed, self.failures.len(), self.absent);
        println!("{passed} passed, {failed} failed; at {absent} boundaries the actor was not there");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// All crashes of one kind of user.
struct Crashes<'a> {
    subject: &'a Subject,
    kind: Kind,
    /// Every container's.
    name: &'a str,
    full: bool,
    tally: &'a mut Tally,
}

impl Crashes<'_> {
    fn all(&mut self) -> Result<(), Box<dyn Error>> {
        let limits = Limits::of(self.subject, self.name)?;
        self.starts(&limits)?;
        self.execs(limits.first())?;
        limits.iter().try_for_each(|limits| self.changes(limits))
    }

    fn starts(&mut self, limits: &[Limits]) -> Result<(), Box<dyn Error>> {
        let root = self.subject.make_rootfs()?;
        let root = root.to_str().ok_or("TMPDIR is not UTF-8")?;
        let all = Verb::Run.actors();
        self.start("run", &[], all)?;
        self.start("run --rootfs R", &["--rootfs", root], all)?;
        for limits in limits {
            let title = format!("run with {}", limits.title);
            // It is the runtime that makes groups, and who has them removed where another dies.
            let actors = if self.full { all } else { &["runtime"] };
            self.start(&title, &limits.options(), actors)?;
        }
        Ok(())
    }

    fn start(
        &mut self,
        title: &str,
        options: &[&str],
        actors: &[&'static str],
    ) -> Result<(), Box<dyn Error>> {
        let options = [&["run", "--name", self.name], options].concat();
        self.crash(Way { title, verb: Verb::Run, options, name: self.name, actors })
    }

    /// In one container, with all limits if it can have some.
    fn execs(&mut self, limits: Option<&Limits>) -> Result<(), Box<dyn Error>> {
        let mut container =
            Container::start(self.subject, self.name, &limits.map(Limits::options).unwrap_or_default())?;
        let (verb, name, actors) = (Verb::Exec, self.name, Verb::Exec.actors());
        // To tell the steps, the runtime has one of its own after the command is born.
        for (title, options) in
            [("exec", vec!["exec", name]), ("exec --explain", vec!["exec", "--explain", name])]
        {
            self.crash(Way { title, verb, options, name, actors })?;
        }
        let is_another = (!container.is_as_it_was()).then(|| "the container is not as it was".to_owned());
        let failures = [is_another, container.end()?, container.left()?];
        let failures: Vec<String> = failures.into_iter().flatten().collect();
        self.tally.passed += usize::from(failures.is_empty());
        self.tally.failures.extend(failures.into_iter().map(|failure| format!("exec, after all: {failure}")));
        Ok(())
    }

    fn crash(&mut self, way: Way<'_>) -> Result<(), Box<dyn Error>> {
        println!("\n{}, {}", way.title, self.kind);
        let mut scene = Scene::new(self.subject, way)?;
        scene.crash_everywhere(self.tally)?;
        Ok(scene.crash_while_running(self.tally)?)
    }

    fn changes(&mut self, limits: &Limits) -> Result<(), Box<dyn Error>> {
        for change in Change::all(self.subject, self.name, limits) {
            println!("\n{}, {}, {}", change.verb(), limits.title, self.kind);
            change.crash_everywhere(self.full, self.tally)?;
        }
        Ok(())
    }
}
