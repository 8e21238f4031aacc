//! A command that gets a signal at one of its calls, by strace(1).

use super::subject::Subject;
use std::error::Error;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::processes::{Process, child_of};

/// Those that change something, and the last one.
const CALLS: &str = "/^(symlink|mkdir|rename|unlink|write|ftruncate|flock|bpf|exit_group)";

/// One that is not done by then hangs.
const LONGEST: Duration = Duration::from_secs(10);

/// A call that a command makes.
pub struct Call {
    name: String,
    /// Which of those of this name it is, counted from 1.
    number: usize,
    /// As strace writes it, in short.
    pub text: String,
}

/// The calls by which `containerception WORDS…` changes something, which it does.
///
/// # Errors
/// It fails.
pub fn calls(subject: &Subject, words: &[&str]) -> Result<Vec<Call>, Box<dyn Error>> {
    let mut traced = Traced::start(subject, words, None)?;
    match traced.wait()? {
        Until::Ended if !traced.log().is_empty() => Ok(parse(&traced.log())),
        _ => Err(format!("{} cannot be traced", words.join(" ")).into()),
    }
}

fn parse(log: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for line in log.lines() {
        let Some((name, _)) = line.split_once('(') else { continue };
        let number = 1 + calls.iter().filter(|call| call.name == name).count();
        calls.push(Call { name: name.to_owned(), number, text: line.to_owned() });
    }
    // What failed has changed nothing.
    calls.retain(|call| !call.text.contains(" = -1 "));
    calls.iter_mut().for_each(|call| call.text = short(&call.text));
    calls
}

/// What is called with what, without the directories of paths and what was answered.
fn short(line: &str) -> String {
    let words = line.split('"').map(|word| word.rsplit('/').next().unwrap_or(word));
    let line = words.collect::<Vec<_>>().join("\"");
    line.split(" = ").next().unwrap_or_default().trim_end().replace("AT_FDCWD, ", "")
}

/// It runs.
pub struct Traced {
    strace: Child,
    /// What strace writes.
    log: PathBuf,
    /// What the command writes on stderr.
    said: PathBuf,
}

/// What it came to.
pub enum Until {
    /// It has ended by itself.
    Ended,
    /// It was killed.
    Killed,
    /// It stands still.
    Stands,
}

impl Traced {
    /// `containerception WORDS…`, which gets a signal at a call if so.
    pub fn start(subject: &Subject, words: &[&str], at: Option<(&Call, &str)>) -> io::Result<Traced> {
        let [log, said] = ["strace", "strace-said"].map(|name| subject.scratch(name));
        let inject =
            at.map(|(call, signal)| format!("inject={}:signal={signal}:when={}", call.name, call.number));
        let trace = format!("trace={CALLS}");
        let mut strace = vec!["strace", "-s", "64", "-o", log.to_str().unwrap_or_default(), "-e", &trace];
        inject.iter().for_each(|inject| strace.extend(["-e", inject]));
        // That of the one before is not to be taken for this one's.
        let _ = fs::remove_file(&log);
        let strace = subject.by(&strace, words).stderr(fs::File::create(&said)?).spawn()?;
        Ok(Traced { strace, log, said })
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has ended, or stands still.
    pub fn wait(&mut self) -> Result<Until, Box<dyn Error>> {
        let deadline = Instant::now() + LONGEST;
        while Instant::now() < deadline {
            let ended = self.strace.try_wait()?;
            let said = self.log();
            match ended {
                Some(_) if said.contains("exit_group(") && !said.contains("exit_group(0)") => {
                    return Err(format!("it fails by itself: {}", fs::read_to_string(&self.said)?).into());
                }
                Some(_) if said.contains("\n+++ killed by SIGKILL") => return Ok(Until::Killed),
                Some(_) => return Ok(Until::Ended),
                None if said.contains("\n--- stopped by SIGSTOP") => return Ok(Until::Stands),
                None => sleep(Duration::from_millis(1)),
            }
        }
        Err("a command under strace hangs".into())
    }

    /// Lets one that stands still go on to its end, without strace: a tracee does not always hear of SIGCONT.
    pub fn go_on(&mut self) -> Result<(), Box<dyn Error>> {
        let pid = child_of(self.strace.id()).ok_or("strace has nobody to trace")?;
        let process = Process::of(pid).ok_or("who was traced is gone")?;
        self.strace.kill()?;
        self.strace.wait()?;
        Command::new("sh").args(["-c", "kill -CONT \"$1\"", "sh", &pid.to_string()]).status()?;
        let deadline = Instant::now() + LONGEST;
        while process.is_alive() && Instant::now() < deadline {
            sleep(Duration::from_millis(1));
        }
        if process.is_alive() { Err("what was stopped does not end when it goes on".into()) } else { Ok(()) }
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_their_names() {
        let log = "flock(3, LOCK_SH) = 0\nsymlinkat(\"/a/b\", AT_FDCWD, \"/c/d:group\") = -1 EEXIST (File exists)\n\
                   symlinkat(\"/a/b\", AT_FDCWD, \"/c/d:group.1\") = 0\nexit_group(0)    = ?\n+++ exited with 0 +++";
        let calls: Vec<_> = parse(log).into_iter().map(|call| (call.name, call.number, call.text)).collect();
        let expected = [
            ("flock", 1, "flock(3, LOCK_SH)"),
            ("symlinkat", 2, r#"symlinkat("b", "d:group.1")"#),
            ("exit_group", 1, "exit_group(0)"),
        ];
        let expected = expected.map(|(name, number, text)| (name.to_owned(), number, text.to_owned()));
        assert_eq!(calls, expected);
    }
}
