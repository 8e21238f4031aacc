//! `explain`: the pages of the error catalogue.

use spec::catalogue::{CATALOGUE, Entry, UNKNOWN_CODE, entry, parse};
use spec::error::{Error, Result};
use spec::near::nearest;
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
        Error::new(UNKNOWN_CODE, format!("there is no error code {code:?}")).fix(match near(code) {
            Some(near) => {
                format!("did you mean {}, {}? containerception explain lists all", near.code, near.title)
            }
            None => "containerception explain lists all codes; they look like CX2003".to_owned(),
        })
    })
}

/// The entry whose code is nearest to what was typed.
fn near(typed: &str) -> Option<&'static Entry> {
    let codes: Vec<String> = CATALOGUE.iter().map(|entry| entry.code.to_string()).collect();
    nearest(typed, codes.iter().map(String::as_str)).and_then(parse).and_then(entry)
}
