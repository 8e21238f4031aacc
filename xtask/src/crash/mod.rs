//! `crash`: kills each actor at each boundary between two steps, lets one more container start, and looks whether
//! anything is left.
//!
//! The program under test is a build that a release never is: its variable `CONTAINERCEPTION_CRASH=ACTOR@STEP` makes
//! that actor kill itself, by SIGKILL, just before the step begins.

pub mod plan;
mod scene;
pub mod subject;

use crate::{Outcome, cargo};
use lexopt::prelude::*;
use scene::Scene;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use subject::Subject;
use testbed::kind::Kind;
use testbed::scratch::Scratch;

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
        let mut scene = Scene::new(&subject, title, options)?;
        scene.crash_everywhere(tally)?;
        scene.crash_while_running(tally)?;
    }
    Ok(())
}
