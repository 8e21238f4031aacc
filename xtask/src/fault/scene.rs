//! A container of one kind of user, in which each step fails.

use super::Tally;
use super::told::{complaint, only_lacks};
use crate::alone::is_ours;
use crate::crash::plan::{Step, steps};
use crate::crash::subject::{End, Subject, await_end};
use std::error::Error;
use std::io::{self, Read, Write};
use std::process::{ExitStatus, Stdio};
use testbed::kind::Kind;
use testbed::leaks::{Places, Snapshot};

/// A kind of user, and what there was before the first fault.
pub struct Scene<'a> {
    subject: &'a Subject,
    kind: Kind,
    /// The container's.
    name: &'a str,
    /// What it has beyond the default one.
    options: Vec<&'a str>,
    places: Places,
    before: Snapshot,
}

/// What one fault came to.
enum Fault {
    /// The start ended with an error that names it.
    Told,
    /// Another step was performed instead, and the container ran.
    WentOn,
    /// Why it failed.
    Failed(String),
}

impl<'a> Scene<'a> {
    /// Starts one container, which must work: state that is made once and stays is there from then on.
    pub fn new(
        subject: &'a Subject,
        kind: Kind,
        name: &'a str,
        options: Vec<&'a str>,
    ) -> Result<Scene<'a>, Box<dyn Error>> {
        let places = subject.places()?;
        let words = [&["run"], &options[..], &["true"]].concat();
        match await_end(&mut subject.command(&words).spawn()?)? {
            End::Status(status) if status.success() => {}
            End::Status(status) => {
                return Err(format!("{}, without a fault, {kind}: {status}", words.join(" ")).into());
            }
            End::Hung => return Err(format!("{}, without a fault, {kind}: hangs", words.join(" ")).into()),
        }
        let before = places.look()?;
        Ok(Scene { subject, kind, name, options, places, before })
    }

    /// A row a step, a column an errno.
    pub fn fail_everywhere(&mut self, errnos: &[String], tally: &mut Tally) -> Result<(), Box<dyn Error>> {
        print!("  {:<63}", "step");
        errnos.iter().for_each(|errno| print!("{errno:<8}"));
        println!();
        for step in self.steps()? {
            print!("  {step:<61}");
            for errno in errnos {
                io::stdout().flush()?;
                let fault = self.fail(&step, errno)?;
                self.count(fault, &step, errno, tally);
            }
            println!();
        }
        Ok(())
    }

    /// The plan, of which the program is asked.
    fn steps(&self) -> Result<Vec<Step>, Box<dyn Error>> {
        let words = [&["run", "--dry-run"], &self.options[..], &["true"]].concat();
        let output = self.subject.command(&words).stdout(Stdio::piped()).output()?;
        let steps = steps(&String::from_utf8(output.stdout)?);
        if steps.is_empty() { Err("--dry-run printed no steps".into()) } else { Ok(steps) }
    }

    fn fail(&mut self, step: &Step, errno: &str) -> io::Result<Fault> {
        let words = [&["run", "--name", self.name], &self.options[..], &["true"]].concat();
        let mut command = self.subject.command(&words);
        command.env("CONTAINERCEPTION_FAULT", format!("{}:{errno}", step.number)).stderr(Stdio::piped());
        let mut run = command.spawn()?;
        let End::Status(status) = await_end(&mut run)? else { return Ok(Fault::Failed("hangs".to_owned())) };
        let mut said = String::new();
        // A page of text at most, which the pipe holds.
        run.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said)).transpose()?;
        let mut left = self.places.left_since(&self.before)?;
        left.retain(|thing| is_ours(thing, self.name));
        if !left.is_empty() {
            // Told once, and not again after each fault that follows.
            self.before = self.places.look()?;
            return Ok(Fault::Failed(format!("left: {}", left.join("; "))));
        }
        Ok(judge(status, &said, step))
    }

    fn count(&self, fault: Fault, step: &Step, errno: &str, tally: &mut Tally) {
        let word = match fault {
            Fault::Told => {
                tally.told += 1;
                "told"
            }
            Fault::WentOn => {
                tally.went_on += 1;
                "went on"
            }
            Fault::Failed(reason) => {
                tally.failures.push(format!("{}, {errno} at step {}: {reason}", self.kind, step.number));
                "FAILED"
            }
        };
        print!("{word:<8}");
    }
}

fn judge(status: ExitStatus, said: &str, step: &Step) -> Fault {
    match complaint(status.code(), said, step) {
        None => Fault::Told,
        Some(_) if status.success() && only_lacks(said) => Fault::WentOn,
        Some(reason) => Fault::Failed(format!("{reason}: {status}: {said}")),
    }
}
