//! Journals of runs that begin and end while others clean up.

use run::journal::{Journal, gc};
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

/// A state directory of this test.
fn state(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("containerception-journal-{name}-{}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&path).expect("a new directory");
    path
}

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).expect("no NUL")
}

fn create(directory: &Path) -> Journal {
    Journal::create(&c(directory)).expect("a journal")
}

#[test]
fn what_dead_runs_left_is_removed_and_what_living_ones_have_is_not() {
    let state = state("gc");
    let living = create(&state.join("living"));
    drop(create(&state.join("dead")));
    fs::create_dir(state.join("bare")).expect("a directory");
    assert!(gc(&c(&state)).expect("the state directory").is_empty());
    assert!(state.join("living").exists());
    assert!(!state.join("dead").exists() && !state.join("bare").exists());
    living.fold().expect("nothing else was made");
    fs::remove_dir(&state).expect("it is empty");
}

#[test]
fn what_somebody_else_put_there_stays() {
    let state = state("foreign");
    fs::create_dir(state.join("foreign")).expect("a directory");
    fs::write(state.join("foreign/file"), "").expect("a file");
    assert!(gc(&c(&state)).expect("the state directory").is_empty());
    assert!(state.join("foreign/file").exists());
    fs::remove_dir_all(&state).expect("a directory");
}

#[test]
fn runs_that_are_just_beginning_are_spared() {
    let state = state("race");
    let done = AtomicBool::new(false);
    scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert!(gc(&c(&state)).expect("the state directory").is_empty());
                }
            });
        }
        let runs = [1, 2]
            .map(|run| (run, &state))
            .map(|(run, state)| scope.spawn(move || begin_and_end(state, run)));
        let ended = runs.map(|run| run.join().is_ok());
        done.store(true, Ordering::Relaxed);
        assert_eq!(ended, [true, true]);
    });
    fs::remove_dir(&state).expect("it is empty");
}

/// Begins and ends many runs, the names of which come again.
fn begin_and_end(state: &Path, run: u32) {
    for round in 0..500 {
        let directory = state.join(format!("{run}-{}", round % 3));
        let journal = create(&directory);
        std::thread::yield_now();
        assert!(directory.exists(), "round {round}: somebody removed a living run's journal");
        journal.fold().expect("nothing else was made");
    }
}
