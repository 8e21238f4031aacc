//! The files of the project, as git knows them.

use crate::cargo;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// A file of the project.
pub struct Source {
    /// Its path from the project's root.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// All files whose path ends with `suffix`: those that are tracked, and those that are new and not ignored.
pub fn ending_with(suffix: &str) -> io::Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(cargo::root());
    let output = git.output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("git ls-files: {}", String::from_utf8_lossy(&output.stderr))));
    }
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = list.split('\0').filter(|path| path.ends_with(suffix));
    paths.filter(|path| cargo::root().join(path).is_file()).map(|path| read(Path::new(path))).collect()
}

fn read(path: &Path) -> io::Result<Source> {
    let text = fs::read_to_string(cargo::root().join(path))?;
    Ok(Source { path: path.display().to_string(), text })
}
