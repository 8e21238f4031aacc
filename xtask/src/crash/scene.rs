//! One way to start a container, or a command in one, crashed at every boundary.

use super::Tally;
use super::plan::{Step, steps};
use super::subject::{End, Subject, await_end};
use super::verb::Verb;
use crate::alone::is_ours;
use std::error::Error;
use std::io;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::leaks::{Places, Snapshot};

/// A way to start containers or commands.
pub struct Way<'a> {
    /// For people.
    pub title: &'a str,
    pub verb: Verb,
    /// The verb and its options; for exec, the container as well.
    pub options: Vec<&'a str>,
    /// The container's name.
    pub name: &'a str,
    /// Who is crashed.
    pub actors: &'a [&'static str],
}

/// One of them, and what there was before the first crash.
pub struct Scene<'a> {
    subject: &'a Subject,
    way: Way<'a>,
    places: Places,
    before: Snapshot,
}

/// What one crash came to.
enum Crash {
    /// The actor died, and all is gone.
    Clean,
    /// The start was none of the actor's business: it was not born yet, or had ended.
    Untouched,
    /// Why it failed.
    Failed(String),
}

impl<'a> Scene<'a> {
    /// Does it once, which must work: state that is made once and stays is there from then on.
    pub fn new(subject: &'a Subject, way: Way<'a>) -> Result<Scene<'a>, Box<dyn Error>> {
        let (places, title) = (subject.places()?, way.title);
        let plain = [&way.options[..], &["true"]].concat();
        match await_end(&mut subject.command(&plain).spawn()?)? {
            End::Status(status) if status.success() => {}
            End::Status(status) => return Err(format!("{title} true, without a crash: {status}").into()),
            End::Hung => return Err(format!("{title} true, without a crash, hangs").into()),
        }
        let before = places.look()?;
        Ok(Scene { subject, way, places, before })
    }

    /// A row a step, a column an actor.
    pub fn crash_everywhere(&mut self, tally: &mut Tally) -> Result<(), Box<dyn Error>> {
        print!("  {:<63}", "step");
        self.way.actors.iter().for_each(|actor| print!("{actor:<10}"));
        println!();
        for step in self.steps()? {
            print!("  {step:<61}");
            for &actor in self.way.actors {
                // The runtime is there throughout.
                let certain = actor == "runtime" || actor == step.actor;
                // What goes on although it should not must be seen to.
                let mut command = self.start(if certain { &["sleep", "60"] } else { &["true"] });
                command.env("CONTAINERCEPTION_CRASH", format!("{actor}@{}", step.number));
                let crash = self.judge(&mut command.spawn()?, certain)?;
                self.count(crash, &format!("{actor} at step {}", step.number), tally);
            }
            println!();
        }
        Ok(())
    }

    /// After the last step there is one more boundary: the command runs.
    pub fn crash_while_running(&mut self, tally: &mut Tally) -> io::Result<()> {
        print!("  {:<63}", "while the command runs");
        for actor in ["runtime", self.way.verb.beside()] {
            let mut run = self.start(&["sleep", "60"]).spawn()?;
            let crash = match self.await_beside(&run)? {
                None => Crash::Failed("the command did not start".to_owned()),
                Some(beside) => {
                    kill(if actor == "runtime" { run.id() } else { beside })?;
                    self.judge(&mut run, true)?
                }
            };
            // Where it failed, the start may still be there.
            run.kill()?;
            run.wait()?;
            self.count(crash, &format!("{actor} while the command runs"), tally);
        }
        println!();
        Ok(())
    }

    /// The plan, of which the program is asked.
    fn steps(&self) -> Result<Vec<Step>, Box<dyn Error>> {
        let output = self.tell().stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
        let steps = steps(&String::from_utf8([output.stdout, output.stderr].concat())?);
        if steps.is_empty() {
            return Err(format!("{} told no steps: {}", self.way.title, output.status).into());
        }
        Ok(steps)
    }

    /// What tells the plan: to tell what was done is a step itself, which a dry run does not have.
    fn tell(&self) -> Command {
        match self.way.options.split_first() {
            Some((verb, options)) if !options.contains(&"--explain") => {
                self.subject.command(&[&[*verb, "--dry-run"], options, &["true"]].concat())
            }
            _ => self.start(&["true"]),
        }
    }

    fn start(&self, words: &[&str]) -> Command {
        self.subject.command(&[&self.way.options[..], words].concat())
    }

    fn await_beside(&self, run: &Child) -> io::Result<Option<u32>> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if let Some(beside) = self.way.verb.find_beside(run.id()) {
                return Ok(Some(beside));
            }
            sleep(Duration::from_millis(2));
        }
        Ok(None)
    }

    /// Waits for a crashed start, starts one more container or command, and looks around. With `certain`, the start must not have
    /// succeeded: a crash that does not happen proves nothing.
    fn judge(&mut self, run: &mut Child, certain: bool) -> io::Result<Crash> {
        let touched = match await_end(run)? {
            End::Hung => return Ok(Crash::Failed("hangs".to_owned())),
            End::Status(status) => !status.success(),
        };
        if certain && !touched {
            return Ok(Crash::Failed("did not crash".to_owned()));
        }
        self.await_processes()?;
        match await_end(&mut self.start(&["true"]).spawn()?)? {
            End::Hung => return Ok(Crash::Failed("the next command hangs".to_owned())),
            End::Status(status) if !status.success() => {
                return Ok(Crash::Failed(format!("the next command: {status}")));
            }
            End::Status(_) => {}
        }
        let mut left = self.places.left_since(&self.before)?;
        left.retain(|thing| is_ours(thing, self.way.name));
        if !left.is_empty() {
            // Told once, and not again after each crash that follows.
            self.before = self.places.look()?;
        }
        Ok(match (left.is_empty(), touched) {
            (false, _) => Crash::Failed(format!("left: {}", left.join("; "))),
            (true, true) => Crash::Clean,
            (true, false) => Crash::Untouched,
        })
    }

    /// Gives the processes time to end. An init that has not run since it was cloned still has its copy of the journal's
    /// lock: as long as that is so, the container counts as alive, and the next start tidies up nothing of it.
    fn await_processes(&self) -> io::Result<()> {
        let programs = self.places.programs.clone();
        Places { state: Vec::new(), groups: Vec::new(), programs }.left_since(&self.before).map(drop)
    }

    fn count(&self, crash: Crash, place: &str, tally: &mut Tally) {
        let word = match crash {
            Crash::Clean => {
                tally.passed += 1;
                "clean"
            }
            Crash::Untouched => {
                tally.absent += 1;
                "–"
            }
            Crash::Failed(reason) => {
                tally.failures.push(format!("{}, {place}: {reason}", self.way.title));
                "FAILED"
            }
        };
        print!("{word:<10}");
    }
}

/// SIGKILL, by the shell: std only kills children.
fn kill(pid: u32) -> io::Result<()> {
    let status = Command::new("sh").args(["-c", "kill -KILL \"$1\"", "sh", &pid.to_string()]).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("kill {pid}: {status}"))) }
}
