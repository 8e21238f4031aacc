//! `soak`: many runs of each kind of user, four at a time, a tenth of them killed at any moment, then one `gc`: counts
//! what there was before and what there is after, and fails if anything is left. Then measures a start among many mounts.

mod many_mounts;
mod progress;
mod report;
mod storm;

use crate::crash::subject::Subject;
use crate::{Outcome, alone, cargo};
use lexopt::prelude::*;
use report::Report;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use testbed::caller;
use testbed::kind::Kind;
use testbed::scratch::Scratch;

/// What the command line asks for.
struct Options {
    runs: u64,
    kinds: Vec<Kind>,
    /// The program under test, where this process is the one in the namespaces.
    inside: Option<PathBuf>,
}

/// Does `soak`.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let mut options = Options { runs: 2000, kinds: Vec::new(), inside: None };
    while let Some(word) = words.next()? {
        match word {
            Long("runs") => options.runs = words.value()?.parse()?,
            Long("as") => options.kinds.push(words.value()?.parse::<Kind>()?),
            // No part of the usage.
            Long("inside") => options.inside = Some(words.value()?.into()),
            _ => return Err(word.unexpected().into()),
        }
    }
    if options.kinds.is_empty() {
        options.kinds = Kind::of_caller()?;
    }
    match &options.inside {
        Some(program) => soak(program, &options),
        None => {
            let program = cargo::build("containerception", &[])?;
            if caller::is_root()? {
                alone::again(&words_of(&options), &program)
            } else {
                soak(&program, &options)
            }
        }
    }
}

/// The options as they were typed.
fn words_of(options: &Options) -> Vec<String> {
    let mut words = vec!["soak".to_owned(), "--runs".to_owned(), options.runs.to_string()];
    options.kinds.iter().for_each(|kind| words.extend(["--as".to_owned(), kind.word().to_owned()]));
    words
}

fn soak(program: &Path, options: &Options) -> Outcome {
    let scratch = Scratch::new("soak")?;
    let copy = scratch.path().join("containerception");
    fs::copy(program, &copy)?;
    let mut clean = true;
    for kind in &options.kinds {
        clean &= soak_as(*kind, scratch.path(), &copy, options.runs)?;
    }
    many_mounts::measure(&copy, scratch.path())?;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One kind's runs; whether nothing was left.
fn soak_as(kind: Kind, scratch: &Path, program: &Path, runs: u64) -> Result<bool, Box<dyn Error>> {
    let subject = Subject::new(kind, scratch, program)?;
    let storm = storm::Storm::new(&subject)?;
    storm.warm_up()?;
    let report = Report::begin(subject.places()?, storm.marker())?;
    let seed = testbed::chance::seed();
    println!("\n{runs} runs, {kind}, four at a time, a tenth killed; seed {seed}");
    let raged = storm.rage(runs, seed);
    let mut complaints = raged.complaints;
    complaints.extend(storm.gc()?);
    println!("  {} ended by themselves, {} were killed", raged.ended, raged.killed);
    report.end(runs, complaints)
}
