//! `inspect`: all that is known of a container that runs.

use serde_json::json;
use spec::Name;
use spec::catalogue::INTERNAL;
use spec::error::{Error, REPORT, Result, reason};
use std::io::Write;

/// Prints what was asked for, what the host was, what was done and how it stands, as JSON.
pub fn inspect(name: &str) -> Result<()> {
    let record = run::record::find(&Name::parse(name)?)?;
    let history = run::record::history(&record)?;
    let all = json!({
        "name": record.name,
        "state": {
            "status": "running", "pid": record.init, "runtime": record.runtime,
            "seconds": record.age().as_secs_f64(),
        },
        "spec": history.spec,
        "facts": history.facts,
        "plan": history.plan,
    });
    let text = serde_json::to_string_pretty(&all).map_err(|error| {
        Error::new(INTERNAL, "the record cannot be printed").why(reason(&error)).fix(REPORT)
    })?;
    // A reader that stops reading, such as head, has what it wanted.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    Ok(())
}
