//! Finds containers by their records: all that run, or one by its name.

use super::{History, Record, content, hold, read};
use crate::diagnose::unprepared;
use crate::journal::is_locked;
use crate::probe::state::{self, CONTAINERS};
use crate::rule;
use rustix::fd::OwnedFd;
use serde_json::{Deserializer, Value};
use spec::Name;
use spec::catalogue::{NO_SUCH_CONTAINER, STATE_DIRECTORY};
use spec::error::{Error, Result, reason};
use spec::near::nearest;
use std::ffi::{CStr, CString};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long one looks for the record of a container that has just started, and how often. A busy or emulated machine takes
/// seconds for what is done in milliseconds elsewhere.
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN: Duration = Duration::from_millis(10);

/// A container of this user, as it is found.
#[derive(Debug)]
pub enum Found {
    /// With its record.
    Runs(Box<Record>),
    /// It has just begun, or its record could not be written.
    Begins(String),
}

/// The containers of this user that run, by name.
///
/// # Errors
/// `STATE_DIRECTORY`: it is not this user's alone, or cannot be read.
pub fn all() -> Result<Vec<Found>> {
    let mut names: Vec<String> = names()?;
    names.sort();
    names
        .into_iter()
        .map(|name| Ok(read(&path_of(&name)?).map_or(Found::Begins(name), Found::Runs)))
        .collect()
}

/// The names of the containers of this user that run.
fn names() -> Result<Vec<String>> {
    let uid = rustix::process::geteuid().as_raw();
    let root = state::root(uid)?;
    let directory = std::path::Path::new(std::ffi::OsStr::new(&*root.to_string_lossy())).join(CONTAINERS);
    let entries = match std::fs::read_dir(&directory) {
        // Nothing ran since the machine was started.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let what = format!("the state directory {} cannot be read", directory.display());
            return Err(Error::new(STATE_DIRECTORY, what).why(reason(&error)).fix(
                "dmesg shows if a disk has failed; XDG_RUNTIME_DIR chooses another directory, but for root",
            ));
        }
        Ok(entries) => entries,
    };
    state::check(&root, uid)?;
    let name = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok().filter(|name| Name::parse(name).is_ok())?;
        is_locked(&path_of(&name).ok()?).ok()?.then_some(name)
    };
    Ok(entries.flatten().filter_map(name).collect())
}

pub(super) fn path_of(name: &str) -> Result<CString> {
    let root = state::root(rustix::process::geteuid().as_raw())?;
    let path = [root.to_bytes(), b"/", CONTAINERS.as_bytes(), b"/", name.as_bytes()].concat();
    CString::new(path).map_err(|_| {
        Error::new(STATE_DIRECTORY, "its path contains a NUL byte")
            .fix("set XDG_RUNTIME_DIR to a directory of your own")
    })
}

/// The record of the container `name`. One that has just begun is waited for.
///
/// # Errors
/// `NO_SUCH_CONTAINER`, with the name that is nearest.
pub fn find(name: &Name) -> Result<Record> {
    look(name, |path| read(path).map(|record| *record))
}

/// The same, with the record locked, for one who goes by it until it has joined: who changes it waits.
///
/// # Errors
/// As [`find`].
pub fn find_to_join(name: &Name) -> Result<(Record, OwnedFd)> {
    look(name, |path| {
        let held = hold(path).ok()?;
        Some((*read(path)?, held))
    })
}

fn look<T>(name: &Name, read: impl Fn(&CStr) -> Option<T>) -> Result<T> {
    let path = path_of(name.as_str())?;
    // What is not there now may be somebody else's in a moment.
    if !state_is_own()? {
        return Err(missing(name.as_str()));
    }
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if !is_locked(&path).map_err(unprepared)? {
            return Err(missing(name.as_str()));
        }
        if let Some(record) = read(&path) {
            return Ok(record);
        }
        sleep(BETWEEN);
    }
    Err(Error::new(NO_SUCH_CONTAINER, format!("{} runs, but nothing is written down of it", name.as_str()))
        .why("the state directory had no room for that, or the container is still being made")
        .fix("try again; df shows whether it is full"))
}

/// Nobody else's word is taken for what runs: in `/tmp` anybody may make the directory while there is none (R16). Once it is
/// this user's, nobody else can put another in its place. False: there is none.
fn state_is_own() -> Result<bool> {
    if !rule::holds("state") {
        return Ok(true);
    }
    let uid = rustix::process::geteuid().as_raw();
    let root = state::root(uid)?;
    match rustix::fs::stat(&root) {
        Err(rustix::io::Errno::NOENT) => Ok(false),
        _ => state::check(&root, uid).map(|_| true),
    }
}

fn missing(name: &str) -> Error {
    let names = names().unwrap_or_default();
    let error = Error::new(NO_SUCH_CONTAINER, format!("no container {name} runs"));
    if names.is_empty() {
        return error
            .why("no container of this user runs")
            .fix("start one: containerception run --name NAME COMMAND");
    }
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return error.fix(format!("did you mean {near}? containerception ps shows what runs"));
    }
    let shown: Vec<&str> = names.iter().map(String::as_str).take(8).collect();
    error.fix(format!("there are: {}; containerception ps shows more", shown.join(", ")))
}

/// How the container of `record` came about.
///
/// # Errors
/// `NO_SUCH_CONTAINER`: it has ended meanwhile.
pub fn history(record: &Record) -> Result<History> {
    let text = content(&path_of(&record.name)?).unwrap_or_default();
    let mut both = Deserializer::from_slice(&text).into_iter::<Value>().skip(1);
    let history = both.next().and_then(std::result::Result::ok);
    history.and_then(|value| serde_json::from_value(value).ok()).ok_or_else(|| missing(&record.name))
}
