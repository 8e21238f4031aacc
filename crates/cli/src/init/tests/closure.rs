//! The loader's search, told in files made to order: who finds which library where.

use super::{Elf, Scratch};
use crate::init::closure::{self, Closure};
use crate::init::executable::Executable;
use crate::init::search::{Place, Search};
use std::path::{Path, PathBuf};

const HERE: Elf<'static> = Elf { interpreter: None, needed: &[], rpath: None, runpath: None, e_machine: 62 };

fn of(program: &Path, conf: &Path) -> Closure {
    let Ok(Executable::Elf(elf)) = Executable::read(program) else {
        panic!("{} is no program", program.display())
    };
    closure::of(&program.canonicalize().unwrap(), elf, &mut Search::new(conf))
}

fn paths(closure: &Closure) -> Vec<PathBuf> {
    closure.libraries.iter().map(|library| library.path.clone()).collect()
}

/// A program and libraries in a scratch directory; `conf` names `configured/`.
struct World {
    scratch: Scratch,
    conf: PathBuf,
}

impl World {
    fn new(name: &str) -> Self {
        let scratch = Scratch::new(name);
        let conf = scratch.file("ld.so.conf", format!("{}\n", scratch.0.join("configured").display()));
        World { scratch, conf }
    }

    fn with(self, name: &str, elf: Elf<'_>) -> Self {
        self.scratch.file(name, elf.bytes());
        self
    }

    fn found(&self, program: &str) -> Vec<PathBuf> {
        paths(&of(&self.scratch.0.join(program), &self.conf))
            .iter()
            .map(|path| path.strip_prefix(&self.scratch.0).unwrap_or(path).to_path_buf())
            .collect()
    }
}

#[test]
fn runpath_comes_before_what_is_configured() {
    let world = World::new("runpath")
        .with("bin/p", Elf { needed: &["liba"], runpath: Some("$ORIGIN/../own"), ..HERE })
        .with("own/liba", HERE)
        .with("configured/liba", HERE);
    assert_eq!(world.found("bin/p"), [PathBuf::from("bin/../own/liba")]);
}

#[test]
fn rpath_is_inherited_and_runpath_is_not() {
    let rpath = World::new("inherited")
        .with("p", Elf { needed: &["liba"], rpath: Some("$ORIGIN/own"), ..HERE })
        .with("own/liba", Elf { needed: &["libb"], ..HERE })
        .with("own/libb", HERE)
        .with("configured/libb", HERE);
    assert_eq!(rpath.found("p"), ["own/liba", "own/libb"].map(PathBuf::from));

    let runpath = World::new("own-only")
        .with("p", Elf { needed: &["liba"], runpath: Some("$ORIGIN/own"), ..HERE })
        .with("own/liba", Elf { needed: &["libb"], ..HERE })
        .with("own/libb", HERE)
        .with("configured/libb", HERE);
    assert_eq!(runpath.found("p"), ["own/liba", "configured/libb"].map(PathBuf::from));
}

#[test]
fn a_runpath_silences_the_rpath_beside_it() {
    let world = World::new("silenced")
        .with(
            "p",
            Elf { needed: &["liba"], rpath: Some("$ORIGIN/r"), runpath: Some("$ORIGIN/empty"), ..HERE },
        )
        .with("r/liba", HERE)
        .with("configured/liba", HERE);
    assert_eq!(world.found("p"), [PathBuf::from("configured/liba")]);
}

#[test]
fn libraries_of_other_machines_are_passed_over() {
    let world = World::new("foreign")
        .with("p", Elf { needed: &["liba"], runpath: Some("$ORIGIN/other:$ORIGIN/own"), ..HERE })
        .with("other/liba", Elf { e_machine: 183, ..HERE })
        .with("own/liba", HERE);
    assert_eq!(world.found("p"), [PathBuf::from("own/liba")]);
}

#[test]
fn a_name_is_loaded_once_and_circles_end() {
    let world = World::new("circle")
        .with("p", Elf { needed: &["liba", "libb"], ..HERE })
        .with("configured/liba", Elf { needed: &["libb"], runpath: Some("$ORIGIN/deep"), ..HERE })
        .with("configured/libb", Elf { needed: &["liba", "libb"], ..HERE })
        .with("configured/deep/libb", HERE);
    assert_eq!(world.found("p"), ["configured/liba", "configured/libb"].map(PathBuf::from));
}

#[test]
fn what_is_missing_is_named_and_a_path_is_taken_as_it_is() {
    let world = World::new("missing");
    let library = world.scratch.file("anywhere/libx", HERE.bytes());
    let needed = [library.to_str().unwrap(), "./relative", "libno"];
    let world = world.with("p", Elf { needed: &needed, ..HERE });
    let closure = of(&world.scratch.0.join("p"), &world.conf);
    assert_eq!(paths(&closure), [library]);
    assert_eq!(closure.missing, ["./relative", "libno"]);
}

#[test]
fn only_what_the_configuration_finds_needs_a_link() {
    let world = World::new("places");
    let interpreter = world.scratch.file("loader/ld.so", HERE.bytes());
    let world = world
        .with(
            "p",
            Elf {
                interpreter: interpreter.to_str(),
                needed: &["liba", "libb", "libc.custom"],
                runpath: Some("$ORIGIN/own"),
                ..HERE
            },
        )
        .with("own/liba", HERE)
        .with("configured/libb", HERE)
        .with("loader/libc.custom", HERE);
    let closure = of(&world.scratch.0.join("p"), &world.conf);
    let places: Vec<Place> = closure.libraries.iter().take(3).map(|library| library.place).collect();
    assert_eq!(places, [Place::Known, Place::Elsewhere, Place::Known]);
    assert_eq!(closure.link_to, Some(world.scratch.0.join("loader")));
}

#[test]
fn ls_needs_its_c_library_and_nothing_that_is_missing() {
    let ls = Path::new("/bin/ls");
    let Ok(Executable::Elf(elf)) = Executable::read(ls) else { panic!("/bin/ls is no program") };
    let Some(interpreter) = elf.interpreter.clone() else {
        println!("skipped: /bin/ls is statically linked here");
        return;
    };
    let closure = of(ls, Path::new("/etc/ld.so.conf"));
    let names: Vec<_> =
        closure.libraries.iter().filter_map(|library| library.path.file_name()?.to_str()).collect();
    assert!(names.iter().any(|name| name.starts_with("libc.")), "{names:?}");
    assert!(closure.missing.is_empty(), "{:?}", closure.missing);
    assert!(interpreter.exists());
}
