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

pub use find::{Found, all, find, find_to_join, history};
pub use group::{Forgone, Limit};

use crate::journal::beside;
use plan::container::Held;
use plan::limit::NotHeld;
use plan::{Container, Facts, Plan};
use rustix::fd::{AsRawFd, OwnedFd};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, fstat, lstat, openat, rename, unlink};
use rustix::process::getpid;
use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, Value};
use spec::Spec;
use spec::device::Rule;
use std::ffi::CStr;
use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;
use sys::{Errno, Result};

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
    /// The limits that were asked for and could not be held, where the best effort was to do.
    #[serde(default)]
    pub forgone: Vec<Forgone>,
    /// Its rules for devices: whether each allows, and what.
    pub devices: Vec<(bool, String)>,
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

    /// Its rules for devices. `None` if one cannot be read.
    pub fn rules(&self) -> Option<Vec<Rule>> {
        let rule = |(allow, text): &(bool, String)| Some(Rule { allow: *allow, ..Rule::parse(text).ok()? });
        self.devices.iter().map(rule).collect()
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
    // That of a container whose name this one has.
    let _ = unlink(&new);
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
        limits: Limit::of_plan(plan, container.scope.as_ref(), not_held),
        forgone: not_held.iter().map(Forgone::of).collect(),
        devices: spec.resources.devices.iter().map(|rule| (rule.allow, rule.to_string())).collect(),
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

/// Changes the record of the container whose first process is `init`: what others read is the one from before or the one from
/// after. Returns the file from before, for who must wait until nobody goes by that any more.
///
/// # Errors
/// Those of open(2), flock(2), write(2) and rename(2); ENOENT: there is none, since the container has ended.
pub(crate) fn change(journal: &CStr, init: i32, change: impl FnOnce(&mut Record)) -> std::io::Result<File> {
    let new = File::from(lock_new(journal)?);
    let changed = rewrite(journal, init, &new, change);
    if changed.is_err() {
        // Where the container has ended, nobody else does it.
        let _ = unlink(beside(journal, "state.new"));
    }
    changed
}

fn rewrite(journal: &CStr, init: i32, new: &File, change: impl FnOnce(&mut Record)) -> std::io::Result<File> {
    let old = open(journal)?;
    let text = all_of(&old)?;
    let mut records = Deserializer::from_slice(&text).into_iter::<Record>();
    let mut record = records.next().ok_or(Errno::NOENT)??;
    if record.init != init {
        return Err(Errno::NOENT.into());
    }
    let rest = text.get(records.byte_offset()..).unwrap_or_default();
    change(&mut record);
    new.set_len(0)?;
    (&*new).write_all(&[&serde_json::to_vec(&record)?, rest].concat())?;
    rename(beside(journal, "state.new"), beside(journal, "state"))?;
    Ok(old)
}

/// Opens and locks the file of a record that is to be: one changes it at a time.
fn lock_new(journal: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for _ in 0..100 {
        let file = openat(CWD, beside(journal, "state.new"), flags, Mode::RUSR | Mode::WUSR)?;
        flock(&file, FlockOperation::LockExclusive)?;
        // Whoever had it locked has renamed it.
        if is_at(&file, &beside(journal, "state.new")) {
            return Ok(file);
        }
    }
    Err(Errno::BUSY)
}

/// Whether `path` is still that of `file`.
fn is_at(file: &OwnedFd, path: &CStr) -> bool {
    let (Ok(found), Ok(own)) = (lstat(path), fstat(file)) else { return false };
    (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
}

/// Locks the record beside a journal for one who goes by it: who changes it waits.
pub(crate) fn hold(journal: &CStr) -> Result<OwnedFd> {
    for _ in 0..100 {
        let file = OwnedFd::from(open(journal)?);
        flock(&file, FlockOperation::LockShared)?;
        if is_at(&file, &beside(journal, "state")) {
            return Ok(file);
        }
    }
    Err(Errno::BUSY)
}

/// Waits until nobody goes by a record that has been changed.
pub(crate) fn wait_for_others(old: &File) -> Result<()> {
    flock(old, FlockOperation::LockExclusive)
}

/// Whether the record beside a journal is of a container whose first process is `init`.
pub(crate) fn is_of(journal: &CStr, init: i32) -> bool {
    read(journal).is_some_and(|record| record.init == init)
}

/// Takes away the record of the caller's own container, by which nobody can join from then on. Returns its groups, as they
/// were in the end; `None`: nothing was written down of it.
pub(crate) fn take_away(journal: &CStr) -> Option<Vec<::cgroup::Group>> {
    let record = read(journal);
    let _ = unlink(beside(journal, "state"));
    let own = record.filter(|record| record.runtime == getpid().as_raw_nonzero().get())?;
    Some(own.container()?.groups)
}

fn read(journal: &CStr) -> Option<Box<Record>> {
    let text = content(journal)?;
    // What follows it is not even looked at.
    let record: Record = Deserializer::from_slice(&text).into_iter().next()?.ok()?;
    (record.version == VERSION).then(|| Box::new(record))
}

fn content(journal: &CStr) -> Option<Vec<u8>> {
    all_of(&open(journal).ok()?).ok()
}

fn open(journal: &CStr) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    openat(CWD, beside(journal, "state"), flags, Mode::empty()).map(File::from)
}

fn all_of(file: &File) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(USUAL);
    file.take(MOST).read_to_end(&mut text)?;
    Ok(text)
}
