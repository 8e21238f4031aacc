//! `bench`: how long a container takes to start and to end, beside the floor, the others, and `/bin/true`; how long one
//! more command takes in a container that runs; and what limits add to a start. `--nest FILE` measures what each level of
//! containers in containers adds instead, and draws it.
//!
//! All contenders are run in turn, one start each a round, each after 40 ms of idleness: the kernel's grace periods hide
//! in tight loops, and what other programs of the machine do meanwhile meets all alike. Ratios are taken within a round.
//! The targets stand beside the figures; to miss one is no failure, not to have run is.

mod bundle;
mod contender;
mod costs;
mod covered;
mod exec;
mod json;
mod limit;
mod limits;
mod machine;
mod measure;
mod memory;
mod nest;
mod options;
mod picture;
mod report;
mod sleeper;
pub mod statistics;
mod worker;

use crate::{Outcome, cargo};
use lexopt::prelude::*;
use options::{Options, Section};
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use testbed::caller;
use testbed::kind::Kind;
use testbed::private::Private;
use testbed::scratch::Scratch;

/// Does `bench`; or, told so by an option that is no part of the usage, its share for one kind of user.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let mut options = Options { runs: 40, json: false, only: None };
    let (mut worker, mut picture) = (None, None);
    while let Some(word) = words.next()? {
        match word {
            Long("runs") => options.runs = words.value()?.parse::<usize>()?.max(1),
            Long("json") => options.json = true,
            Long("only") => options.only = Some(words.value()?.parse::<Section>()?),
            Long("nest") => picture = Some(PathBuf::from(words.value()?)),
            Long("worker") => worker = Some((words.value()?.parse::<Kind>()?, PathBuf::from(words.value()?))),
            _ => return Err(word.unexpected().into()),
        }
    }
    if let Some(picture) = picture {
        return nest::run(options.runs, &picture);
    }
    match worker {
        Some((kind, home)) => worker::run(kind, &home, &options),
        None => all(&options),
    }
}

fn all(options: &Options) -> Outcome {
    let kinds: Vec<Kind> = Kind::of_caller()?.into_iter().filter(|kind| options.want_any(*kind)).collect();
    if kinds.is_empty() {
        return Err("what limits cost is measured as root".into());
    }
    let scratch = Scratch::new("bench")?;
    install(scratch.path())?;
    let mut complete = true;
    if options.json {
        print!("{{\"machine\":{},\"runs\":{},\"kinds\":[", json::string(&machine::line()), options.runs);
    } else {
        println!("{}\n{} rounds, 40 ms of idleness before each start", machine::line(), options.runs);
    }
    for (index, kind) in kinds.into_iter().enumerate() {
        if options.json && index > 0 {
            print!(",");
        }
        complete &= share(kind, scratch.path(), options)?;
    }
    if options.json {
        println!("]}}");
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs one kind's share, as that kind; tells whether all of it could be run.
fn share(kind: Kind, scratch: &Path, options: &Options) -> Result<bool, Box<dyn Error>> {
    if !caller::is_root()? {
        let home = scratch.join(kind.word());
        fs::create_dir(&home)?;
        return Ok(worker::run(kind, &home, options)? == ExitCode::SUCCESS);
    }
    let user = Private::new(kind, scratch)?;
    let mut command = user.command(true);
    command.arg(scratch.join("xtask")).args(["bench", "--worker", kind.word()]).arg(user.home());
    command.args(options.words());
    // What was printed so far comes before what the worker prints.
    io::stdout().flush()?;
    Ok(command.status()?.success())
}

/// Puts the programs where every user may run them: a clone can be in a directory of root's.
fn install(scratch: &Path) -> Result<(), Box<dyn Error>> {
    let programs = [
        ("containerception", cargo::build("containerception", &[])?),
        ("floor", cargo::build("floor", &[])?),
        ("xtask", std::env::current_exe()?),
    ];
    for (name, path) in programs {
        fs::copy(&path, scratch.join(name)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}
