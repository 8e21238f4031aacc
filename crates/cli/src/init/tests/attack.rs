//! Rule R1: a tree that a container wrote is not trusted. Each test leaves what root inside could leave.

use super::Scratch;
use crate::init::init;
use crate::init::manifest::Entry;
use crate::init::marker::MARKER;
use crate::init::tree::{UNFINISHED, make_file, write};
use rustix::fs::{Mode, OFlags, open};
use spec::catalogue::INIT_REFUSED;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// A tree, and a directory of the host beside it that must stay as it is.
struct Prey {
    scratch: Scratch,
    tree: PathBuf,
    outside: PathBuf,
}

impl Prey {
    fn new(name: &str) -> Self {
        let scratch = Scratch::new(name);
        let (tree, outside) = (scratch.0.join("tree"), scratch.0.join("outside"));
        fs::create_dir(&outside).unwrap();
        Prey { scratch, tree, outside }
    }

    fn made(name: &str) -> Self {
        let prey = Self::new(name);
        init(&prey.tree, &[]).unwrap();
        prey
    }

    fn assert_untouched(&self) {
        assert_eq!(fs::read_dir(&self.outside).unwrap().count(), 0, "something was written outside");
    }
}

fn open_dir(path: &Path) -> OwnedFd {
    open(path, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap()
}

#[test]
fn a_directory_that_became_a_link_is_refused() {
    let prey = Prey::made("link");
    let usr = prey.tree.join("usr");
    fs::rename(usr.join("bin"), usr.join("bin.old")).unwrap();
    symlink(&prey.outside, usr.join("bin")).unwrap();
    let error = init(&prey.tree, &[]).unwrap_err();
    assert_eq!(error.code, INIT_REFUSED, "{error}");
    assert!(error.what.contains("/usr/bin"), "{error}");
    prey.assert_untouched();
}

#[test]
fn a_link_above_is_refused_for_each_kind_of_entry() {
    let prey = Prey::new("above");
    fs::create_dir(&prey.tree).unwrap();
    symlink(&prey.outside, prey.tree.join("etc")).unwrap();
    symlink("../outside", prey.tree.join("relative")).unwrap();
    let root = open_dir(&prey.tree);
    for parent in ["/etc", "/relative"] {
        for entry in [
            Entry::Directory { mode: 0o755 },
            Entry::Symlink { target: "x".into() },
            Entry::Copy { mode: 0o755, size: 0 },
            Entry::Text { content: "x" },
        ] {
            let error = write(root.as_fd(), &Path::new(parent).join("passwd"), &entry).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotADirectory, "{parent} {entry:?}");
        }
    }
    for path in ["/..", "/../outside/x", "/"] {
        let error = write(root.as_fd(), Path::new(path), &Entry::Text { content: "x" }).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path}");
    }
    prey.assert_untouched();
}

#[test]
fn files_are_replaced_and_never_written_through() {
    let prey = Prey::made("through");
    let precious = prey.scratch.file("precious", "precious");
    let ls = Path::new("/bin/ls").canonicalize().unwrap();
    let copy = prey.tree.join(ls.strip_prefix("/").unwrap());
    for attack in
        [|from: &Path, to: &Path| symlink(from, to), |from: &Path, to: &Path| fs::hard_link(from, to)]
    {
        fs::remove_file(&copy).unwrap();
        attack(&precious, &copy).unwrap();
        init(&prey.tree, &[]).unwrap();
        assert_eq!(fs::read(&precious).unwrap(), b"precious");
        assert_eq!(fs::read(&copy).unwrap(), fs::read(&ls).unwrap());
    }
}

#[test]
fn a_trap_under_the_unfinished_name_is_cleared_away() {
    let prey = Prey::new("trap");
    fs::create_dir(&prey.tree).unwrap();
    let precious = prey.scratch.file("precious", "precious");
    symlink(&precious, prey.tree.join(UNFINISHED)).unwrap();
    let root = open_dir(&prey.tree);
    make_file(root.as_fd(), OsStr::new("new"), 0o644, |file| file.write_all(b"new")).unwrap();
    assert_eq!(fs::read(&precious).unwrap(), b"precious");
    assert_eq!(fs::read(prey.tree.join("new")).unwrap(), b"new");

    fs::create_dir_all(prey.tree.join(UNFINISHED).join("full")).unwrap();
    let error = make_file(root.as_fd(), OsStr::new("new"), 0o644, |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::DirectoryNotEmpty);
}

#[test]
fn a_marker_that_is_a_link_is_no_marker() {
    let prey = Prey::made("marker");
    let real = prey.tree.canonicalize().unwrap();
    fs::remove_file(real.join(MARKER)).unwrap();
    symlink("/etc/passwd", real.join(MARKER)).unwrap();
    assert_eq!(init(&prey.tree, &[]).unwrap_err().code, INIT_REFUSED);
}

#[test]
fn what_fails_in_the_middle_leaves_the_old_file_and_nothing_unfinished() {
    let prey = Prey::new("middle");
    fs::create_dir(&prey.tree).unwrap();
    fs::write(prey.tree.join("file"), "old").unwrap();
    let root = open_dir(&prey.tree);
    let full = |file: &mut fs::File| file.write_all(b"ne").and(Err(io::ErrorKind::StorageFull.into()));
    let error = make_file(root.as_fd(), OsStr::new("file"), 0o644, full).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(fs::read(prey.tree.join("file")).unwrap(), b"old");
    assert_eq!(fs::read_dir(&prey.tree).unwrap().count(), 1);
}
