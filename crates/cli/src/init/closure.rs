//! The libraries of a program, and their libraries, as the dynamic loader collects them.
//!
//! Its own algorithm: breadth first, and a name that is loaded is not looked for again (so that a library without a
//! RUNPATH finds what its program's RUNPATH brought in). Files hold finitely many names, so it ends.

use super::elf::Elf;
use super::names::OPENED_LATER;
use super::search::{Library, Search, built_in, expand};
use std::collections::{BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What a program needs beside itself.
#[derive(Default, Debug)]
pub struct Closure {
    /// Its libraries, without the loader.
    pub libraries: Vec<Library>,
    /// Names that no directory has. The program will not start.
    pub missing: Vec<OsString>,
    /// The loader's first built-in directory: where a link helps it to a library that lies elsewhere.
    pub link_to: Option<PathBuf>,
}

/// A file that the loader has mapped, and where it looks for what that file needs.
struct Object {
    elf: Rc<Elf>,
    /// Its RPATH, then that of the object that needed it, and so on. A RUNPATH is not inherited.
    rpath: Vec<PathBuf>,
    runpath: Option<Vec<PathBuf>>,
}

impl Object {
    fn new(elf: Rc<Elf>, origin: &Path, inherited: &[PathBuf]) -> Self {
        let list = |raw: &Option<OsString>| raw.as_deref().map(|raw| expand(raw, origin));
        let runpath = list(&elf.runpath);
        // ld.so(8): an object that has a RUNPATH ignores its RPATH.
        let own = if runpath.is_some() { None } else { list(&elf.rpath) };
        let rpath = own.unwrap_or_default().into_iter().chain(inherited.iter().cloned()).collect();
        Object { elf, rpath, runpath }
    }

    fn directories(&self) -> &[PathBuf] {
        self.runpath.as_deref().unwrap_or(&self.rpath)
    }
}

/// The closure of the program at `path`, which is a real path: `$ORIGIN` is its directory.
pub fn of(path: &Path, elf: Elf, search: &mut Search) -> Closure {
    let built_in = elf.interpreter.as_deref().map(built_in).unwrap_or_default();
    let link_to = built_in.first().cloned();
    let program = Object::new(Rc::new(elf), directory_of(path), &[]);
    let mut loader = Loader {
        search,
        built_in,
        names: BTreeSet::new(),
        queue: VecDeque::new(),
        found: Closure { link_to, ..Closure::default() },
    };
    loader.load_needed(&program);
    loader.drain();
    if program.elf.interpreter.is_some() {
        loader.load_later(&program);
    }
    loader.found
}

struct Loader<'a> {
    search: &'a mut Search,
    built_in: Vec<PathBuf>,
    names: BTreeSet<OsString>,
    queue: VecDeque<Object>,
    found: Closure,
}

impl Loader<'_> {
    fn drain(&mut self) {
        while let Some(object) = self.queue.pop_front() {
            self.load_needed(&object);
        }
    }

    fn load_needed(&mut self, object: &Object) {
        for name in &object.elf.needed {
            if self.names.insert(name.clone()) && !self.load(name, object) {
                self.found.missing.push(name.clone());
            }
        }
    }

    /// What the C library may open later: copied where it is, no loss where it is not.
    fn load_later(&mut self, program: &Object) {
        for name in OPENED_LATER.iter().map(OsString::from) {
            if self.names.insert(name.clone()) && self.load(&name, program) {
                self.drain();
            }
        }
    }

    fn load(&mut self, name: &OsStr, object: &Object) -> bool {
        let found = self.search.find(name, object.elf.machine, object.directories(), &self.built_in);
        let Some(library) = found else { return false };
        self.queue.push_back(Object::new(library.elf.clone(), directory_of(&library.path), &object.rpath));
        self.found.libraries.push(library);
        true
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}
