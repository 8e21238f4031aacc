//! Reading the host: from names of programs to everything that they need. Nothing is written here.

use super::closure;
use super::data;
use super::elf::Elf;
use super::executable::{Executable, Interpreter};
use super::lookup::{Lookup, STANDARD, is_path};
use super::manifest::{Entry, Manifest};
use super::names::{GROUPS, REQUIRED};
use super::search::{Library, Place, Search};
use super::skeleton;
use super::text::shown;
use spec::catalogue::PROGRAM_NOT_FOUND;
use spec::error::{Error, Result, reason};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// Every container mounts these anew: what a tree holds below them is never seen.
const COVERED: &[&str] = &["/dev", "/proc", "/sys"];

/// What is to be written, and what is to be told about it.
pub struct Collection {
    /// Every file of the tree.
    pub manifest: Manifest,
    /// How many programs were asked for and are there, the usual ones among them.
    pub programs: usize,
    /// How many files the loader will open for them, itself included.
    pub libraries: usize,
    /// What a person should know, a line each.
    pub notes: Vec<String>,
}

/// Collects the usual programs and those that the caller names.
///
/// # Errors
/// `PROGRAM_NOT_FOUND` where a named program, or `sh`, is not there or cannot be read.
pub fn collect(named: &[OsString]) -> Result<Collection> {
    let mut collector = Collector::new();
    let lookup = Lookup::caller();
    let mut selected = BTreeSet::new();
    for name in named {
        let path = lookup.find(name).ok_or_else(|| not_found(name, &lookup))?;
        collector.selected(&path).map_err(|error| unusable(&path, &error))?;
        selected.insert(path);
    }
    selected.extend(collector.usual()?);
    collector.follow();
    data::add(&mut collector.manifest);
    Ok(collector.finish(selected.len()))
}

fn not_found(name: &OsStr, lookup: &Lookup) -> Error {
    let error = Error::new(
        PROGRAM_NOT_FOUND,
        format!("{} is not a program of this machine", shown(Path::new(name))),
    )
    .why(if is_path(name) {
        "no executable file lies there; nothing was written"
    } else {
        "neither PATH nor the sbin directories have an executable file of this name; nothing was written"
    });
    match lookup.near(name) {
        Some(near) => error.fix(format!("did you mean {}?", shown(Path::new(&near)))),
        None => error.fix("install it, or give the path of the program"),
    }
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Error::new(PROGRAM_NOT_FOUND, format!("{} cannot be copied", shown(path)))
        .why(format!("{}; nothing was written", reason(error)))
        .fix("name another program, or leave it out")
}

/// The work in hand.
pub struct Collector {
    /// What was found so far.
    pub manifest: Manifest,
    search: Search,
    lookup: Lookup,
    /// Interpreters of scripts that wait for their turn.
    queue: Vec<PathBuf>,
    seen: BTreeSet<PathBuf>,
    libraries: BTreeSet<PathBuf>,
    notes: Vec<String>,
}

impl Collector {
    /// With the part of the tree that is the same everywhere.
    pub fn new() -> Self {
        let mut manifest = Manifest::default();
        skeleton::set(&mut manifest);
        for alias in skeleton::ALIASES {
            manifest.add_optional(Path::new(alias));
        }
        Collector {
            manifest,
            search: Search::new(Path::new("/etc/ld.so.conf")),
            lookup: Lookup::system(),
            queue: Vec::new(),
            seen: BTreeSet::new(),
            libraries: BTreeSet::new(),
            notes: Vec::new(),
        }
    }

    /// The usual programs that are here; one line tells of the others.
    fn usual(&mut self) -> Result<Vec<PathBuf>> {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for name in GROUPS.iter().copied().flatten() {
            match self.lookup.find(OsStr::new(name)).filter(|path| self.selected(path).is_ok()) {
                Some(path) => found.push(path),
                None if *name == REQUIRED => return Err(not_found(OsStr::new(name), &self.lookup)),
                None => missing.push(*name),
            }
        }
        if !missing.is_empty() {
            self.notes.push(format!("left out, as this machine does not have them: {}", missing.join(", ")));
        }
        Ok(found)
    }

    /// A program that shall be found by name. One from outside the standard directories keeps its path, on which
    /// `$ORIGIN` and its own settings may depend, and gets a link in `/usr/local/bin`.
    fn selected(&mut self, path: &Path) -> io::Result<()> {
        let is_standard =
            path.parent().is_some_and(|parent| STANDARD.iter().any(|known| Path::new(known) == parent));
        if is_standard {
            return self.program(path);
        }
        let real = path.canonicalize()?;
        self.program(&real)?;
        if let Some(name) = path.file_name() {
            self.manifest.set(Path::new("/usr/local/bin").join(name), Entry::Symlink { target: real });
        }
        Ok(())
    }

    fn program(&mut self, path: &Path) -> io::Result<()> {
        let real = path.canonicalize()?;
        if let Some(covered) = COVERED.iter().find(|covered| real.starts_with(covered)) {
            let why = format!("it lies below {covered}, which every container mounts anew");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let executable = Executable::read(&real)?;
        self.manifest.add(path)?;
        if self.seen.insert(real.clone()) {
            match executable {
                Executable::Elf(elf) => self.elf(&real, elf),
                Executable::Script(interpreter) => self.script(&real, interpreter),
                Executable::Other => {}
            }
        }
        Ok(())
    }

    fn elf(&mut self, real: &Path, elf: Elf) {
        if let Some(interpreter) = &elf.interpreter {
            match self.manifest.add(interpreter) {
                Ok(found) => drop(self.libraries.insert(found)),
                Err(_) => self.will_not_start(real, interpreter),
            }
        }
        let closure = closure::of(real, elf, &mut self.search);
        for library in &closure.libraries {
            self.library(library, closure.link_to.as_deref());
        }
        for name in &closure.missing {
            self.will_not_start(real, Path::new(name));
        }
    }

    /// Adds a library. Where only this machine's `ld.so.cache` leads to it, a link in a directory that the loader has
    /// built in leads to it in the tree: the cache lists hundreds of libraries that are not there, and would have to be
    /// made again for each that is added.
    pub fn library(&mut self, library: &Library, link_to: Option<&Path>) {
        match self.manifest.add(&library.path) {
            Ok(real) => drop(self.libraries.insert(real)),
            Err(error) => {
                self.notes.push(format!("{} was left out: {}", shown(&library.path), reason(&error)))
            }
        }
        if let (Place::Elsewhere, Some(directory), Some(name)) =
            (library.place, link_to, library.path.file_name())
        {
            self.manifest.set(directory.join(name), Entry::Symlink { target: library.path.clone() });
        }
    }

    fn script(&mut self, real: &Path, interpreter: Interpreter) {
        if let Some(name) = &interpreter.by_env {
            match self.lookup.find(name) {
                Some(path) if self.selected(&path).is_ok() => {}
                _ => self.will_not_start(real, Path::new(name)),
            }
        }
        if interpreter.path.exists() {
            self.queue.push(interpreter.path);
        } else {
            self.will_not_start(real, &interpreter.path);
        }
    }

    /// Interpreters may be scripts in turn. Each file is looked at once, so this ends.
    fn follow(&mut self) {
        while let Some(path) = self.queue.pop() {
            if let Err(error) = self.program(&path) {
                self.notes.push(format!("{} was left out: {}", shown(&path), reason(&error)));
            }
        }
    }

    fn will_not_start(&mut self, program: &Path, lacks: &Path) {
        self.notes.push(format!(
            "{} needs {}, which this machine does not have",
            shown(program),
            shown(lacks)
        ));
    }

    fn finish(self, programs: usize) -> Collection {
        Collection { manifest: self.manifest, programs, libraries: self.libraries.len(), notes: self.notes }
    }
}
