//! `crash`: kills each actor at each boundary between two steps of a start, lets one more container start, and looks
//! whether anything is left; and of an exec, after which the container must run on and answer another one.
//!
//! The program under test is a build that a release never is: its variable `CONTAINERCEPTION_CRASH=ACTOR@STEP` makes
//! that actor kill itself, by SIGKILL, just before the step begins.

mod container;
pub mod plan;
mod scene;
pub mod subject;
mod verb;

use crate::{Outcome, cargo};
use container::Container;
use lexopt::prelude::*;
use scene::Scene;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use subject::Subject;
use testbed::kind::Kind;
use testbed::scratch::Scratch;
use verb::Verb;

/// Does `crash`.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let mut kinds = Vec::new();
    while let Some(word) = words.next()? {
        match word {
            Long("as") => kinds.push(words.value()?.parse::<Kind>()?),
            _ => return Err(word.unexpected().into()),
        }
    }
    if kinds.is_empty() {
        kinds.extend(Kind::of_caller()?.first());
    }
    let scratch = Scratch::new("crash")?;
    let program = scratch.path().join("containerception");
    fs::copy(cargo::build_with_faults()?, &program)?;
    let mut tally = Tally::default();
    for kind in kinds {
        crash_as(kind, scratch.path(), &program, &mut tally)?;
    }
    println!();
    tally.failures.iter().for_each(|failure| println!("FAILED  {failure}"));
    println!(
        "{} passed, {} failed; at {} boundaries the actor was not there",
        tally.passed,
        tally.failures.len(),
        tally.absent
    );
    Ok(if tally.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What came of all crashes so far.
#[derive(Default)]
struct Tally {
    passed: usize,
    absent: usize,
    failures: Vec<String>,
}

fn crash_as(kind: Kind, scratch: &Path, program: &Path, tally: &mut Tally) -> Result<(), Box<dyn Error>> {
    let subject = Subject::new(kind, scratch, program)?;
    let root = subject.make_rootfs()?;
    let root = root.to_str().ok_or("TMPDIR is not UTF-8")?;
    for (title, options) in [("run", vec!["run"]), ("run --rootfs R", vec!["run", "--rootfs", root])] {
        println!("\n{title}, {kind}");
        crash_all(Scene::new(&subject, title, Verb::Run, options)?, tally)?;
    }
    let name = format!("crash-{}-{}", kind.word(), std::process::id());
    let mut container = Container::start(&subject, &name)?;
    // To tell the steps, the runtime has one of its own after the command is born.
    for (title, options) in
        [("exec", vec!["exec", &name]), ("exec --explain", vec!["exec", "--explain", &name])]
    {
        println!("\n{title}, {kind}");
        crash_all(Scene::new(&subject, title, Verb::Exec, options)?, tally)?;
    }
    Ok(container.end(tally)?)
}

fn crash_all(mut scene: Scene<'_>, tally: &mut Tally) -> Result<(), Box<dyn Error>> {
    scene.crash_everywhere(tally)?;
    Ok(scene.crash_while_running(tally)?)
}
