//! Programs of the machine.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// Where `program` is: in PATH, or in the directories that Debian leaves out of an ordinary user's.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    directories.map(|directory| directory.join(program)).find(|file| {
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    })
}
