//! Commands that change a container which runs, killed before each call by which they change something. They have no steps:
//! strace(1) counts their calls, and kills them, so nothing in the program is made for this.

use super::Tally;
use super::container::Container;
use super::limits::Limits;
use super::subject::Subject;
use super::traced::{self, Call, Traced, Until};
use std::error::Error;

type Failure = Result<Option<String>, Box<dyn Error>>;

/// One command.
pub struct Change<'a> {
    subject: &'a Subject,
    name: &'a str,
    /// The options of the container.
    options: Vec<&'a str>,
    /// What is done to it before, if it takes something.
    first: Option<&'static str>,
    /// The verb and its options.
    words: Vec<&'a str>,
}

/// What comes after the crash.
#[derive(Clone, Copy, Debug)]
enum After {
    /// It is done again; then the runtime is killed, with the container paused.
    Again,
    /// The container is ended.
    Ended,
    /// The runtime is killed.
    Orphaned,
    /// Nobody is killed: the container ends while the command stands still, which then goes on.
    Overtaken,
}

/// With so many calls, everything comes after each.
const FEW: usize = 20;

const ALL: [After; 4] = [After::Again, After::Ended, After::Orphaned, After::Overtaken];

impl<'a> Change<'a> {
    /// All that there are, for containers in the place of `limits`.
    pub fn all(subject: &'a Subject, name: &'a str, limits: &'a Limits) -> Vec<Change<'a>> {
        let options: Vec<&str> = limits.place.iter().map(String::as_str).collect();
        let change = |first, words| Change { subject, name, options: options.clone(), first, words };
        vec![
            change(None, vec!["pause"]),
            change(Some("pause"), vec!["resume"]),
            change(None, [&["update"], &limits.changes()[..]].concat()),
        ]
    }

    /// The verb.
    pub fn verb(&self) -> &'a str {
        self.words.first().copied().unwrap_or_default()
    }

    /// A row a call, a column what comes after: all of it, or one in turn where there are many calls.
    pub fn crash_everywhere(&self, full: bool, tally: &mut Tally) -> Result<(), Box<dyn Error>> {
        println!("  {:<67}again     ended     orphaned  overtaken", "before the call");
        let calls = self.calls()?;
        for (row, call) in calls.iter().enumerate() {
            print!("  {:>3}  {:<62.61}", row + 1, call.text);
            for (column, after) in ALL.into_iter().enumerate() {
                if !full && calls.len() > FEW && row % ALL.len() != column {
                    print!("{:<10}", "");
                    continue;
                }
                let failure = self.crash(call, after)?;
                print!("{:<10}", if failure.is_none() { "clean" } else { "FAILED" });
                tally.passed += usize::from(failure.is_none());
                let told = |failure| format!("{} before {}, {after:?}: {failure}", self.verb(), call.text);
                tally.failures.extend(failure.map(told));
            }
            println!();
        }
        Ok(())
    }

    fn start(&self) -> Result<Container<'a>, Box<dyn Error>> {
        let container = Container::start(self.subject, self.name, &self.options)?;
        match self.first.map(|verb| container.does(&[verb], &[])).transpose()?.flatten() {
            Some(failure) => Err(failure.into()),
            None => Ok(container),
        }
    }

    fn calls(&self) -> Result<Vec<Call>, Box<dyn Error>> {
        let mut container = self.start()?;
        let calls = traced::calls(self.subject, &self.all_words());
        container.end()?;
        calls
    }

    fn all_words(&self) -> Vec<&'a str> {
        [&self.words[..], &[self.name]].concat()
    }

    /// What went wrong.
    fn crash(&self, call: &Call, after: After) -> Failure {
        let mut container = self.start()?;
        let mut traced = Traced::start(self.subject, &self.all_words(), Some((call, after.signal())))?;
        let failure = match traced.wait() {
            Ok(Until::Killed | Until::Stands) => self.after(after, &mut container, &mut traced)?,
            // Who exits does not stop any more.
            Ok(Until::Ended) => container.end()?,
            Err(error) => container.end()?.or(Some(error.to_string())),
        };
        let gc = self.subject.command(&["gc"]).status()?;
        let gc = (!gc.success()).then(|| format!("gc: {gc}"));
        Ok(failure.or(gc).or(container.left()?))
    }

    fn after(&self, after: After, container: &mut Container<'_>, traced: &mut Traced) -> Failure {
        match after {
            After::Again => {
                let failure = self.again(container)?;
                container.orphan()?;
                Ok(failure)
            }
            After::Ended => Ok(container.end()?),
            After::Orphaned => Ok(container.orphan().map(|()| None)?),
            After::Overtaken => {
                let failure = container.end()?;
                Ok(failure.or(traced.go_on().err().map(|error| error.to_string())))
            }
        }
    }

    /// The container is as it was, and everything can be done to it.
    fn again(&self, container: &Container<'_>) -> Failure {
        let steps: [(&[&str], &[&str], Option<bool>); 4] = [
            (&self.words, &[], (self.verb() != "update").then_some(self.verb() == "pause")),
            (&["resume"], &[], Some(false)),
            (&["exec"], &["true"], Some(false)),
            (&["pause"], &[], Some(true)),
        ];
        for (verb, words, paused) in steps {
            let failure = container.does(verb, words)?;
            let failure = failure.or(container.complaint(paused)?);
            if let Some(failure) = failure {
                return Ok(Some(format!("after {}: {failure}", verb.join(" "))));
            }
        }
        Ok(None)
    }
}

impl After {
    /// What the command gets before its call.
    fn signal(self) -> &'static str {
        if matches!(self, After::Overtaken) { "STOP" } else { "KILL" }
    }
}
