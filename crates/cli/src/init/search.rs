//! Where the dynamic loader looks for a library, in the order of ld.so(8).
//!
//! The caller's LD_LIBRARY_PATH does not count: the container will not have it. The directories of newer processors
//! (`glibc-hwcaps`) hold faster copies of what the ordinary ones hold, and are left out.

use super::elf::{Elf, Machine};
use super::executable::Executable;
use super::ldconf;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Directories of libraries on the systems that we know. Which of them a loader has built in shows only in where it
/// lies itself; so all are searched, and [`Place::Elsewhere`] corrects the difference.
const USUAL: &[&str] = &["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"];

/// A library that was found.
#[derive(Clone, Debug)]
pub struct Library {
    /// Where, as the loader would open it. Its last component may be a symbolic link.
    pub path: PathBuf,
    /// What it asks for in turn.
    pub elf: Rc<Elf>,
    /// Whether the loader will find it in a copy of these files without help.
    pub place: Place,
}

/// How a loader comes to look into the directory of a library.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The file that needs it says so, or it is built into the loader.
    Known,
    /// This machine's `/etc/ld.so.cache` says so. A copy without the cache needs a link from a known directory.
    Elsewhere,
}

/// Finds libraries, and remembers what it read.
pub struct Search {
    configured: Vec<PathBuf>,
    usual: Vec<PathBuf>,
    read: HashMap<PathBuf, Option<Rc<Elf>>>,
}

impl Search {
    /// A search as this machine's loader does it; `conf` is `/etc/ld.so.conf`.
    pub fn new(conf: &Path) -> Self {
        let usual = real(USUAL.iter().map(PathBuf::from));
        Search { configured: real(ldconf::directories(conf)), usual, read: HashMap::new() }
    }

    /// Finds `name` for a file of `machine`: in `own` (its RPATH or RUNPATH), in what is configured, in `built_in`.
    /// A name with a slash is a path (dlopen(3)).
    pub fn find(
        &mut self,
        name: &OsStr,
        machine: Machine,
        own: &[PathBuf],
        built_in: &[PathBuf],
    ) -> Option<Library> {
        if name.as_bytes().contains(&b'/') {
            let path = Path::new(name);
            return path
                .is_absolute()
                .then(|| self.library(path.to_path_buf(), machine, Place::Known))
                .flatten();
        }
        own.iter()
            .find_map(|directory| self.library(directory.join(name), machine, Place::Known))
            .or_else(|| self.find_configured(name, machine, built_in))
    }

    fn find_configured(&mut self, name: &OsStr, machine: Machine, built_in: &[PathBuf]) -> Option<Library> {
        let directories: Vec<PathBuf> =
            self.configured.iter().chain(built_in).chain(&self.usual).cloned().collect();
        directories.iter().find_map(|directory| {
            let place = if built_in.contains(directory) { Place::Known } else { Place::Elsewhere };
            self.library(directory.join(name), machine, place)
        })
    }

    /// The file at `path`, where it is one for `machine`: others the loader passes over.
    fn library(&mut self, path: PathBuf, machine: Machine, place: Place) -> Option<Library> {
        let elf = self.read.entry(path.clone()).or_insert_with(|| match Executable::read(&path) {
            Ok(Executable::Elf(elf)) => Some(Rc::new(elf)),
            _ => None,
        });
        let elf = elf.clone().filter(|elf| elf.machine == machine)?;
        Some(Library { path, elf, place })
    }
}

/// The directories that are built into a loader: the one where it lies, and its twin with or without `/usr`.
pub fn built_in(interpreter: &Path) -> Vec<PathBuf> {
    let Some(home) = interpreter.canonicalize().ok().and_then(|real| real.parent().map(Path::to_path_buf))
    else {
        return Vec::new();
    };
    let twin = match home.strip_prefix("/usr") {
        Ok(short) => Path::new("/").join(short),
        Err(_) => Path::new("/usr").join(home.strip_prefix("/").unwrap_or(&home)),
    };
    real([home, twin])
}

/// Splits a RPATH or RUNPATH, and puts the directory of its file for `$ORIGIN`. Elements that stay relative (to the
/// working directory) or ask for `$LIB` and `$PLATFORM` are left out: nothing that a distribution ships has them.
pub fn expand(list: &OsStr, origin: &Path) -> Vec<PathBuf> {
    let element = |raw: &[u8]| {
        let text = ["${ORIGIN}", "$ORIGIN"].iter().fold(raw.to_vec(), |text, token| {
            replace(&text, token.as_bytes(), origin.as_os_str().as_bytes())
        });
        let path = PathBuf::from(OsString::from_vec(text));
        (path.is_absolute() && !path.as_os_str().as_bytes().contains(&b'$')).then_some(path)
    };
    list.as_bytes().split(|byte| *byte == b':').filter_map(element).collect()
}

fn replace(text: &[u8], token: &[u8], with: &[u8]) -> Vec<u8> {
    let (mut replaced, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.windows(token.len()).position(|window| window == token) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(with);
        rest = &rest[at + token.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// The directories that are there, each by its real name and once.
fn real(directories: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for directory in directories.into_iter().filter_map(|directory| directory.canonicalize().ok()) {
        if !found.contains(&directory) {
            found.push(directory);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_directories() {
        let expanded = |list: &str| expand(OsStr::new(list), Path::new("/opt/x/bin"));
        assert_eq!(expanded("/a:/b"), ["/a", "/b"].map(PathBuf::from));
        assert_eq!(
            expanded("$ORIGIN/../lib:${ORIGIN}:$ORIGIN$ORIGIN")[..2],
            ["/opt/x/bin/../lib", "/opt/x/bin"].map(PathBuf::from)
        );
        assert_eq!(expanded("::relative:$LIB:/usr/$LIB:$PLATFORM/x"), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_path_of_nothing_but_tokens_does_not_overflow_the_stack() {
        let list = "$ORIGIN".repeat(9_000);
        assert_eq!(expand(OsStr::new(&list), Path::new("/")).len(), 1);
    }

    #[test]
    fn a_loader_knows_the_directory_where_it_lies() {
        let Ok(Executable::Elf(sh)) = Executable::read(Path::new("/bin/sh")) else {
            panic!("/bin/sh is no program")
        };
        let Some(interpreter) = sh.interpreter else { return };
        let home = interpreter.canonicalize().unwrap();
        assert!(built_in(&interpreter).contains(&home.parent().unwrap().to_path_buf()));
        assert!(built_in(Path::new("/no/such/loader")).is_empty());
    }
}
