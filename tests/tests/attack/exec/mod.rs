//! R6, and what R4, R5, R15, R16 and R19 say of whoever joins a container that an attacker has to himself.

mod descriptor;
mod files;
mod hunted;
mod limit;
mod program;
mod record;

use end_to_end::{Running, Somebody, faults_binary, skip};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, id};
use std::sync::atomic::{AtomicU32, Ordering};

/// What an attacker may have been given.
const ALL: [&str; 6] =
    ["--cap-add", "SYS_PTRACE", "--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"];

/// A container, and those who join it.
struct Victim<'a> {
    somebody: &'a Somebody,
    name: String,
    run: Running,
}

impl<'a> Victim<'a> {
    /// Starts one whose command prints `ready`.
    fn start(somebody: &'a Somebody, options: &[&str], command: &[&str]) -> Victim<'a> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("joined-{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut run = somebody.start(&[&["--name", &name], options, command].concat());
        run.wait_for("ready");
        Victim { somebody, name, run }
    }

    /// Starts one that does what `script` says, and then waits.
    fn prepared(somebody: &'a Somebody, options: &[&str], script: &str) -> Victim<'a> {
        let script = format!("{script}\necho ready; exec sleep 1000");
        Victim::start(somebody, options, &["sh", "-c", &script])
    }

    /// `containerception exec ARGUMENTS…`, where all is as it should be.
    fn exec(&self, options: &[&str], command: &[&str]) -> Output {
        let mut exec = self.somebody.containerception();
        exec.arg("exec").args(options).arg(&self.name).args(command);
        Running::start(&mut exec).finish()
    }

    /// The same by `program`, with a rule put out of force, from a shell of the host's that does `before` first. In
    /// a session of its own, in which a stop signal stops nobody.
    fn typed(&self, program: &Path, without: &str, before: &str, arguments: &str) -> Output {
        let arguments = arguments.replace("NAME", &self.name);
        let line = format!("{before}\nexec {} exec {arguments}", program.display());
        let mut shell = self.somebody.command("setsid");
        shell.args(["sh", "-c", &line]).current_dir(self.somebody.home()).stdin(std::process::Stdio::null());
        Running::start(shell.env("CONTAINERCEPTION_WITHOUT", without)).finish()
    }
}

/// A copy, which this user owns, of the build in which rules can be put out of force.
fn faulty(somebody: &Somebody, test: &str) -> Option<PathBuf> {
    let Some(faults) = faults_binary() else {
        skip(test, "there is no build with faults: cargo xtask test makes one");
        return None;
    };
    Some(copy(somebody, &faults, "faulty"))
}

/// A copy of a program that this user owns, by a process of its own: see [`Somebody::new`].
fn copy(somebody: &Somebody, program: &Path, name: &str) -> PathBuf {
    let path = somebody.home().join(name);
    let copied = Command::new("cp").arg(program).arg(&path).status();
    assert!(copied.is_ok_and(|status| status.success()), "a copy");
    somebody.give(&path);
    path
}
