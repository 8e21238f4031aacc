//! The names that a container has for the ones inside. Its files are those of a stranger: nothing is followed out of it,
//! nothing is waited for, of a flood only the beginning is read, and a name is one or is ignored.

use crate::probe::state::CONTAINERS;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Dir, Mode, OFlags, ResolveFlags, openat, openat2};
use serde::Deserialize;
use serde_json::Deserializer;
use spec::Name;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Read;

/// How many records of a container are looked at.
const RECORDS: usize = 1000;

/// How many bytes of all of them are read. A usual one has some thousand.
const BYTES: u64 = 4 << 20;

/// What is taken from a record.
#[derive(Deserialize)]
struct Told {
    init: i32,
}

/// The names, by the pids of the first processes as the container has them. `command` is one of its processes.
pub(super) fn told(command: i32) -> BTreeMap<i32, String> {
    state_in(command).map_or_else(|_| BTreeMap::new(), |directory| in_directory(&directory))
}

fn in_directory(directory: &OwnedFd) -> BTreeMap<i32, String> {
    let mut names = BTreeMap::new();
    let mut left = BYTES;
    let Ok(entries) = Dir::read_from(directory) else { return names };
    for entry in entries.take(RECORDS).flatten() {
        if let Some((pid, name)) = in_file(directory, entry.file_name(), &mut left) {
            names.insert(pid, name);
        }
    }
    names
}

/// The directory of the records in the root filesystem of a process.
fn state_in(pid: i32) -> sys::Result<OwnedFd> {
    let path = CString::new(format!("/proc/{pid}/root")).unwrap_or_default();
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, path, flags, Mode::empty())?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    openat2(root, format!("run/containerception/{CONTAINERS}"), flags, Mode::empty(), inside)
}

/// The name that one record tells, and of whom. What is read is taken from `left`.
fn in_file(directory: &OwnedFd, file: &CStr, left: &mut u64) -> Option<(i32, String)> {
    let name = file.to_str().ok()?.strip_suffix(":state")?;
    Name::parse(name).ok()?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(directory, file, flags, Mode::empty()).ok()?);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    *left -= file.take(*left).read_to_end(&mut text).ok()? as u64;
    // What follows it is not even looked at.
    let told: Told = Deserializer::from_slice(&text).into_iter().next()?.ok()?;
    Some((told.init, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use testbed::scratch::Scratch;

    fn directory(scratch: &Scratch) -> OwnedFd {
        File::open(scratch.path()).expect("it is there").into()
    }

    #[test]
    fn a_name_is_told_by_the_record() {
        let scratch = Scratch::new("names").expect("a directory");
        let write = |name: &str, text: &str| fs::write(scratch.path().join(name), text).expect("write");
        write("web:state", "{\"name\":\"x\",\"init\":7}\n{\"plan\":1}");
        write("web", "{\"init\":8}");
        write("a b:state", "{\"init\":9}");
        symlink("web:state", scratch.path().join("link:state")).expect("link");
        assert_eq!(in_directory(&directory(&scratch)), [(7, "web".to_owned())].into());
    }

    /// Links cost the container nothing, and to read each of them would keep whoever asks busy for long.
    #[test]
    fn of_a_flood_of_large_records_only_the_beginning_is_read() {
        let scratch = Scratch::new("flood").expect("a directory");
        let link = |number: u32| scratch.path().join(format!("n{number}:state"));
        let large = format!("{{\"command\":[\"{}\"],\"init\":7}}", "x".repeat(800_000));
        fs::write(link(0), large).expect("write");
        (1..100).for_each(|number| fs::hard_link(link(0), link(number)).expect("link"));
        let (directory, mut left) = (directory(&scratch), BYTES);
        let told = |number: &u32| {
            let name = CString::new(format!("n{number}:state")).expect("no NUL");
            in_file(&directory, &name, &mut left).is_some()
        };
        assert_eq!((0..100).filter(told).count(), 5, "that many have room in {BYTES} bytes");
        assert_eq!(left, 0);
    }
}
