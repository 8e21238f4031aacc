//! `plan diff`: what two runs would do differently, without doing it.

mod difference;
pub mod words;

use super::run::spec;
use crate::options::{Plan, Run};
use spec::error::Result;
use std::ffi::OsStr;
use std::io::Write;

/// Compares plans.
pub fn plan(command: &Plan) -> Result<()> {
    let Plan::Diff { before, after } = command;
    let text = compare(before, after)?;
    // A reader that stops reading, such as head, has what it wanted.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

/// Computes both plans on this host, and tells the difference.
fn compare(before: &OsStr, after: &OsStr) -> Result<String> {
    let [before, after]: [Run; 2] = [words::run(before)?, words::run(after)?];
    let (first, second) = (spec(&before)?, spec(&after)?);
    let [host, same_host] = run::probe::alike([&first, &second])?;
    let (before, after) = (plan::plan(&first, &host)?, plan::plan(&second, &same_host)?);
    Ok(difference::tell(&before, &after))
}
