//! `containerception`: the command line that people use.

mod commands;
mod explain;
mod init;
mod memory;
mod narrate;
mod options;
mod patience;

use clap::Parser;
use clap::error::ErrorKind;
use spec::catalogue::{BAD_USAGE, UNKNOWN_COMMAND};
use spec::error::{ENGINE_FAILED, Error, Result};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match parse().and_then(commands::dispatch) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            patience::say(&format!("{error}\n"));
            ExitCode::from(error.status)
        }
    }
}

/// Parses the command line. Help and version are printed here, and are not errors.
fn parse() -> Result<options::Options> {
    options::Options::try_parse().map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            std::process::exit(0);
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let _ = write!(std::io::stderr().lock(), "{}", error.render());
            std::process::exit(ENGINE_FAILED.into());
        }
        kind => usage(kind, &error.render().to_string()),
    })
}

/// What clap says, in the form of all errors: a first line, of which more may follow indented, then hints.
fn usage(kind: ErrorKind, rendered: &str) -> Error {
    let code = if kind == ErrorKind::InvalidSubcommand { UNKNOWN_COMMAND } else { BAD_USAGE };
    let mut lines = rendered.lines();
    let mut what = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let mut hints = Vec::new();
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        // Clap's other tip is to write `--` before what is unknown, which then would be taken for the command.
        if let Some(tip) = line.strip_prefix("tip: ").filter(|tip| tip.contains("similar")) {
            hints.insert(0, tip.to_owned());
        } else if line.starts_with("[possible values: ") {
            hints.push(line.trim_matches(['[', ']']).to_owned());
        } else if line.starts_with("Usage:") {
            hints.push(line.to_owned());
        } else if what.ends_with(':') {
            what = format!("{what} {line}");
        }
    }
    if code == UNKNOWN_COMMAND && !hints.iter().any(|hint| hint.contains("similar")) {
        hints.insert(0, "to run it in a container: containerception run COMMAND".to_owned());
    }
    hints.truncate(1);
    hints.push("--help tells more".to_owned());
    Error::new(code, what).fix(hints.join("; "))
}
