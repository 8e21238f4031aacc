//! Rounds of starts.

use super::contender::{Contender, Start};
use super::statistics::Times;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Long enough for the kernel's grace periods to end: what waits for one shows that only after a pause.
const IDLE: Duration = Duration::from_millis(40);

/// Starts everyone once without measuring: caches are filled, and who cannot be started is told apart; so is a
/// container of ours that is none.
pub fn warm_up(contenders: &mut [Contender]) {
    for contender in contenders {
        if let Ok(start) = &contender.start
            && let Err(error) =
                once(start).and_then(|_| if contender.own { has_own_name(start) } else { Ok(()) })
        {
            contender.start = Err(error.to_string());
        }
    }
}

/// Runs `hostname` where `true` is measured.
fn has_own_name(start: &Start) -> io::Result<()> {
    let Start::Words(words) = start else { return Ok(()) };
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let arguments =
        arguments.iter().map(|word| if word == "true" { "hostname".as_ref() } else { word.as_os_str() });
    let name = Command::new(program).args(arguments).stdin(Stdio::null()).output()?.stdout;
    if name == b"containerception\n" { Ok(()) } else { Err(io::Error::other("made no container")) }
}

/// Measures all who can be started, `runs` times each; a list of times for each contender, in their order.
pub fn rounds(contenders: &[Contender], runs: usize) -> Vec<Times> {
    let mut times = vec![Vec::with_capacity(runs); contenders.len()];
    for round in 0..runs {
        for place in 0..contenders.len() {
            // Another one begins each round, so that none is always behind the same other.
            let index = (place + round) % contenders.len();
            if let Ok(start) = &contenders[index].start {
                times[index].push(once(start).ok());
            }
        }
    }
    times
}

fn once(start: &Start) -> io::Result<Duration> {
    match start {
        Start::Words(words) => timed(words),
        Start::Within(covered, words) => covered.within(|| timed(words)),
        Start::Helper(path, own, first) => helped(path, *own, *first),
    }
}

/// From before the spawn, which std does by `posix_spawn(3)`, to after the wait.
fn timed(words: &[OsString]) -> io::Result<Duration> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    sleep(IDLE);
    let before = Instant::now();
    let mut child = command.spawn()?;
    let status = child.wait()?;
    let time = before.elapsed();
    if status.success() { Ok(time) } else { Err(complaint(&mut child, &status.to_string())) }
}

/// The first line that a failed program wrote to stderr.
pub fn complaint(child: &mut Child, status: &str) -> io::Error {
    let mut text = Vec::new();
    if let Some(stderr) = &mut child.stderr {
        // Bounded; what cannot be read is not told.
        let _ = stderr.take(4096).read_to_end(&mut text);
    }
    let text = String::from_utf8_lossy(&text);
    io::Error::other(format!("{status}: {}", text.lines().next().unwrap_or("without a word")))
}

/// One of the two set-user-ID helpers, for a process that waits in a user namespace of its own.
fn helped(helper: &Path, own: u32, first: u32) -> io::Result<Duration> {
    let mut sleeper = Command::new("unshare").args(["--user", "sleep", "60"]).spawn()?;
    let result = await_namespace(sleeper.id()).and_then(|()| {
        let numbers = [sleeper.id(), 0, own, 1, 1, first, 65_535].map(|number| number.to_string().into());
        let words: Vec<OsString> = std::iter::once(helper.into()).chain(numbers).collect();
        timed(&words)
    });
    sleeper.kill()?;
    sleeper.wait()?;
    result
}

fn await_namespace(pid: u32) -> io::Result<()> {
    let ours = std::fs::read_link("/proc/self/ns/user")?;
    let deadline = Instant::now() + Duration::from_secs(1);
    while Instant::now() < deadline {
        if std::fs::read_link(format!("/proc/{pid}/ns/user"))? != ours {
            return Ok(());
        }
        sleep(Duration::from_millis(1));
    }
    Err(io::Error::other("unshare --user made no user namespace"))
}
