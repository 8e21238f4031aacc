//! `vm`: boots a virtual machine once that has what users have and a build machine often lacks (cgroup v2, systemd, a user
//! session), and passes in it those tests that may go otherwise there: as root, as a user who has all that an ordinary user can
//! have, and as one who has nothing of it. The machine is `xtask/vm/vm`, which also runs other commands.

mod choice;
mod machine;
mod needs;
mod plan;
mod report;
mod suite;
mod turn;

use crate::{Outcome, cargo, packages};
use lexopt::prelude::*;
use report::{Report, Tally};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use suite::Suite;
use testbed::caller;
use testbed::scratch::Scratch;
use turn::Turn;

/// Does `vm`.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    let (mut yes, mut filter) = (false, None);
    while let Some(word) = words.next()? {
        match word {
            Long("yes") | Short('y') => yes = true,
            Value(part) if filter.is_none() => filter = Some(part.string()?),
            _ => return Err(word.unexpected().into()),
        }
    }
    if !caller::is_root()? {
        return Err("only root can share directories with a virtual machine: sudo may help".into());
    }
    if !packages::provide(&needs::PACKAGES, "there is no virtual machine without them", yes)? {
        return Err("no virtual machine can be made".into());
    }
    let suites = suite::all()?;
    let Some(part) = filter else {
        let (suites, lost) = choice::worthwhile(suites);
        lost.iter().for_each(|start| println!("SKIP: there is no test whose name begins with {start}"));
        return pass(&suites, lost.len());
    };
    let suites: Vec<Suite> =
        suites.into_iter().filter_map(|suite| suite.only(|name| name.contains(&part))).collect();
    if suites.is_empty() {
        return Err(format!("no test has {part:?} in its name").into());
    }
    pass(&suites, 0)
}

/// Passes the suites, after `skipped` tests that cannot be.
fn pass(suites: &[Suite], skipped: usize) -> Outcome {
    let binary = cargo::build("containerception", &[])?;
    machine::build_image()?;
    // A machine that is emulated has one processor of ours. The first one's report is told as it comes.
    let tallies = thread::scope(|scope| {
        let of = |turns: &'static [Turn], is_live| {
            let binary = &binary;
            scope.spawn(move || in_machine(binary, suites, turns, is_live).map_err(|error| error.to_string()))
        };
        let machines = [of(&turn::OF_ROOT, true), of(&turn::OF_USERS, false)];
        machines.map(|machine| machine.join().unwrap_or_else(|_| Err("a machine's report has failed".into())))
    });
    let mut tally = Tally::default();
    for one in tallies {
        let (told, one) = one?;
        print!("{told}");
        tally = tally.sum(one);
    }
    println!("\n{} passed, {} failed, {} skipped", tally.passed, tally.failed, skipped + tally.skipped);
    Ok(if tally.failed == 0 && tally.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Passes the turns in a machine of their own; what is still to be told of them, and what they came to.
fn in_machine(
    binary: &Path,
    suites: &[Suite],
    turns: &[Turn],
    is_live: bool,
) -> Result<(String, Tally), Box<dyn Error>> {
    let scratch = Scratch::new(&format!("vm-{}", turns.first().map_or("none", |turn| turn.word())))?;
    machine::share(scratch.path(), binary, suites, turns)?;
    let mut report = Report::new(suites, turns, is_live);
    machine::run(scratch.path(), |line| report.hear(line))?;
    Ok(report.end())
}
