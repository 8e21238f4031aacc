//! `explain`: the pages of the error catalogue.

use spec::catalogue::{CATALOGUE, UNKNOWN_CODE, entry, parse};
use spec::error::{Error, Result};
use std::io::Write;

/// Prints the page of `code`, or the list of all codes.
pub fn explain(code: Option<&str>) -> Result<()> {
    let text = match code {
        None => CATALOGUE.iter().map(|entry| format!("{}  {}\n", entry.code, entry.title)).collect(),
        Some(code) => page(code)?.to_owned(),
    };
    // A reader that stops reading, such as head, has what it wanted.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

fn page(code: &str) -> Result<&'static str> {
    parse(code).and_then(entry).map(|entry| entry.page).ok_or_else(|| {
        Error::new(UNKNOWN_CODE, format!("there is no error code {code:?}"))
            .fix("containerception explain lists all codes; they look like CX2003")
    })
}
