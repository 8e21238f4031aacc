//! From names to everything that they need.

use super::{Elf, Scratch};
use crate::init::collect::{Collection, Collector, collect};
use crate::init::executable::Executable;
use crate::init::manifest::Entry;
use crate::init::search::{Library, Place};
use spec::catalogue::PROGRAM_NOT_FOUND;
use std::path::Path;

fn has(collection: &Collection, path: &str) -> bool {
    collection.manifest.entries().any(|(found, _)| found == Path::new(path))
}

#[test]
fn the_usual_programs_and_their_libraries() {
    let collection = collect(&[]).unwrap();
    let sh = Path::new("/bin/sh").canonicalize().unwrap();
    assert!(has(&collection, sh.to_str().unwrap()), "what /bin/sh is");
    assert!(has(&collection, "/bin"), "merged or not");
    assert!(collection.programs > 50 && collection.libraries > 3);
    assert!(collection.notes.iter().all(|note| !note.contains("needs")), "{:?}", collection.notes);
}

#[test]
fn a_program_that_is_not_there_is_named_with_its_neighbour() {
    let error = collect(&["hostnam".into()]).err().unwrap();
    assert_eq!(error.code, PROGRAM_NOT_FOUND);
    assert_eq!(error.fix.as_deref(), Some("did you mean hostname?"));
    for nothing in ["", ".", "/", "/dev/null", "no\x1bsuch", "/no/such/program"] {
        let error = collect(&[nothing.into()]).err().unwrap();
        assert_eq!(error.code, PROGRAM_NOT_FOUND, "{nothing:?}");
        assert!(!error.to_string().contains('\x1b'));
    }
}

#[test]
fn a_program_from_elsewhere_keeps_its_path_and_gets_a_name() {
    let scratch = Scratch::new("elsewhere");
    let script = scratch.program("opt/hello", "#!/usr/bin/env sh\necho hello\n");
    let collection = collect(&[script.clone().into()]).unwrap();
    assert!(has(&collection, script.to_str().unwrap()));
    assert!(has(&collection, "/usr/local/bin/hello"));
    assert!(has(&collection, "/usr/bin/env"));
}

#[test]
fn what_a_script_lacks_is_told() {
    let scratch = Scratch::new("lacks");
    let script = scratch.program("broken", "#!/no/such/interpreter\n");
    let by_env = scratch.program("by-env", "#!/usr/bin/env no-such-interpreter\n");
    let notes = collect(&[script.into(), by_env.into()]).unwrap().notes.join("\n");
    assert!(notes.contains("broken needs /no/such/interpreter"), "{notes}");
    assert!(notes.contains("by-env needs no-such-interpreter"), "{notes}");
}

#[test]
fn a_script_that_interprets_itself_comes_to_an_end() {
    let scratch = Scratch::new("ouroboros");
    let path = scratch.0.join("self");
    let script = scratch.program("self", format!("#!{}\n", path.display()));
    assert!(has(&collect(&[script.into()]).unwrap(), path.to_str().unwrap()));
}

#[test]
fn a_library_that_only_the_cache_knows_gets_a_link() {
    let scratch = Scratch::new("cache-only");
    let path = scratch.file("configured/liba.so.1", Elf::default().bytes());
    let Ok(Executable::Elf(elf)) = Executable::read(&path) else { panic!("made to be read") };
    let mut library = Library { path: path.clone(), elf: elf.into(), place: Place::Known };
    let mut collector = Collector::new();
    collector.library(&library, Some(Path::new("/usr/lib")));
    let link = |collector: &Collector| {
        let mut entries = collector.manifest.entries();
        entries.find(|(path, _)| *path == Path::new("/usr/lib/liba.so.1")).map(|(_, entry)| entry.clone())
    };
    assert_eq!(link(&collector), None, "the loader knows the directory");
    library.place = Place::Elsewhere;
    collector.library(&library, Some(Path::new("/usr/lib")));
    assert_eq!(link(&collector), Some(Entry::Symlink { target: path }));
}

#[test]
fn what_a_container_covers_is_refused() {
    if !Path::new("/dev/shm").is_dir() {
        println!("skipped: no /dev/shm to put a program into");
        return;
    }
    let scratch = Scratch::at(Path::new("/dev/shm"), "covered");
    let program = scratch.program("hello", "#!/bin/sh\n");
    let error = collect(&[program.into()]).err().unwrap();
    assert!(error.why.unwrap().contains("/dev"));
}
