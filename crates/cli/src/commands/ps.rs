//! `ps`: the containers that run.

use crate::json;
use crate::options::PsFormat;
use run::record::{Found, Record};
use run::tree::{Level, tree};
use serde_json::{Value, json};
use spec::error::Result;
use spec::excerpt::printable;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

/// Lists the containers of this user that run; `recursive`: with all that are inside of them.
pub fn ps(format: PsFormat, recursive: bool) -> Result<()> {
    let rows = if recursive { all()? } else { run::record::all()?.into_iter().map(Row::of).collect() };
    let lines = |line: fn(&Row) -> String| rows.iter().map(line).collect::<Vec<_>>().join("\n");
    let text = match format {
        PsFormat::Table => table(&rows),
        PsFormat::Json => lines(|row| json::line(&row.json)),
        PsFormat::Names => lines(|row| row.name.clone()),
    };
    // A reader that stops reading, such as head, has what it wanted.
    let mut out = std::io::stdout().lock();
    let _ = if text.is_empty() { Ok(()) } else { writeln!(out, "{}", text.trim_end()) };
    Ok(())
}

/// A container as it is listed.
struct Row {
    name: String,
    pid: String,
    up: String,
    command: String,
    json: Value,
}

impl Row {
    fn of(found: Found) -> Row {
        match found {
            Found::Runs(record) => Row::running(&record),
            Found::Begins(name) => Row {
                pid: "-".to_owned(),
                up: "-".to_owned(),
                command: "(begins)".to_owned(),
                json: json!({ "name": name, "status": "begins" }),
                name,
            },
        }
    }

    fn running(record: &Record) -> Row {
        let paused = record.container().is_some_and(|container| run::freeze::is_paused(&container));
        let status = if paused { "paused" } else { "running" };
        Row {
            name: record.name.clone(),
            pid: record.init.to_string(),
            up: if paused { status.to_owned() } else { up(record.age()) },
            command: printable(&record.command.join(" ")),
            json: json!({
                "name": record.name, "status": status, "pid": record.init, "runtime": record.runtime,
                "seconds": record.age().as_secs_f64(), "command": record.command,
            }),
        }
    }

    /// One inside of `around`, of which less is known: since when it runs stands nowhere but in its own files.
    fn inner(level: &Level, around: &str) -> Row {
        let name = format!("{around}/{}", printable(level.name.as_deref().unwrap_or("?")));
        Row {
            pid: level.pid.to_string(),
            up: "-".to_owned(),
            command: printable(&level.command.join(" ")),
            json: json!({ "name": name, "status": "running", "pid": level.pid, "command": level.command }),
            name,
        }
    }
}

/// Each, followed by those inside.
fn all() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for level in tree()? {
        let Some(record) = &level.record else { continue };
        rows.push(Row::running(record));
        add_inner(&level, &record.name, &mut rows);
    }
    Ok(rows)
}

fn add_inner(level: &Level, name: &str, rows: &mut Vec<Row>) {
    for inner in &level.below {
        let row = Row::inner(inner, name);
        let name = row.name.clone();
        rows.push(row);
        add_inner(inner, &name, rows);
    }
}

fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max(4);
    let mut text = format!("{:width$}  {:>7}  {:>8}  COMMAND\n", "NAME", "PID", "UP");
    for Row { name, pid, up, command, .. } in rows {
        let _ = writeln!(text, "{name:width$}  {pid:>7}  {up:>8}  {command}");
    }
    text
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
