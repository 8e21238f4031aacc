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
use report::Report;
use std::process::ExitCode;
use suite::Suite;
use testbed::caller;
use testbed::scratch::Scratch;

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
    let scratch = Scratch::new("vm")?;
    machine::share(scratch.path(), &binary, suites)?;
    machine::build_image()?;
    let mut report = Report::new(suites);
    machine::run(scratch.path(), |line| report.hear(line))?;
    let tally = report.end();
    println!("\n{} passed, {} failed, {} skipped", tally.passed, tally.failed, skipped + tally.skipped);
    Ok(if tally.failed == 0 && tally.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
