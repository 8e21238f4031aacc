//! `test`: builds, and passes all tests; on a machine that has nothing but Rust, says what else they need.

mod needs;
mod runner;
mod skips;

use crate::{Outcome, cargo, packages};
use lexopt::prelude::*;
use skips::Skips;
use std::process::ExitCode;
use testbed::scratch::Scratch;

/// Does `test`.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let mut yes = false;
    while let Some(word) = words.next()? {
        match word {
            Long("yes") | Short('y') => yes = true,
            _ => return Err(word.unexpected().into()),
        }
    }
    packages::provide(&needs::PACKAGES, "tests that need them will be skipped", yes)?;
    let release = cargo::build("containerception", &[])?;
    let faults = cargo::build_with_faults()?;
    let scratch = Scratch::new("test")?;
    let skips = Skips::new(scratch.path())?;
    let environment = [
        ("CONTAINERCEPTION_RELEASE", release.as_path()),
        ("CONTAINERCEPTION_FAULTS", faults.as_path()),
        ("CONTAINERCEPTION_SKIPS", skips.file()),
    ];
    let result = runner::run(&environment)?;
    println!();
    skips.tell()?;
    println!("{}", result.summary);
    Ok(if result.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
