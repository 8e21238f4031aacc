//! A directory that goes when it is no longer needed.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A new directory in `$TMPDIR` or `/tmp`, open to all to read, removed with everything in it on drop.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes it. `name` says whose it is, to those who find it after a SIGKILL.
    pub fn new(name: &str) -> io::Result<Scratch> {
        // In a PID namespace of its own a process has the same number each time, and one that was killed has left its.
        let number = (std::process::id(), crate::chance::seed() & 0xff_ffff);
        let path = std::env::temp_dir().join(format!("containerception-{name}-{}-{:x}", number.0, number.1));
        fs::DirBuilder::new().mode(0o755).create(&path)?;
        Ok(Scratch(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("xtask: left behind: {}: {error}", self.0.display());
        }
    }
}
