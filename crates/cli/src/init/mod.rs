//! `containerception init DIR [PROGRAM…]`: a root filesystem from this machine's own programs.
//!
//! The tutorial copied `/bin` and then met "no such file or directory": a program is nothing without its loader and
//! its libraries. `init` works in two halves that meet in one value:
//!
//! ```text
//! names ──lookup──▶ programs ──elf, closure──▶ Manifest ──tree──▶ DIR
//!           reads the host, writes nothing      │   writes by descriptors, reads nothing but what it copies
//! ```
//!
//! Nothing is executed on the way, and nothing is written before all is known. Data that a program loads by itself (the
//! modules of python, say) does not come along.

mod bytes;
mod closure;
mod collect;
mod data;
mod elf;
mod executable;
mod failure;
mod ldconf;
mod lookup;
mod manifest;
pub mod marker;
mod names;
pub mod place;
mod progress;
mod search;
mod skeleton;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use collect::Collection;
use place::Place;
use progress::Progress;
use spec::error::Result;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Instant;
use text::{count, quoted, shown, size};

/// Makes a root filesystem in `dir` of the usual programs and `programs`, each a name (looked up in PATH) or a path.
/// A tree that `init` made before is made anew: what it copied is replaced, what others wrote there is kept.
///
/// # Errors
/// `PROGRAM_NOT_FOUND` before anything is written; `INIT_REFUSED` where `dir` holds what `init` did not make;
/// `ROOTFS_NOT_PRIVATE` for a tree of root's that other users can reach; `NO_SPACE` and the others of writing.
pub fn init(dir: &Path, programs: &[OsString]) -> Result<()> {
    let start = Instant::now();
    let mut progress = Progress::new();
    let collection = collect::collect(programs)?;
    let place = place::prepare(dir)?;
    let (files, bytes) = collection.manifest.copies();
    progress.begin(&format!("copying {}, {}", count(files, "file", "files"), size(bytes)));
    fill(dir, &place, &collection, &mut progress)?;
    for note in place.note.iter().chain(&collection.notes) {
        progress.line(note);
    }
    progress.line(&summary(dir, &place, &collection, start));
    Ok(())
}

fn fill(dir: &Path, place: &Place, collection: &Collection, progress: &mut Progress) -> Result<()> {
    let total = collection.manifest.entries().count();
    for (done, (path, entry)) in collection.manifest.entries().enumerate() {
        progress.step(done, total, &shown(path));
        tree::write(place.root.as_fd(), path, entry).map_err(|error| failure::writing(dir, path, &error))?;
    }
    Ok(())
}

fn summary(dir: &Path, place: &Place, collection: &Collection, start: Instant) -> String {
    let (_, bytes) = collection.manifest.copies();
    format!(
        "{verb} {dir}: {programs}, {libraries}, {size} in {seconds:.2} s; \
         try: containerception run --rootfs {paste} ps aux",
        verb = if place.is_refresh { "refreshed" } else { "made" },
        dir = shown(dir),
        programs = count(collection.programs, "program", "programs"),
        libraries = count(collection.libraries, "library", "libraries"),
        size = size(bytes),
        seconds = start.elapsed().as_secs_f64(),
        paste = quoted(dir),
    )
}
