//! `ps`: the containers that run.

use crate::options::PsFormat;
use run::record::{Found, Record};
use serde_json::json;
use spec::error::Result;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

/// Lists the containers of this user that run.
pub fn ps(format: PsFormat) -> Result<()> {
    let found = run::record::all()?;
    let text = match format {
        PsFormat::Table => table(&found),
        PsFormat::Json => found.iter().map(line).collect::<Vec<_>>().join("\n"),
        PsFormat::Names => found.iter().map(name).collect::<Vec<_>>().join("\n"),
    };
    // A reader that stops reading, such as head, has what it wanted.
    let mut out = std::io::stdout().lock();
    let _ = if text.is_empty() { Ok(()) } else { writeln!(out, "{}", text.trim_end()) };
    Ok(())
}

fn name(found: &Found) -> &str {
    match found {
        Found::Runs(record) => &record.name,
        Found::Begins(name) => name,
    }
}

fn table(found: &[Found]) -> String {
    let width = found.iter().map(|found| name(found).len()).max().unwrap_or(0).max(4);
    let mut text = format!("{:width$}  {:>7}  {:>8}  COMMAND\n", "NAME", "PID", "UP");
    for one in found {
        let _ = match one {
            Found::Runs(record) => writeln!(
                text,
                "{:width$}  {:>7}  {:>8}  {}",
                record.name,
                record.init,
                if status(record) == "paused" { "paused".to_owned() } else { up(record.age()) },
                shown(record)
            ),
            Found::Begins(name) => writeln!(text, "{name:width$}  {:>7}  {:>8}  (begins)", "-", "-"),
        };
    }
    text
}

fn status(record: &Record) -> &'static str {
    let paused = record.container().is_some_and(|container| run::freeze::is_paused(&container));
    if paused { "paused" } else { "running" }
}

/// A command as it is typed, without what a terminal could take for an order.
fn shown(record: &Record) -> String {
    let command = record.command.join(" ");
    command.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// A time as people say it, in at most two units.
fn up(age: Duration) -> String {
    let seconds = age.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match () {
        () if minutes == 0 => format!("{seconds}s"),
        () if hours == 0 => format!("{minutes}m{:02}s", seconds % 60),
        () if days == 0 => format!("{hours}h{:02}m", minutes % 60),
        () => format!("{days}d{:02}h", hours % 24),
    }
}

/// One container as a line of JSON.
fn line(found: &Found) -> String {
    match found {
        Found::Runs(record) => json!({
            "name": record.name, "status": status(record), "pid": record.init, "runtime": record.runtime,
            "seconds": record.age().as_secs_f64(), "command": record.command,
        }),
        Found::Begins(name) => json!({ "name": name, "status": "begins" }),
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let up = |seconds| up(Duration::from_secs(seconds));
        assert_eq!([up(0), up(59), up(60), up(3599)], ["0s", "59s", "1m00s", "59m59s"]);
        assert_eq!([up(3600), up(86399), up(90000)], ["1h00m", "23h59m", "1d01h"]);
    }
}
