//! The programs that tests use, and the Debian packages that have them.

use std::error::Error;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::Command;
use testbed::{caller, tools};

/// A package of Debian.
struct Package {
    name: &'static str,
    /// One of its programs, by which it is noticed.
    program: &'static str,
    /// What tests do with it.
    purpose: &'static str,
}

const fn package(name: &'static str, program: &'static str, purpose: &'static str) -> Package {
    Package { name, program, purpose }
}

const PACKAGES: [Package; 13] = [
    package("attr", "setfattr", "extended attributes"),
    package("bash", "bash", "job control in a container's terminal"),
    package("busybox-static", "busybox", "root filesystems of one program"),
    package("fish", "fish", "its completion script"),
    package("hostname", "hostname", "what a container calls itself"),
    package("mandoc", "mandoc", "mistakes in the man pages"),
    package("passwd", "useradd", "throw-away users with subordinate ids and without"),
    package("procps", "ps", "what a container sees of processes"),
    package("strace", "strace", "holding the narration against the calls that are made"),
    package("tmux", "tmux", "a terminal as people have it"),
    package("uidmap", "newuidmap", "id maps of users with subordinate ids"),
    package("util-linux", "unshare", "nested namespaces, other users"),
    package("zsh", "zsh", "its completion script"),
];

/// Names what is missing, and installs it if `yes` or if the answer on the terminal is yes. Where it stays missing, the
/// tests that need it skip themselves.
///
/// # Errors
/// apt-get was wanted and failed.
pub fn provide(yes: bool) -> Result<(), Box<dyn Error>> {
    let missing: Vec<&Package> = PACKAGES.iter().filter(|package| is_missing(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("these programs are missing; tests that need them will be skipped:");
    for Package { name, program, purpose } in &missing {
        println!("  {program:<10} for {purpose} (Debian: {name})");
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let names = names.join(" ");
    if tools::find("apt-get").is_none() {
        println!("there is no apt-get here: install them as this system does, or go without");
    } else if !caller::is_root()? {
        println!("to install them:  sudo apt-get install {names}");
    } else if yes || agreed()? {
        install(&names)?;
    }
    Ok(())
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
