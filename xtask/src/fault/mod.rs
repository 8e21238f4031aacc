//! `fault`: has each step of a start fail with each of some errnos, and looks what is told and what is left.
//!
//! The program under test is a build that a release never is: its variable `CONTAINERCEPTION_FAULT=STEP:ERRNO` makes
//! that step fail instead of being performed. What can be provoked for real, `tests/tests/faults` provokes.

mod scene;
mod told;

use crate::crash::limits::Limits;
use crate::crash::subject::Subject;
use crate::{Outcome, alone, cargo};
use lexopt::prelude::*;
use scene::Scene;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use testbed::caller;
use testbed::chance;
use testbed::kind::Kind;
use testbed::scratch::Scratch;

/// Shortages of the process and of the host, a refusal, a broken disk, and what is in use.
const ERRNOS: [&str; 7] = ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EPERM", "EIO", "EBUSY"];

/// What the command line asks for.
struct Options {
    kinds: Vec<Kind>,
    errnos: Vec<String>,
    /// The program under test, where this process is the one in the namespaces.
    inside: Option<PathBuf>,
}

/// Does `fault`.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let mut options = Options { kinds: Vec::new(), errnos: Vec::new(), inside: None };
    let mut typed = vec!["fault".to_owned()];
    while let Some(word) = words.next()? {
        match word {
            Long("as") => options.kinds.push(words.value()?.parse::<Kind>()?),
            Long("errno") => options.errnos.push(words.value()?.string()?),
            // No part of the usage.
            Long("inside") => options.inside = Some(words.value()?.into()),
            _ => return Err(word.unexpected().into()),
        }
    }
    options.kinds.iter().for_each(|kind| typed.extend(["--as".to_owned(), kind.word().to_owned()]));
    options.errnos.iter().for_each(|errno| typed.extend(["--errno".to_owned(), errno.clone()]));
    match &options.inside {
        Some(program) => fault(program, &options),
        None => {
            let program = cargo::build_with_faults()?;
            if caller::is_root()? { alone::again(&typed, &program) } else { fault(&program, &options) }
        }
    }
}

fn fault(program: &Path, options: &Options) -> Outcome {
    let kinds = if options.kinds.is_empty() { Kind::of_caller()? } else { options.kinds.clone() };
    let errnos =
        if options.errnos.is_empty() { ERRNOS.map(str::to_owned).to_vec() } else { options.errnos.clone() };
    let scratch = Scratch::new("fault")?;
    let copy = scratch.path().join("containerception");
    fs::copy(program, &copy)?;
    let mut tally = Tally::default();
    for kind in kinds {
        let subject = Subject::new(kind, scratch.path(), &copy)?;
        let name = format!("fault{:x}-{}", chance::seed() & 0xff_ffff, kind.word());
        println!("\nrun, {kind}");
        Scene::new(&subject, kind, &name, Vec::new())?.fail_everywhere(&errnos, &mut tally)?;
        for limits in Limits::of(&subject, &name)? {
            println!("\nrun with {}, {kind}", limits.title);
            Scene::new(&subject, kind, &name, limits.options())?.fail_everywhere(&errnos, &mut tally)?;
        }
    }
    Ok(tally.tell())
}

/// What came of all faults so far.
#[derive(Default)]
struct Tally {
    told: usize,
    went_on: usize,
    failures: Vec<String>,
}

impl Tally {
    fn tell(&self) -> ExitCode {
        println!();
        self.failures.iter().for_each(|failure| println!("FAILED  {failure}"));
        let (told, went_on, failed) = (self.told, self.went_on, self.failures.len());
        println!("{told} told, {went_on} went on by another step, {failed} failed");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
