//! The tests themselves: by cargo-nextest where it is installed, else by cargo.

use crate::cargo;
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

/// The number before `word` in `test result: ok. 3 passed; 0 failed; …`.
fn count(line: &str, word: &str) -> Option<usize> {
    let result = line.strip_prefix("test result:")?;
    let words: Vec<&str> = result.split([' ', ';']).collect();
    let place = words.iter().position(|other| *other == word)?;
    words.get(place.checked_sub(1)?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_by_their_word() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(
            [count(line, "passed"), count(line, "failed"), count(line, "ignored")],
            [Some(3), Some(1), Some(2)]
        );
        assert_eq!(count("3 passed", "passed"), None);
    }
}
