//! `containerception`: the command line that people use.

mod commands;
mod explain;
mod init;
mod narrate;
mod options;

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
            // A closed stderr is no reason to fail differently.
            let _ = writeln!(std::io::stderr().lock(), "{error}");
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

/// What clap says, in the form of all errors.
fn usage(kind: ErrorKind, rendered: &str) -> Error {
    let code = if kind == ErrorKind::InvalidSubcommand { UNKNOWN_COMMAND } else { BAD_USAGE };
    let mut lines = rendered.lines().map(str::trim).filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let mut error = Error::new(code, what);
    for line in lines {
        if let Some(tip) = line.strip_prefix("tip: ") {
            error = error.fix(tip);
        } else if line.starts_with("Usage:") && error.fix.is_none() {
            error = error.fix(format!("{line}; --help tells more"));
        }
    }
    error
}
