//! `events`: what happens to a container.

use crate::options::Format;
use cgroup::events::{Count, Event, Watch};
use plan::Container;
use run::events::{Exit, Listener};
use serde_json::{Value, json};
use spec::catalogue::NO_SUCH_CONTAINER;
use spec::error::{Error, Result, reason};
use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long to wait before it is looked whether the container has other groups, or has ended.
const PERIOD: Duration = Duration::from_secs(1);

/// How long the runtime may take to say how it ended.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(10);

/// Tells what happens to the container `name`, until it ends.
pub fn events(name: &str, format: Format) -> Result<()> {
    let (record, mut container) = super::container(name)?;
    let cannot = |why: String| {
        Error::new(NO_SUCH_CONTAINER, format!("{name} cannot be watched"))
            .why(why)
            .fix("containerception ps shows what runs")
    };
    let mut listener = Listener::new(&container).map_err(|error| cannot(reason(&error)))?;
    let mut watch = Watch::new(&container.groups).map_err(|errno| cannot(reason(&errno)))?;
    let mut teller = Teller { name, age: record.age(), begun: Instant::now(), format };
    loop {
        let events = watch.wait(PERIOD).map_err(|errno| cannot(reason(&errno)))?;
        if !events.iter().all(|event| teller.tell(&counted(*event))) {
            return Ok(());
        }
        if events.contains(&Event::Ended) || super::container(name).is_err() {
            if let Some(exit) = awaited(&mut listener) {
                teller.tell(&exited(&exit));
            }
            return Ok(());
        }
        if let Some(other) = regrouped(name, &container) {
            container = other;
            watch.go_on_with(&container.groups);
        }
    }
}

/// The container, if it has other groups by now, such as the one by which it is paused.
fn regrouped(name: &str, known: &Container) -> Option<Container> {
    let (_, container) = super::container(name).ok()?;
    (container.groups != known.groups).then_some(container)
}

fn awaited(listener: &mut Listener) -> Option<Exit> {
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        if let Some(exit) = listener.exit() {
            return Some(exit);
        }
        sleep(LOOK);
    }
    None
}

fn counted(event: Event) -> Value {
    match event {
        Event::Oom(Count { new, total })
        | Event::OomKill(Count { new, total })
        | Event::MemoryMax(Count { new, total })
        | Event::MemoryHigh(Count { new, total })
        | Event::PidsMax(Count { new, total }) => {
            json!({ "event": event.to_string(), "new": new, "total": total })
        }
        Event::Frozen | Event::Thawed | Event::Ended => json!({ "event": event.to_string() }),
    }
}

fn exited(exit: &Exit) -> Value {
    json!({
        "event": "exited", "status": exit.status, "killed": exit.killed, "limit": exit.limit, "kills": exit.kills,
        "by_somebody": exit.by_somebody,
    })
}

struct Teller<'a> {
    name: &'a str,
    /// How long the container had run when this began.
    age: Duration,
    begun: Instant,
    format: Format,
}

impl Teller<'_> {
    /// Whether somebody still reads.
    fn tell(&mut self, event: &Value) -> bool {
        let seconds = (self.age + self.begun.elapsed()).as_secs_f64();
        let mut event = event.clone();
        event["name"] = self.name.into();
        event["seconds"] = seconds.into();
        let line = match self.format {
            Format::Json => event.to_string(),
            Format::Text => words(&event),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
    }
}

/// An event as a line for people.
fn words(event: &Value) -> String {
    let number = |key: &str| event[key].as_u64().unwrap_or(0);
    let times = |what: &str| format!("{what}: {} more, {} in all", number("new"), number("total"));
    match event["event"].as_str().unwrap_or_default() {
        "oom" => times("no memory was left within the limit"),
        "oom_kill" => times("processes ended by the kernel for want of memory"),
        "memory_max" => times("the limit of memory was reached"),
        "memory_high" => times("slowed down for its memory"),
        "pids_max" => times("forks refused by the limit of processes"),
        "frozen" => "paused".to_owned(),
        "thawed" => "resumed".to_owned(),
        "exited" => {
            let by = match (event["killed"].is_string(), event["by_somebody"] == true) {
                (true, true) => {
                    ", by containerception kill; the kernel had ended processes before, for want of memory"
                }
                (true, false) => ", killed by the kernel for want of memory",
                (false, _) => "",
            };
            format!("ended with status {}{by}", number("status"))
        }
        other => other.to_owned(),
    }
}
