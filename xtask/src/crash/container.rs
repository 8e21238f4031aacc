//! A container that runs while commands in it are crashed.

use super::Tally;
use super::subject::{End, Subject, await_end};
use std::error::Error;
use std::fs;
use std::io;
use std::process::Child;
use std::time::{Duration, Instant};
use testbed::leaks::{Places, Snapshot};
use testbed::processes::{Process, descendants, init_of_sleeper};

/// One of them, and what there was before it.
pub struct Container<'a> {
    subject: &'a Subject,
    name: &'a str,
    run: Child,
    places: Places,
    before: Snapshot,
    family: Family,
}

/// The processes of a container, zombies too, with the number of descriptors that each of them has open.
type Family = Vec<(Process, Option<usize>)>;

impl<'a> Container<'a> {
    /// Starts it, and waits until commands can be executed in it.
    pub fn start(subject: &'a Subject, name: &'a str) -> Result<Container<'a>, Box<dyn Error>> {
        let places = subject.places()?;
        let before = places.look()?;
        let run = subject.command(&["run", "--name", name, "sleep", "1000"]).spawn()?;
        let mut container = Container { subject, name, run, places, before, family: Vec::new() };
        container.await_command()?;
        container.family = container.look();
        Ok(container)
    }

    /// Its command sleeps; and a command was executed in it, so that its record is written.
    fn await_command(&self) -> Result<(), Box<dyn Error>> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while init_of_sleeper(self.run.id()).is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        match await_end(&mut self.subject.command(&["exec", self.name, "true"]).spawn()?)? {
            End::Status(status) if status.success() => Ok(()),
            _ => Err("exec of true, without a crash, does not work".into()),
        }
    }

    fn look(&self) -> Family {
        let open = |pid: u32| fs::read_dir(format!("/proc/{pid}/fd")).ok().map(Iterator::count);
        let own = Process::of(self.run.id()).into_iter();
        own.chain(descendants(self.run.id())).map(|one| (one.clone(), open(one.pid))).collect()
    }

    /// After the crashes: it is as it was; then it ends, and nothing is left of it.
    pub fn end(&mut self, tally: &mut Tally) -> io::Result<()> {
        let mut failures = Vec::new();
        let now = self.look();
        if now != self.family {
            failures.push(format!("the container is not as it was: {:?}, now {now:?}", self.family));
        }
        self.subject.command(&["kill", self.name]).status()?;
        if matches!(await_end(&mut self.run)?, End::Hung) {
            failures.push("the container does not end".to_owned());
        }
        let left = self.places.left_since(&self.before)?;
        if !left.is_empty() {
            failures.push(format!("left by the container: {}", left.join("; ")));
        }
        tally.passed += usize::from(failures.is_empty());
        tally.failures.extend(failures.into_iter().map(|failure| format!("exec, after all: {failure}")));
        Ok(())
    }
}

impl Drop for Container<'_> {
    /// Where a crash could not even be tried.
    fn drop(&mut self) {
        let _ = self.run.kill();
        let _ = self.run.wait();
    }
}
