//! `stats`: what containers use.

use crate::options::StatsFormat;
use crate::stats::{Host, Samples, json, table};
use cgroup::stats::{Stats, read};
use plan::Container;
use run::record::{Found, all};
use spec::error::Result;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stdout};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The time between two looks.
const BETWEEN: Duration = Duration::from_secs(1);

/// Where the terminal is told to go on from its upper left corner, and to forget what is below the table.
const TO_TOP: &str = "\x1b[H";
const CLEAR_LINE: &str = "\x1b[K\n";
const CLEAR_BELOW: &str = "\x1b[J";

/// Shows what the containers of these names use, or all; on a terminal again and again.
pub fn stats(names: &[String], format: StatsFormat, once: bool) -> Result<()> {
    let live = !once && format == StatsFormat::Table && stdout().is_terminal();
    let mut before = Looks::take(names)?;
    loop {
        sleep(BETWEEN);
        let now = Looks::take(names)?;
        let text = now.told(&before, format);
        let written = if live { repaint(&text) } else { stdout().lock().write_all(text.as_bytes()) };
        // A reader that stops reading, such as head, has what it wanted.
        if !live || written.is_err() {
            return Ok(());
        }
        before = now;
    }
}

fn repaint(text: &str) -> std::io::Result<()> {
    let lines: String = text.lines().map(|line| format!("{line}{CLEAR_LINE}")).collect();
    let mut out = stdout().lock();
    write!(out, "{TO_TOP}{lines}{CLEAR_BELOW}")?;
    out.flush()
}

/// A look at some containers.
struct Looks {
    at: Instant,
    containers: Vec<(String, Stats)>,
}

impl Looks {
    fn take(names: &[String]) -> Result<Looks> {
        let found = if names.is_empty() { every()? } else { named(names)? };
        let look = |container: Container| Some((container.name.clone(), read(&container.groups).ok()?));
        Ok(Looks { at: Instant::now(), containers: found.into_iter().filter_map(look).collect() })
    }

    fn told(&self, before: &Looks, format: StatsFormat) -> String {
        let host = Host { memory: crate::stats::memory() };
        let elapsed = self.at.duration_since(before.at);
        let earlier =
            |name: &str| before.containers.iter().find(|(known, _)| known == name).map(|(_, stats)| stats);
        let samples: Vec<Samples<'_>> = self
            .containers
            .iter()
            .map(|(name, now)| Samples { name, before: earlier(name), now, elapsed })
            .collect();
        match format {
            StatsFormat::Table => table::table(&samples, host),
            StatsFormat::Json => samples.iter().fold(String::new(), |mut text, one| {
                let _ = writeln!(text, "{}", json::json(one, host));
                text
            }),
        }
    }
}

fn every() -> Result<Vec<Container>> {
    let container = |found| match found {
        Found::Runs(record) => record.container(),
        Found::Begins(_) => None,
    };
    Ok(all()?.into_iter().filter_map(container).collect())
}

fn named(names: &[String]) -> Result<Vec<Container>> {
    names.iter().map(|name| super::container(name).map(|(_, container)| container)).collect()
}
