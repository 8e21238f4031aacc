//! A container that runs while commands in it are crashed.

use super::subject::{End, Subject, await_end};
use crate::alone::is_ours;
use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use testbed::groups::Groups;
use testbed::leaks::{Places, Snapshot};
use testbed::processes::{Process, child_of, descendants, init_of_sleeper};

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
    /// Starts it with `options`, and waits until commands can be executed in it.
    pub fn start(
        subject: &'a Subject,
        name: &'a str,
        options: &[&str],
    ) -> Result<Container<'a>, Box<dyn Error>> {
        let places = subject.places()?;
        let before = places.look()?;
        let words = [&["run", "--name", name], options, &["sleep", "1000"]].concat();
        let run = subject.command(&words).spawn()?;
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
        self.does(&["exec"], &["true"])?.map_or(Ok(()), |why| Err(format!("without a crash, {why}").into()))
    }

    fn look(&self) -> Family {
        let open = |pid: u32| fs::read_dir(format!("/proc/{pid}/fd")).ok().map(Iterator::count);
        let own = Process::of(self.run.id()).into_iter();
        own.chain(descendants(self.run.id())).map(|one| (one.clone(), open(one.pid))).collect()
    }

    /// Whether its processes are those that there were, with as many open files.
    pub fn is_as_it_was(&self) -> bool {
        self.look() == self.family
    }

    /// The process of its command, by its pid outside.
    pub fn command(&self) -> Option<u32> {
        child_of(init_of_sleeper(self.run.id())?)
    }

    /// `containerception VERB OPTIONS… NAME`, with `words` behind it: why it does not work, if it does not.
    pub fn does(&self, verb: &[&str], words: &[&str]) -> io::Result<Option<String>> {
        let all = [verb, &[self.name], words].concat();
        let mut child = self.subject.command(&all).stderr(Stdio::piped()).spawn()?;
        let End::Status(status) = await_end(&mut child)? else {
            return Ok(Some(format!("{} hangs", all.join(" "))));
        };
        let mut said = String::new();
        // A page of text at most, which the pipe holds.
        child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said)).transpose()?;
        Ok((!status.success()).then(|| format!("{}: {status}: {said}", all.join(" "))))
    }

    /// What is wrong with it: it is not as it was; it is paused or not, other than it should be; it is not in one of its
    /// groups, or a limit is not held.
    pub fn complaint(&self, paused: Option<bool>) -> Result<Option<String>, Box<dyn Error>> {
        let groups = Groups::of(self.command().ok_or("the command is gone")?)?;
        let frozen = groups.read("freezer.state").as_deref() == Some("FROZEN")
            || groups.number("cgroup.events", "frozen") == Some(1);
        let output = self.subject.command(&["inspect", self.name]).stdout(Stdio::piped()).output()?;
        let inspected = String::from_utf8(output.stdout)?;
        let (_, listed) = inspected.split_once("\n  \"groups\": [").ok_or("inspect lists no groups")?;
        let listed = listed.lines().take_while(|line| *line != "  ],");
        let known = listed.filter_map(|line| line.trim().strip_prefix("\"directory\": \""));
        let known: Vec<&str> = known.filter_map(|rest| rest.split('"').next()).collect();
        let is_in = |known: &&str| groups.directories().any(|own| own == Path::new(known));
        let missing: Vec<&str> = known.iter().filter(|known| !is_in(known)).copied().collect();
        let checks = [
            (!self.is_as_it_was(), "it is not as it was".to_owned()),
            (paused.is_some_and(|paused| paused != frozen), format!("frozen is {frozen}")),
            (known.is_empty() || !missing.is_empty(), format!("its command is not in {missing:?}")),
            (inspected.contains("\"held\": false"), "a limit is not held".to_owned()),
        ];
        Ok(checks.into_iter().find(|(is_so, _)| *is_so).map(|(_, complaint)| complaint))
    }

    /// Ends it by `kill`; what is wrong, if anything.
    pub fn end(&mut self) -> io::Result<Option<String>> {
        self.does(&["kill"], &[])?;
        let hangs = matches!(await_end(&mut self.run)?, End::Hung);
        Ok(hangs.then(|| "the container does not end".to_owned()))
    }

    /// Kills its runtime.
    pub fn orphan(&mut self) -> io::Result<()> {
        self.run.kill()?;
        self.run.wait().map(drop)
    }

    /// What is left of it.
    pub fn left(&self) -> io::Result<Option<String>> {
        let mut left = self.places.left_since(&self.before)?;
        left.retain(|thing| is_ours(thing, self.name));
        Ok((!left.is_empty()).then(|| format!("left: {}", left.join("; "))))
    }
}

impl Drop for Container<'_> {
    /// Where a crash could not even be tried.
    fn drop(&mut self) {
        let _ = self.orphan();
        let _ = self.subject.command(&["gc"]).status();
    }
}
