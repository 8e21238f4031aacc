//! `man`: the pages for man(1), made from the definition of the command line.

use crate::{Outcome, cargo};
use lexopt::prelude::*;
use std::process::ExitCode;

/// Writes one page for the program and one for each of its commands.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let Some(Value(directory)) = words.next()? else { return Err("usage: cargo xtask man DIR".into()) };
    if let Some(word) = words.next()? {
        return Err(word.unexpected().into());
    }
    // The program runs where xtask was called, so that a relative DIR means what it meant there.
    let directory = std::path::absolute(directory)?;
    let build = ["run", "--locked", "--quiet", "--package", "containerception", "--example", "man", "--"];
    let status = cargo::command().args(build).arg(directory).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
