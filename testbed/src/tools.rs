//! Programs of the machine.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where `program` is: in PATH, or in the directories that Debian leaves out of an ordinary user's.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    directories.map(|directory| directory.join(program)).find(|file| {
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    })
}

/// Whether a program needs no dynamic loader: the name of one stands near the beginning of those that do (PT_INTERP,
/// `elf(5)`).
pub fn is_static(program: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(program).and_then(|file| file.take(4096).read_to_end(&mut beginning));
    read.is_ok() && !beginning.windows(4).any(|bytes| bytes == b"/ld-")
}
