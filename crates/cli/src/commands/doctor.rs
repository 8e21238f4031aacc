//! `doctor`: what this host is for containers.

use super::plan::words;
use crate::doctor::{examine, json, text, works};
use crate::options::Format;
use crate::paint::Paint;
use spec::error::Result;
use std::ffi::OsStr;
use std::io::Write;

/// Examines the host, and prints what it found; returns 1 where `run` would not work.
pub fn doctor(format: Format) -> Result<u8> {
    let spec = super::run::spec(&words::run(OsStr::new("true"))?)?;
    let facts = run::probe(&spec)?;
    let findings = examine(&facts, &run::host::examine(&facts), &plan::plan(&spec, &facts));
    let told = match format {
        Format::Text => text(&findings, Paint::for_stdout()),
        Format::Json => json(&findings),
    };
    // A reader that stops reading, such as head, has what it wanted.
    let _ = std::io::stdout().lock().write_all(told.as_bytes());
    Ok(u8::from(!works(&findings)))
}
