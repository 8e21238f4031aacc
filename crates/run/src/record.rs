//! The record of a container that runs: what others need to look into it, as JSON in a file beside its journal; and in
//! that file's second line, how it came about.
//!
//! Written once it has lived for a moment, and read by whoever is the same user: `ps`, `exec`, `kill`, `inspect`. It is
//! believed as the journal is: the directory is the user's alone (R16), and the journal's lock says that it is true now.
//! Text that is not UTF-8 loses what is not.

mod find;
mod group;
mod known;
mod view;

pub use find::{Found, all, find, history};
pub use group::Limit;

use crate::cgroup::NotHeld;
use crate::journal::beside;
use plan::container::Held;
use plan::{Container, Facts, Plan};
use rustix::fd::{AsRawFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat, rename, unlink};
use rustix::process::getpid;
use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, Value};
use spec::Spec;
use std::ffi::CStr;
use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

/// The version of the format.
const VERSION: u32 = 2;
/// The most bytes that are read (R9).
const MOST: u64 = 16 << 20;
/// More than most records have: they are read at once.
const USUAL: usize = 32 << 10;

/// What is written down of a container.
#[derive(Serialize, Deserialize, Debug)]
pub struct Record {
    /// The version of the format.
    pub version: u32,
    /// The container's name.
    pub name: String,
    /// Its first process, by its pid outside.
    pub init: i32,
    /// The runtime that supervises it.
    pub runtime: i32,
    /// When it was written down, in nanoseconds since the machine was started (CLOCK_BOOTTIME), which no clock that is set
    /// changes.
    pub since: u64,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// The limits that were asked for, and not forgone.
    pub limits: Vec<Limit>,
    /// What it takes to start another command in it.
    pub container: known::Known,
}

/// How a container came about. It stands behind the record and is most of the text; only who prints it parses it.
#[derive(Serialize, Deserialize, Debug)]
pub struct History {
    /// What was asked for.
    pub spec: Value,
    /// What the host was.
    pub facts: Value,
    /// What was done.
    pub plan: Value,
}

impl Record {
    /// What another command needs to know. `None` if the record contradicts itself.
    pub fn container(&self) -> Option<Container> {
        self.container.read(&self.name, self.init, self.runtime)
    }

    /// How long it has run, as far as its record tells.
    pub fn age(&self) -> Duration {
        Duration::from_nanos(now().saturating_sub(self.since))
    }
}

fn now() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}

/// What is known of a container that was made.
#[derive(Clone, Copy)]
pub(crate) struct Made<'a> {
    pub spec: &'a Spec,
    pub facts: &'a Facts,
    pub plan: &'a Plan,
    /// What it goes without.
    pub not_held: &'a [NotHeld],
}

/// Writes the record of a container. A container of which nothing can be written down, for want of space, runs on; others
/// see that it runs, and no more.
pub(crate) fn write(made: &Made<'_>, init: i32, held: &[OwnedFd]) {
    let Made { spec, facts, .. } = *made;
    if !sys::memory::has_room(room(spec)) {
        return;
    }
    let (new, path) = (beside(&facts.state.journal, "state.new"), beside(&facts.state.journal, "state"));
    let text = text_of(made, init, held);
    let written = text.ok().and_then(|text| put(&new, &text).ok());
    if written.is_none_or(|()| rename(&new, &path).is_err()) {
        let _ = unlink(&new);
    }
}

/// More than it takes to make a record: the words of the command and its environment stand in several of its parts, each
/// of which is made as a value and as text.
fn room(spec: &Spec) -> usize {
    let words = spec.command.iter().chain(&spec.environment);
    (1 << 20) + 16 * words.map(|word| word.count_bytes()).sum::<usize>()
}

fn text_of(made: &Made<'_>, init: i32, held: &[OwnedFd]) -> serde_json::Result<Vec<u8>> {
    let Made { spec, facts, plan, not_held } = *made;
    let runtime = getpid().as_raw_nonzero().get();
    let descriptors: Vec<i32> = held.iter().map(AsRawFd::as_raw_fd).collect();
    let held = (!descriptors.is_empty()).then_some(Held { runtime, descriptors });
    let container = Container::of(spec, facts, plan, init, held);
    let record = Record {
        version: VERSION,
        name: facts.state.id.clone(),
        init,
        runtime,
        since: now(),
        command: spec.command.iter().map(|word| view::text(word)).collect(),
        limits: Limit::of_plan(plan, not_held),
        container: known::Known::of(&container),
    };
    let history = History { spec: view::spec(spec), facts: view::facts(facts), plan: view::plan(plan) };
    let mut text = serde_json::to_vec(&record)?;
    text.push(b'\n');
    serde_json::to_writer(&mut text, &history)?;
    Ok(text)
}

fn put(path: &CStr, text: &[u8]) -> std::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    File::from(openat(CWD, path, flags, Mode::RUSR | Mode::WUSR)?).write_all(text)
}

/// Whether the record beside a journal is of a container whose first process is `init`.
pub(crate) fn is_of(journal: &CStr, init: i32) -> bool {
    read(journal).is_some_and(|record| record.init == init)
}

fn read(journal: &CStr) -> Option<Box<Record>> {
    let text = content(journal)?;
    // What follows it is not even looked at.
    let record: Record = Deserializer::from_slice(&text).into_iter().next()?.ok()?;
    (record.version == VERSION).then(|| Box::new(record))
}

fn content(journal: &CStr) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, beside(journal, "state"), flags, Mode::empty()).ok()?);
    let mut text = Vec::with_capacity(USUAL);
    file.take(MOST).read_to_end(&mut text).ok()?;
    Some(text)
}
