//! How a container stands at a moment, and what has happened between two of them.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::Errno;

use super::{Count, Event};
use crate::controller::{Controller, Group};
use crate::death;
use crate::events_file::EventsFile;
use crate::members;
use crate::opened::{Files, Opened};
use crate::text::{flat, number};

/// Counters and states; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sample {
    oom: Option<u64>,
    oom_kill: Option<u64>,
    memory_max: Option<u64>,
    memory_high: Option<u64>,
    pids_max: Option<u64>,
    frozen: bool,
    populated: bool,
    /// The last process has left, or the groups have gone.
    pub(super) ended: bool,
}

impl Sample {
    /// Looks at `groups`; none if one of them has gone.
    pub(super) fn take(groups: &[Group]) -> Result<Option<Sample>, Errno> {
        let opened = match Opened::open(groups) {
            Ok(opened) => opened,
            Err(unread) if unread.is_gone() => return Ok(None),
            Err(unread) => return Err(unread.errno),
        };
        let sample =
            Sample { frozen: is_frozen(&opened), populated: is_populated(&opened), ..counters(&opened) };
        Ok(opened.are_there().is_ok().then_some(sample))
    }

    /// The same, but its groups have gone.
    pub(super) fn gone(self) -> Sample {
        Sample { ended: true, ..self }
    }

    /// What has happened since `last`.
    pub(super) fn since(&self, last: &Sample) -> Vec<Event> {
        let counted = [
            count(last.memory_high, self.memory_high).map(Event::MemoryHigh),
            count(last.memory_max, self.memory_max).map(Event::MemoryMax),
            count(last.oom, self.oom).map(Event::Oom),
            count(last.oom_kill, self.oom_kill).map(Event::OomKill),
            count(last.pids_max, self.pids_max).map(Event::PidsMax),
        ];
        let states = [
            (self.frozen && !last.frozen).then_some(Event::Frozen),
            (!self.frozen && last.frozen).then_some(Event::Thawed),
            self.has_ended(last).then_some(Event::Ended),
        ];
        counted.into_iter().chain(states).flatten().collect()
    }

    fn has_ended(&self, last: &Sample) -> bool {
        self.ended || last.populated && !self.populated
    }
}

/// A counter of v1 may have been set back by somebody: then nothing has happened.
fn count(last: Option<u64>, total: Option<u64>) -> Option<Count> {
    let new = total?.checked_sub(last.unwrap_or(0)).filter(|&new| new > 0)?;
    Some(Count { new, total: total? })
}

fn counters(opened: &Opened<'_>) -> Sample {
    let memory = match opened.v1(Controller::Memory) {
        Some(files) => legacy(|name| files.text(name)),
        None => unified(|name| opened.v2()?.text(name)),
    };
    let pids = opened.v1(Controller::Pids).or_else(|| opened.v2());
    let pids_max = pids.and_then(|files| flat(&files.text("pids.events")?, "max"));
    Sample { oom_kill: death::kills(opened), pids_max, ..memory }
}

fn unified(file: impl Fn(&str) -> Option<String>) -> Sample {
    let events = file("memory.events").unwrap_or_default();
    Sample {
        oom: flat(&events, "oom"),
        memory_max: flat(&events, "max"),
        memory_high: flat(&events, "high"),
        ..Sample::default()
    }
}

fn legacy(file: impl Fn(&str) -> Option<String>) -> Sample {
    Sample { memory_max: file("memory.failcnt").as_deref().and_then(number), ..Sample::default() }
}

/// By the v2 group, or by the v1 controller.
fn is_frozen(opened: &Opened<'_>) -> bool {
    let v1 = opened.v1(Controller::Freezer).and_then(|files| files.text("freezer.state"));
    v1.is_some_and(|state| state.trim_end() == "FROZEN")
        || opened.v2().is_some_and(|files| is(files, "frozen"))
}

/// Whether somebody is in it. All groups of a container have the same members.
fn is_populated(opened: &Opened<'_>) -> bool {
    match opened.v2() {
        Some(files) => is(files, "populated"),
        None => opened.iter().any(|(_, group)| has_members(group)),
    }
}

fn is(files: Files<'_>, key: &str) -> bool {
    EventsFile::open(files.group()).and_then(|mut events| events.is(key)).unwrap_or(false)
}

fn has_members(group: BorrowedFd<'_>) -> bool {
    let all = group.as_fd().try_clone_to_owned().ok().and_then(|group| members::all(group).ok());
    all.is_some_and(|members| !members.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &str = "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\n";

    #[test]
    fn counters_are_told_by_their_growth() {
        let last = unified(|_| Some(EVENTS.to_owned()));
        let now = Sample { oom: Some(5), memory_high: Some(9), pids_max: Some(1), ..last };
        let expected = [
            Event::MemoryHigh(Count { new: 8, total: 9 }),
            Event::Oom(Count { new: 2, total: 5 }),
            Event::PidsMax(Count { new: 1, total: 1 }),
        ];
        assert_eq!(now.since(&last), expected);
        assert_eq!(last.since(&last), []);
    }

    #[test]
    fn what_was_set_back_or_is_not_counted_any_more_is_nothing() {
        let last = Sample { memory_max: Some(7), pids_max: Some(7), ..Sample::default() };
        let now = Sample { memory_max: Some(0), ..Sample::default() };
        assert_eq!(now.since(&last), []);
    }

    #[test]
    fn states_are_told_by_their_change() {
        let lives = Sample { populated: true, ..Sample::default() };
        let frozen = Sample { frozen: true, ..lives };
        assert_eq!(frozen.since(&lives), [Event::Frozen]);
        assert_eq!(frozen.since(&frozen), []);
        assert_eq!(lives.since(&frozen), [Event::Thawed]);
        assert_eq!(Sample::default().since(&lives), [Event::Ended]);
        assert_eq!(Sample { ended: true, ..lives }.since(&lives), [Event::Ended]);
        assert_eq!(lives.since(&Sample::default()), [], "one that begins has not ended");
    }

    #[test]
    fn v1_counts_failures() {
        let sample = legacy(|name| (name == "memory.failcnt").then(|| "12\n".to_owned()));
        assert_eq!((sample.memory_max, sample.oom), (Some(12), None));
    }
}
