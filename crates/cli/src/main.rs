//! `containerception`: the command line that people use.

mod commands;
mod doctor;
mod explain;
mod init;
mod json;
mod memory;
mod narrate;
mod options;
mod paint;
mod patience;
mod report;
mod stats;
mod style;
mod usage;

use clap::Parser;
use clap::error::ErrorKind;
use report::Format;
use spec::catalogue::BAD_USAGE;
use spec::error::{ENGINE_FAILED, Error, Result};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (format, done) = match Format::asked() {
        Ok(format) => (format, parse(format).and_then(commands::dispatch)),
        Err(error) => (Format::Text, Err(error)),
    };
    let status = done.unwrap_or_else(|error| {
        format.report(&error);
        error.status
    });
    ExitCode::from(status)
}

/// Parses the command line. Help and version are printed here, and are not errors.
fn parse(format: Format) -> Result<options::Options> {
    options::Options::try_parse().map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            std::process::exit(0);
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            if format == Format::Json {
                return Error::new(BAD_USAGE, "there is no command").fix("--help lists the commands");
            }
            let _ = write!(std::io::stderr().lock(), "{}", error.render());
            std::process::exit(ENGINE_FAILED.into());
        }
        _ => usage::error(&error),
    })
}
