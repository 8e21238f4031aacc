//! `check`: what can be said about the code without running it.

mod clocks;
mod links;
mod sources;
mod unsafety;
mod words;

use crate::{Outcome, cargo};
use std::io;
use std::process::{Command, ExitCode};
use testbed::tools;

/// What a rule came to.
enum Verdict {
    Holds,
    Broken(Vec<String>),
    Skipped(&'static str),
}

/// A rule's name, and how it is examined.
type Rule = (&'static str, fn() -> io::Result<Verdict>);

const RULES: [Rule; 8] = [
    ("formatting", formatting),
    ("lints", lints),
    ("documentation", documentation),
    ("licences, bans, sources", dependencies),
    ("unsafe only in crates/sys", unsafety::only_in_sys),
    ("no clock that jumps in crates", clocks::do_not_jump),
    ("links between pages", links::lead_somewhere),
    ("words of messages", words::are_ours),
];

/// Examines every rule, and says of each whether it holds.
pub fn run(mut words: lexopt::Parser) -> Outcome {
    if let Some(word) = words.next()? {
        return Err(word.unexpected().into());
    }
    let (mut broken, mut skipped) = (0, 0);
    for (name, examine) in RULES {
        match examine()? {
            Verdict::Holds => println!("ok       {name}"),
            Verdict::Skipped(reason) => {
                skipped += 1;
                println!("SKIPPED  {name}: {reason}");
            }
            Verdict::Broken(complaints) => {
                broken += 1;
                println!("BROKEN   {name}");
                complaints.iter().for_each(|complaint| println!("         {complaint}"));
            }
        }
    }
    println!(
        "{} rules: {} hold, {broken} broken, {skipped} skipped",
        RULES.len(),
        RULES.len() - broken - skipped
    );
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn formatting() -> io::Result<Verdict> {
    told_by(cargo::command().args(["fmt", "--all", "--check"]))
}

/// Locked: a lock file that does not fit the manifests would be repaired in silence.
fn lints() -> io::Result<Verdict> {
    let flags = ["clippy", "--locked", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    told_by(cargo::command().args(flags))
}

fn documentation() -> io::Result<Verdict> {
    let flags = ["doc", "--locked", "--quiet", "--workspace", "--no-deps"];
    told_by(cargo::command().args(flags).env("RUSTDOCFLAGS", "--deny warnings"))
}

fn dependencies() -> io::Result<Verdict> {
    if tools::find("cargo-deny").is_none() {
        return Ok(Verdict::Skipped("cargo-deny is not installed (cargo install --locked cargo-deny)"));
    }
    // No advisories: their database may be out of reach, and changes without the project.
    let flags = ["deny", "--log-level", "error", "check", "licenses", "bans", "sources"];
    told_by(cargo::command().args(flags))
}

/// The program says by itself what is wrong.
fn told_by(command: &mut Command) -> io::Result<Verdict> {
    let status = command.status()?;
    Ok(if status.success() { Verdict::Holds } else { Verdict::Broken(vec![status.to_string()]) })
}

/// Broken by each of `complaints`.
fn unless_any(complaints: Vec<String>) -> Verdict {
    if complaints.is_empty() { Verdict::Holds } else { Verdict::Broken(complaints) }
}
