//! `cargo xtask check | test | vm | crash | fault | soak | bench | man`: the whole vocabulary of the project's upkeep. CI says
//! the same words.

mod alone;
mod bench;
mod cargo;
mod check;
mod crash;
mod fault;
mod harness;
mod man;
mod packages;
mod soak;
mod test;
mod vm;

use lexopt::prelude::*;
use std::error::Error;
use std::process::ExitCode;

/// What every verb returns: the exit status, or why it could not do its work.
type Outcome = Result<ExitCode, Box<dyn Error>>;

const USAGE: &str = "\
usage: cargo xtask VERB [OPTION…]

  check                          formatting, lints, licences, the rules of the house
  test   [--yes]                 build, and pass all tests; --yes installs the Debian packages that they need
  vm     [--yes] [PART]          pass tests in a virtual machine with cgroup v2 and systemd; all with PART in their names, or
                                 those that may go otherwise there
  crash  [--as KIND]…            kill each actor at each step; KIND is root, range or single
  man    DIR                     write the man pages into DIR
  fault  [--as KIND]… [--errno NAME]…
                                 have each step fail with each errno; all kinds and six errnos unless told
  soak   [--runs N] [--as KIND]… many runs, a tenth of them killed, and a look at what is left; 2000 unless told
  bench  [--runs N] [--json] [--only SECTION]
                                 one interleaved run against the floor and the others; 40 rounds unless told;
                                 SECTION is start, exec or limits
  bench  --nest FILE [--runs N]  what each level of containers in containers adds, and its picture as SVG
";

fn main() -> ExitCode {
    match verb() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn verb() -> Outcome {
    let mut words = lexopt::Parser::from_env();
    match words.next()? {
        Some(Value(verb)) => match verb.to_str() {
            Some("check") => check::run(words),
            Some("test") => test::run(words),
            Some("vm") => vm::run(words),
            Some("crash") => crash::run(words),
            Some("fault") => fault::run(words),
            Some("soak") => soak::run(words),
            Some("bench") => bench::run(words),
            Some("man") => man::run(words),
            _ => Err(format!("unknown verb {verb:?}\n{USAGE}").into()),
        },
        Some(Short('h') | Long("help")) => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Some(option) => Err(option.unexpected().into()),
        None => Err(USAGE.into()),
    }
}
