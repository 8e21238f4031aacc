//! `tree`: the containers that run, with those inside of them.

use crate::json;
use crate::options::Format;
use crate::stats::{memory_usage, units::binary};
use cgroup::stats;
use run::tree::Level;
use serde_json::{Value, json};
use spec::Bound;
use spec::error::Result;
use spec::excerpt::printable;
use std::fmt::Write as _;
use std::io::Write as _;

/// Shows the containers of this user, and all that are inside.
pub fn tree(format: Format) -> Result<()> {
    let levels: Vec<Shown> = run::tree::tree()?.into_iter().map(|level| Shown::of(level, 1)).collect();
    let text = match format {
        Format::Text => table(&levels),
        Format::Json => json::pretty(&levels.iter().map(Shown::json).collect::<Value>()) + "\n",
    };
    // A reader that stops reading, such as head, has what it wanted.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

/// What is shown of a container: what it and all below it use, and what they may use.
struct Shown {
    level: Level,
    depth: usize,
    memory: u64,
    memory_limit: Option<u64>,
    pids: u64,
    pids_limit: Option<u64>,
    below: Vec<Shown>,
}

impl Shown {
    /// Its groups count best; where it has none, its processes are counted.
    fn of(mut level: Level, depth: usize) -> Shown {
        let stats = stats::read(&level.groups).unwrap_or_default();
        let at = |bound| match bound {
            Some(Bound::At(number)) => Some(number),
            _ => None,
        };
        let below = std::mem::take(&mut level.below);
        Shown {
            depth,
            memory: memory_usage(&stats.memory).unwrap_or(level.memory),
            memory_limit: at(stats.memory.limit),
            pids: stats.pids.current.unwrap_or(level.processes as u64),
            pids_limit: at(stats.pids.limit),
            below: below.into_iter().map(|level| Shown::of(level, depth + 1)).collect(),
            level,
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.level.name, "depth": self.depth, "pid": self.level.pid,
            "pid_outside": self.level.pid_outside, "command": self.level.command,
            "memory": self.memory, "memory_limit": self.memory_limit,
            "pids": self.pids, "pids_limit": self.pids_limit,
            "below": self.below.iter().map(Shown::json).collect::<Value>(),
        })
    }

    /// The cells of this and of all below, each after its parent.
    fn rows(&self, rows: &mut Vec<[String; 5]>) {
        let name = self.level.name.as_deref().unwrap_or("?");
        rows.push([
            format!("{}{}", "  ".repeat(self.depth - 1), printable(name)),
            self.level.pid.to_string(),
            of(binary(self.memory), self.memory_limit.map(binary)),
            of(self.pids.to_string(), self.pids_limit.map(|limit| limit.to_string())),
            printable(&self.level.command.join(" ")),
        ]);
        self.below.iter().for_each(|shown| shown.rows(rows));
    }
}

/// `12 / 64`, where there is a limit.
fn of(used: String, limit: Option<String>) -> String {
    limit.map_or(used.clone(), |limit| format!("{used} / {limit}"))
}

fn table(levels: &[Shown]) -> String {
    let mut rows = vec![["NAME", "PID", "MEMORY", "PIDS", "COMMAND"].map(str::to_owned)];
    levels.iter().for_each(|shown| shown.rows(&mut rows));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [names, pids, memory, processes] = [0, 1, 2, 3].map(width);
    let mut text = String::new();
    for [name, pid, used, count, command] in &rows {
        let _ =
            writeln!(text, "{name:names$}  {pid:>pids$}  {used:>memory$}  {count:>processes$}  {command}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(name: Option<&str>, below: Vec<Level>) -> Level {
        Level {
            name: name.map(str::to_owned),
            pid: 100,
            pid_outside: 4,
            command: vec!["sleep".to_owned(), "\u{1b}[2J".to_owned()],
            processes: 3,
            memory: 1 << 20,
            record: None,
            groups: Vec::new(),
            below,
        }
    }

    #[test]
    fn what_is_inside_is_indented_and_nothing_orders_the_terminal() {
        let shown = Shown::of(level(Some("web"), vec![level(None, vec![level(Some("deep"), vec![])])]), 1);
        assert_eq!(
            table(&[shown]),
            "NAME      PID  MEMORY  PIDS  COMMAND\nweb       100    1MiB     3  sleep \\u{1b}[2J\n  \
             ?       100    1MiB     3  sleep \\u{1b}[2J\n    deep  100    1MiB     3  sleep \\u{1b}[2J\n"
        );
    }

    #[test]
    fn json_has_the_same_shape() {
        let shown = Shown::of(level(Some("web"), vec![level(None, vec![])]), 1);
        let json = shown.json();
        assert_eq!((&json["below"][0]["depth"], &json["name"]), (&json!(2), &json!("web")));
        assert_eq!((&json["memory_limit"], &json["pids"]), (&json!(null), &json!(3)));
    }
}
