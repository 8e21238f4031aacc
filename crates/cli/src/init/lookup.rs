//! Finding programs by name, and the nearest name of one that is not there.

use rustix::fs::{Access, access};
use spec::near::nearest;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where programs are found inside: the PATH of a container that says nothing else.
pub const STANDARD: &[&str] =
    &["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Directories, searched in order.
pub struct Lookup {
    directories: Vec<PathBuf>,
}

impl Lookup {
    /// For what is copied anyway: the system's own programs, before what the caller's PATH puts in front of them.
    pub fn system() -> Self {
        Lookup { directories: standard().chain(path()).collect() }
    }

    /// For what the caller names: found as the caller's shell does, then in `sbin`, which users lack in PATH.
    pub fn caller() -> Self {
        Lookup { directories: path().chain(standard()).collect() }
    }

    /// The program that `name` means: a name is looked up, a path (one with a slash) is taken as it is.
    pub fn find(&self, name: &OsStr) -> Option<PathBuf> {
        if name.is_empty() {
            return None;
        }
        if is_path(name) {
            return std::path::absolute(name).ok().filter(|path| is_program(path));
        }
        self.directories.iter().map(|directory| directory.join(name)).find(|path| is_program(path))
    }

    /// The program whose name is nearest to `name`, if one is near enough to be meant.
    pub fn near(&self, name: &OsStr) -> Option<String> {
        let wanted = Path::new(name).file_name()?.to_str()?;
        let parent = Path::new(name).parent().filter(|_| is_path(name)).map(Path::to_path_buf);
        let directories = parent.as_ref().map_or(self.directories.as_slice(), std::slice::from_ref);
        let names =
            directories.iter().flat_map(|directory| fs::read_dir(directory).into_iter().flatten().flatten());
        let mut names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        // A directory has no order of its own; of equally near names it shall always be the same.
        names.sort();
        nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// Whether a word is a path rather than a name to be looked up (execvp(3)).
pub fn is_path(name: &OsStr) -> bool {
    name.as_bytes().contains(&b'/')
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file()) && access(path, Access::EXEC_OK).is_ok()
}

fn standard() -> impl Iterator<Item = PathBuf> {
    STANDARD.iter().map(PathBuf::from)
}

/// The directories of PATH; relative ones would make the result depend on where the caller stands.
fn path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).filter(|directory| directory.is_absolute()).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::tests::Scratch;

    #[test]
    fn names_and_paths() {
        let scratch = Scratch::new("lookup");
        let program = scratch.program("hello", "#!/bin/sh\n");
        scratch.file("data", "x");
        let lookup = Lookup { directories: vec![scratch.0.clone()] };
        assert_eq!(lookup.find(OsStr::new("hello")), Some(program.clone()));
        assert_eq!(lookup.find(program.as_os_str()), Some(program));
        for nothing in ["", "data", "hullo", ".", "/", "/no/such/program"] {
            assert_eq!(lookup.find(OsStr::new(nothing)), None, "{nothing:?}");
        }
    }

    #[test]
    fn near_names() {
        let scratch = Scratch::new("near");
        scratch.program("hello", "");
        let lookup = Lookup { directories: vec![scratch.0.clone()] };
        assert_eq!(lookup.near(OsStr::new("helo")).as_deref(), Some("hello"));
        assert_eq!(lookup.near(scratch.0.join("hallo").as_os_str()).as_deref(), Some("hello"));
        assert_eq!(lookup.near(OsStr::new("x")), None, "everything is near to a name of one letter");
        assert_eq!(lookup.near(OsStr::new("")), None);
        assert_eq!(lookup.near(OsStr::new("..")), None);
    }
}
