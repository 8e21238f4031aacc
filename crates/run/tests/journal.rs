//! Journals of runs that begin and end while others clean up.

use plan::Residue;
use run::journal::{Journal, gc};
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

/// A state directory of this test.
fn state(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("containerception-journal-{name}-{}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&path).expect("a new directory");
    fs::create_dir(path.join("containers")).expect("a directory");
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
    let [living, dead, tree] = ["containers/living", "containers/dead", "tree"].map(|name| state.join(name));
    let lives = create(&living);
    let mut died = create(&dead);
    fs::create_dir_all(tree.join("a/b")).expect("a tree");
    let second = state.join("second");
    fs::create_dir_all(&second).expect("a tree");
    died.record(&Residue::Tree(c(&tree))).expect("a link");
    died.record(&Residue::Tree(c(&second))).expect("a second of its kind");
    drop(died);
    assert!(gc(&c(&state)).expect("the state directory").is_empty());
    assert!(living.exists() && !dead.exists() && !tree.exists() && !second.exists());
    for link in ["containers/dead:tree", "containers/dead:tree.1"] {
        assert!(fs::symlink_metadata(state.join(link)).is_err(), "{link}");
    }
    lives.fold().expect("nothing else was made");
    assert!(!living.exists());
    fs::remove_dir_all(&state).expect("a directory");
}

#[test]
fn what_cannot_be_undone_is_told_and_stays_written_down() {
    let state = state("undone");
    let dead = state.join("containers/dead");
    let file = state.join("file");
    fs::write(&file, "").expect("a file");
    let mut died = create(&dead);
    died.record(&Residue::Tree(c(&file))).expect("a link");
    drop(died);
    for _ in 0..2 {
        let left = gc(&c(&state)).expect("the state directory");
        assert_eq!(left.iter().map(|left| Path::new(&left.path)).collect::<Vec<_>>(), [&file]);
        assert!(dead.exists() && state.join("containers/dead:tree").is_symlink());
    }
    fs::remove_dir_all(&state).expect("a directory");
}

#[test]
fn what_is_no_journal_stays() {
    let state = state("foreign");
    let [file, directory] = ["containers/file", "containers/directory"].map(|name| state.join(name));
    fs::write(&file, "text").expect("a file");
    fs::create_dir(&directory).expect("a directory");
    assert!(gc(&c(&state)).expect("the state directory").is_empty());
    assert!(file.exists() && directory.exists());
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
    fs::remove_dir(state.join("containers")).expect("it is empty");
    fs::remove_dir(&state).expect("it is empty");
}

/// Begins and ends many runs, the names of which come again.
fn begin_and_end(state: &Path, run: u32) {
    for round in 0..500 {
        let directory = state.join(format!("containers/{run}-{}", round % 3));
        let journal = create(&directory);
        std::thread::yield_now();
        assert!(directory.exists(), "round {round}: somebody removed a living run's journal");
        journal.fold().expect("nothing else was made");
    }
}

#[test]
fn what_is_removed_under_a_living_run_is_undone_all_the_same() {
    let state = state("removed");
    let [own, tree] = ["containers/own", "tree"].map(|name| state.join(name));
    let mut lives = create(&own);
    fs::create_dir(&tree).expect("a tree");
    lives.record(&Residue::Tree(c(&tree))).expect("a link");
    fs::remove_dir_all(state.join("containers")).expect("a directory");
    lives.fold().expect("it remembers");
    assert!(!tree.exists());
    fs::remove_dir_all(&state).expect("a directory");
}

#[test]
fn whoever_takes_over_a_name_undoes_only_what_is_its_own() {
    let state = state("taken");
    let [own, tree, other] = ["containers/own", "tree", "other"].map(|name| state.join(name));
    let mut first = create(&own);
    fs::create_dir(&tree).expect("a tree");
    first.record(&Residue::Tree(c(&tree))).expect("a link");
    fs::remove_file(&own).expect("a journal");
    let mut second = create(&own);
    second.record(&Residue::Tree(c(&other))).expect("a link beside that of the first");
    second.fold().expect("nothing was made");
    assert!(tree.exists() && state.join("containers/own:tree").is_symlink());
    let third = create(&own);
    first.fold().expect("its own");
    assert!(!tree.exists() && own.exists(), "the journal is the third one's");
    third.fold().expect("nothing was made");
    assert!(!own.exists());
    fs::remove_dir_all(&state).expect("a directory");
}

/// Somebody was about to give a container a group when it ended, and was killed.
#[test]
fn what_lies_beside_no_journal_goes() {
    let state = state("stray");
    let [group, busy] = ["group", "busy"].map(|name| state.join(name));
    fs::create_dir(&group).expect("as if it were a group");
    fs::create_dir_all(busy.join("member")).expect("as if it had processes");
    let link = |to: &Path, name: &str| symlink(to, state.join("containers").join(name)).expect("a link");
    for name in ["gone:state", "gone:state.new", "gone:events"] {
        fs::write(state.join("containers").join(name), "").expect("a file");
    }
    link(&group, "gone:group.2");
    link(&group, "gone:enabled");
    link(&busy, "removed:group");
    let lives = create(&state.join("containers/living"));
    link(&group, "living:group");
    assert!(gc(&c(&state)).expect("the state directory").is_empty());
    assert!(!group.exists() && busy.exists());
    let mut names: Vec<_> = fs::read_dir(state.join("containers")).expect("a directory").flatten().collect();
    names.sort_by_key(|entry| entry.file_name());
    let names: Vec<_> = names.iter().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["living", "living:group", "removed:group"]);
    drop(lives);
    fs::remove_dir_all(&state).expect("a directory");
}

/// What others enabled for a container that runs is not undone, and no link stays of it.
#[test]
fn links_of_what_others_enabled_go_with_the_journal() {
    let state = state("enabled");
    let own = state.join("containers/own");
    let lives = create(&own);
    let link = state.join("containers/own:enabled");
    symlink("/sys/fs/cgroup/cgroup.subtree_control", &link).expect("a link");
    lives.fold().expect("nothing was made");
    assert!(!own.exists() && !link.is_symlink());
    fs::remove_dir_all(&state).expect("a directory");
}

/// Each leaves to the last what it has made; no link is lost, whoever removes another one meanwhile.
#[test]
fn groups_above_go_with_the_last_container_in_them() {
    let state = state("above");
    let parents: Vec<PathBuf> = (0..8).map(|number| state.join(format!("parent{number}"))).collect();
    scope(|scope| {
        for (number, parent) in parents.iter().enumerate() {
            let state = &state;
            scope.spawn(move || {
                for round in 0..100 {
                    let mut journal = create(&state.join(format!("containers/{number}")));
                    journal.record(&Residue::Parent(c(parent))).expect("a link");
                    fs::create_dir_all(parent.join("other")).expect("somebody else is in it");
                    journal.fold().expect("it is left to the other");
                    fs::remove_dir(parent.join("other")).expect("it ends");
                    create(&state.join(format!("containers/{number}"))).fold().expect("nothing was made");
                    assert!(!parent.exists(), "round {round}: {} is nobody's any more", parent.display());
                }
            });
        }
    });
    fs::remove_dir(state.join("containers")).expect("it is empty");
    fs::remove_dir(&state).expect("it is empty");
}
