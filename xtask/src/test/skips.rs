//! Tests that could not do their work here, and said so.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file to which each such test adds a line `SKIP: <test>: <reason>`.
pub struct Skips(PathBuf);

impl Skips {
    /// An empty one in `directory`, open to all: some tests run as other users.
    pub fn new(directory: &Path) -> io::Result<Skips> {
        let file = directory.join("skips");
        fs::write(&file, "")?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666))?;
        Ok(Skips(file))
    }

    /// Where it is.
    pub fn file(&self) -> &Path {
        &self.0
    }

    /// Prints all lines and their number.
    pub fn tell(&self) -> io::Result<()> {
        let text = fs::read_to_string(&self.0)?;
        print!("{text}");
        println!("tests that skipped themselves: {}", text.lines().count());
        Ok(())
    }
}
