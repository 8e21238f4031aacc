//! The machine: what it is given, and its one run.

use super::plan;
use super::suite::Suite;
use super::turn::Turn;

use crate::cargo;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the guest finds what it is given.
const SHARE: &str = "/srv/tests";
/// How long all may take, in seconds.
const TIMEOUT: &str = "7200";

/// Puts into `directory` what the guest needs: its script, the binary, the programs of the suites, and the plan.
pub fn share(directory: &Path, binary: &Path, suites: &[Suite], turns: &[Turn]) -> io::Result<()> {
    fs::copy(place("suites"), directory.join("suites"))?;
    fs::copy(binary, directory.join("containerception"))?;
    let programs = directory.join("programs");
    fs::create_dir(&programs)?;
    for Suite { name, program, .. } in suites {
        fs::copy(program, programs.join(name))?;
    }
    fs::write(directory.join("plan"), plan::text(suites, turns))
}

/// Makes the image unless it is there: before the clock of the machine runs.
///
/// # Errors
/// It cannot be made, which the script has told.
pub fn build_image() -> Result<(), Box<dyn Error>> {
    let status = Command::new(place("vm")).arg("build").status()?;
    if status.success() { Ok(()) } else { Err(format!("the image cannot be built: {status}").into()) }
}

/// Boots, passes the suites of `directory`, and hands on each line that the guest says on stdout.
///
/// # Errors
/// The machine fails, or is out of time.
pub fn run(directory: &Path, mut hear: impl FnMut(&str)) -> Result<(), Box<dyn Error>> {
    let share = format!("{}:{SHARE}:ro", directory.display());
    // The machine ends with this process, however that ends.
    let mut machine = Command::new("setpriv");
    machine.args(["--pdeathsig", "TERM"]).arg(place("vm"));
    machine.args(["run", "--timeout", TIMEOUT, "--share", &share, &format!("{SHARE}/suites")]);
    let mut machine = machine.stdout(Stdio::piped()).spawn()?;
    for line in machine.stdout.take().map(|stream| BufReader::new(stream).split(b'\n')).into_iter().flatten()
    {
        hear(&String::from_utf8_lossy(&line?));
    }
    let status = machine.wait()?;
    if status.success() { Ok(()) } else { Err(format!("the virtual machine failed: {status}").into()) }
}

fn place(file: &str) -> PathBuf {
    cargo::root().join("xtask/vm").join(file)
}
