//! The tests themselves: by cargo-nextest where it is installed, else by cargo.

use crate::cargo;
use crate::harness::count;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;
use std::process::Stdio;
use testbed::tools;

/// How it went.
pub struct Tested {
    /// Whether all passed.
    pub passed: bool,
    /// In one line.
    pub summary: String,
}

/// Runs all tests of the workspace with `environment`.
pub fn run(environment: &[(&str, &Path)]) -> io::Result<Tested> {
    if tools::find("cargo-nextest").is_none() {
        return plain(environment);
    }
    let colour = if io::stderr().is_terminal() { "always" } else { "never" };
    let mut tests = cargo::command();
    tests.args(["nextest", "run", "--locked", "--workspace", "--no-fail-fast", "--color", colour]);
    let mut child = tests.envs(environment.iter().copied()).stderr(Stdio::piped()).spawn()?;
    let lines = child.stderr.take().map(|stream| repeat(stream, |line| eprintln!("{line}"))).transpose()?;
    let summary = lines.unwrap_or_default().into_iter().rfind(|line| line.contains("tests run:"));
    let tests = child.wait()?;
    // nextest leaves these out.
    let examples = cargo::command().args(["test", "--quiet", "--locked", "--workspace", "--doc"]).status()?;
    let summary = summary.unwrap_or_else(|| format!("nextest: {tests}"));
    let examples_failed = if examples.success() { "" } else { "; examples in the documentation failed" };
    Ok(Tested {
        passed: tests.success() && examples.success(),
        summary: summary.trim_start().to_owned() + examples_failed,
    })
}

fn plain(environment: &[(&str, &Path)]) -> io::Result<Tested> {
    let mut tests = cargo::command();
    tests.args(["test", "--locked", "--workspace", "--no-fail-fast"]).envs(environment.iter().copied());
    let mut child = tests.stdout(Stdio::piped()).spawn()?;
    let lines = child.stdout.take().map(|stream| repeat(stream, |line| println!("{line}"))).transpose()?;
    let lines = lines.unwrap_or_default();
    let sum = |word: &str| lines.iter().filter_map(|line| count(line, word)).sum::<usize>();
    let (passed, failed, ignored) = (sum("passed"), sum("failed"), sum("ignored"));
    let summary =
        format!("{} tests run: {passed} passed, {failed} failed, {ignored} ignored", passed + failed);
    Ok(Tested { passed: child.wait()?.success(), summary })
}

/// Hands every line on as it comes, and returns them all.
fn repeat(stream: impl Read, hand_on: fn(&str)) -> io::Result<Vec<String>> {
    let lines = BufReader::new(stream)
        .split(b'\n')
        .map(|line| line.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    lines.inspect(|line| line.iter().for_each(|line| hand_on(line))).collect()
}
