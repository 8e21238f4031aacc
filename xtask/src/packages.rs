//! Programs that a verb calls, and the Debian packages that have them.

use std::error::Error;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::Command;
use testbed::{caller, tools};

/// A package of Debian.
pub struct Package {
    name: &'static str,
    /// One of its programs, by which it is noticed.
    program: &'static str,
    /// What is done with it.
    purpose: &'static str,
}

/// One that is needed by `purpose`.
pub const fn package(name: &'static str, program: &'static str, purpose: &'static str) -> Package {
    Package { name, program, purpose }
}

/// Names what is missing of `packages`, and installs it if `yes` or if the answer on the terminal is yes. `without` says
/// what comes of it where it stays missing. Returns whether all are there now.
///
/// # Errors
/// apt-get was wanted and failed.
pub fn provide(packages: &[Package], without: &str, yes: bool) -> Result<bool, Box<dyn Error>> {
    let missing: Vec<&Package> = packages.iter().filter(|package| is_missing(package)).collect();
    if missing.is_empty() {
        return Ok(true);
    }
    println!("these programs are missing; {without}:");
    for Package { name, program, purpose } in &missing {
        println!("  {program:<18} for {purpose} (Debian: {name})");
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let names = names.join(" ");
    if tools::find("apt-get").is_none() {
        println!("there is no apt-get here: install them as this system does, or go without");
    } else if !caller::is_root()? {
        println!("to install them:  sudo apt-get install {names}");
    } else if yes || agreed()? {
        install(&names)?;
        return Ok(true);
    }
    Ok(false)
}

/// busybox also comes linked to libraries, which a root filesystem of one program does not have.
fn is_missing(package: &Package) -> bool {
    match tools::find(package.program) {
        None => true,
        Some(path) => package.name == "busybox-static" && !tools::is_static(&path),
    }
}

/// Asks, where there is somebody to ask.
fn agreed() -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        println!("say --yes to install them");
        return Ok(false);
    }
    print!("install them with apt-get now? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn install(names: &str) -> Result<(), Box<dyn Error>> {
    apt_get(&["update"])?;
    let options = ["install", "--yes", "--no-install-recommends"];
    apt_get(&options.into_iter().chain(names.split(' ')).collect::<Vec<_>>())
}

fn apt_get(words: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut apt_get = Command::new("apt-get");
    let status = apt_get.arg("--quiet").args(words).env("DEBIAN_FRONTEND", "noninteractive").status()?;
    if status.success() { Ok(()) } else { Err(format!("apt-get {}: {status}", words.join(" ")).into()) }
}
