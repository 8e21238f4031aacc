//! Which directories `init` takes, and what it makes around them.

use super::{Scratch, is_root};
use crate::init::init;
use crate::init::marker::MARKER;
use crate::init::place::prepare;
use crate::init::tree::UNFINISHED;
use run::private::{is_private, open};
use spec::catalogue::{
    BAD_USAGE, Code, INIT_REFUSED, ROOTFS_MISSING, ROOTFS_NOT_A_DIRECTORY, ROOTFS_NOT_PRIVATE,
    ROOTFS_SYMLINK_LOOP,
};
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

fn refusal(dir: &Path) -> Code {
    prepare(dir).unwrap_err().code
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Whether the temporary directory is one where root's tree needs a closed directory of its own.
fn is_open(scratch: &Scratch) -> bool {
    is_root() && !is_private(open(&scratch.0).unwrap().as_fd()).unwrap()
}

#[test]
fn what_init_did_not_make_is_refused_and_kept() {
    let scratch = Scratch::new("refused");
    let file = scratch.file("full/file", "mine");
    assert_eq!(refusal(&scratch.0.join("full")), INIT_REFUSED);
    assert_eq!(refusal(&file), INIT_REFUSED);
    assert_eq!(refusal(Path::new("/")), INIT_REFUSED);
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1, "nothing was made beside it");
}

#[test]
fn links_of_others_are_refused() {
    let scratch = Scratch::new("links");
    fs::create_dir(scratch.0.join("empty")).unwrap();
    symlink("empty", scratch.0.join("link")).unwrap();
    symlink("nowhere", scratch.0.join("dangling")).unwrap();
    assert_eq!(refusal(&scratch.0.join("link")), INIT_REFUSED);
    assert_eq!(refusal(&scratch.0.join("dangling")), INIT_REFUSED);
    assert_eq!(fs::read_dir(scratch.0.join("empty")).unwrap().count(), 0);
}

#[test]
fn paths_that_lead_nowhere_have_their_codes() {
    let scratch = Scratch::new("paths");
    scratch.file("file", "");
    symlink("loop", scratch.0.join("loop")).unwrap();
    assert_eq!(refusal(&scratch.0.join("no/such")), ROOTFS_MISSING);
    assert_eq!(refusal(&scratch.0.join("file/below")), ROOTFS_NOT_A_DIRECTORY);
    assert_eq!(refusal(&scratch.0.join("loop/below")), ROOTFS_SYMLINK_LOOP);
    assert_eq!(refusal(Path::new("")), BAD_USAGE);
}

#[test]
fn the_marker_comes_first_and_a_second_init_waits_outside() {
    let scratch = Scratch::new("marker");
    let dir = scratch.0.join("tree");
    let first = prepare(&dir).unwrap();
    assert!(!first.is_refresh);
    let held: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(held, [MARKER]);
    let second = prepare(&dir).unwrap_err();
    assert!(second.why.unwrap().contains("another init"));
    drop(first);
    assert!(prepare(&dir).unwrap().is_refresh);
}

#[test]
fn an_empty_directory_is_taken_even_with_what_an_interruption_left() {
    let scratch = Scratch::new("empty");
    let dir = scratch.0.join("tree");
    fs::create_dir(&dir).unwrap();
    assert!(!prepare(&dir).unwrap().is_refresh);

    let interrupted = scratch.0.join("interrupted");
    drop(prepare(&interrupted).unwrap());
    fs::remove_file(interrupted.join(MARKER)).unwrap();
    fs::write(interrupted.join(UNFINISHED), "half").unwrap();
    assert!(!prepare(&interrupted).unwrap().is_refresh);
    assert!(interrupted.join(MARKER).exists());
}

#[test]
fn a_refresh_keeps_what_others_wrote() {
    let scratch = Scratch::new("refresh");
    let dir = scratch.0.join("tree");
    init(&dir, &[]).unwrap();
    let ls = Path::new("/bin/ls").canonicalize().unwrap();
    let copy = dir.join(ls.strip_prefix("/").unwrap());
    fs::write(dir.join("etc/passwd"), "mine").unwrap();
    fs::write(dir.join("home/file"), "mine").unwrap();
    chmod(&dir.join("home"), 0o701);
    fs::write(&copy, "damaged").unwrap();
    let before = copy.metadata().unwrap().ino();

    init(&dir, &[]).unwrap();
    assert_eq!(fs::read(dir.join("etc/passwd")).unwrap(), b"mine");
    assert_eq!(fs::read(dir.join("home/file")).unwrap(), b"mine");
    assert_eq!(dir.join("home").metadata().unwrap().mode() & 0o7777, 0o701);
    assert_eq!(fs::read(&copy).unwrap(), fs::read(&ls).unwrap());
    assert_ne!(copy.metadata().unwrap().ino(), before, "replaced by rename");
}

#[test]
fn root_gets_a_closed_directory_and_a_link() {
    let scratch = Scratch::new("closed");
    if !is_open(&scratch) {
        return;
    }
    let dir = scratch.0.join("tree");
    fs::create_dir(&dir).unwrap();
    let place = prepare(&dir).unwrap();
    assert!(place.note.unwrap().contains(".tree.private"));
    assert_eq!(fs::read_link(&dir).unwrap(), PathBuf::from(".tree.private/tree"));
    assert_eq!(scratch.0.join(".tree.private").metadata().unwrap().mode() & 0o7777, 0o700);
    assert!(is_private(place.root.as_fd()).unwrap());
    drop(place.root);
    assert!(prepare(&dir).unwrap().note.is_none(), "the second time there is nothing to tell");

    fs::remove_file(&dir).unwrap();
    assert!(prepare(&dir).unwrap().is_refresh, "interrupted before the link was made");
    assert!(dir.join(MARKER).exists());
}

#[test]
fn below_a_closed_directory_root_gets_a_plain_one() {
    let scratch = Scratch::new("shielded");
    if !is_root() {
        return;
    }
    chmod(&scratch.0, 0o700);
    let dir = scratch.0.join("tree");
    assert!(prepare(&dir).unwrap().note.is_none());
    assert!(!dir.is_symlink() && dir.join(MARKER).exists());
}

#[test]
fn a_closed_directory_of_somebody_else_is_refused() {
    let scratch = Scratch::new("squatter");
    if !is_open(&scratch) {
        return;
    }
    let (dir, closed) = (scratch.0.join("tree"), scratch.0.join(".tree.private"));
    fs::create_dir(&closed).unwrap();
    for (owner, mode) in [(12_345, 0o700), (0, 0o755), (0, 0o710)] {
        chown(&closed, Some(owner), None).unwrap();
        chmod(&closed, mode);
        assert_eq!(refusal(&dir), INIT_REFUSED, "{owner} {mode:o}");
        assert!(!dir.is_symlink());
    }
    fs::remove_dir(&closed).unwrap();
    symlink("/etc", &closed).unwrap();
    assert_eq!(refusal(&dir), INIT_REFUSED);
}

#[test]
fn a_tree_of_ours_that_others_can_reach_is_refused() {
    let scratch = Scratch::new("moved");
    if !is_open(&scratch) {
        return;
    }
    let dir = scratch.0.join("tree");
    scratch.file("tree/.containerception-rootfs", "");
    assert_eq!(refusal(&dir), ROOTFS_NOT_PRIVATE);
}

#[test]
fn a_directory_of_another_user_is_refused() {
    let scratch = Scratch::new("others");
    if !is_root() {
        return;
    }
    let dir = scratch.0.join("tree");
    fs::create_dir(&dir).unwrap();
    chown(&dir, Some(12_345), None).unwrap();
    let error = prepare(&dir).unwrap_err();
    assert_eq!(error.code, INIT_REFUSED);
    assert!(error.why.unwrap().contains("12345"));
}
