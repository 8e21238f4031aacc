//! A second terminal: what one does with a container that runs, from outside.

mod exec;
mod inspect;
mod kill;
mod ps;
mod timeout;

use end_to_end::{Running, Somebody, out};
use std::process::{Command, Output, id};
use std::sync::atomic::{AtomicU32, Ordering};

/// A container that waits, and whose it is.
struct Container<'a> {
    somebody: &'a Somebody,
    name: String,
    run: Running,
}

impl<'a> Container<'a> {
    /// Starts one, with a name that no other test has.
    fn start(somebody: &'a Somebody, options: &[&str]) -> Container<'a> {
        Container::running(somebody, options, &["sh", "-c", "echo ready; exec sleep 1000"])
    }

    /// The same, with a command of its own that prints `ready`.
    fn running(somebody: &'a Somebody, options: &[&str], command: &[&str]) -> Container<'a> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("second-{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut run = somebody.start(&[&["--name", &name], options, command].concat());
        run.wait_for("ready");
        Container { somebody, name, run }
    }

    /// `containerception exec OPTIONS NAME COMMAND…`, to be run.
    fn exec_command(&self, options: &[&str], command: &[&str]) -> Command {
        let mut exec = self.somebody.containerception();
        exec.arg("exec").args(options).arg(&self.name).args(command);
        exec
    }

    /// The same, to its end.
    fn exec(&self, options: &[&str], command: &[&str]) -> Output {
        Running::start(&mut self.exec_command(options, command)).finish()
    }

    /// What a command prints that is executed in it.
    fn prints(&self, command: &[&str]) -> String {
        out(&self.exec(&[], command))
    }
}

/// `containerception ARGUMENTS…` to its end.
fn containerception(somebody: &Somebody, arguments: &[&str]) -> Output {
    Running::start(somebody.containerception().args(arguments)).finish()
}
