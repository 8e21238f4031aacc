//! What the guest says, told in short: a line a suite, and all that was said where something failed.

use super::suite::Suite;
use super::turn;
use crate::harness::{count, skips};
use std::collections::BTreeMap;
use std::time::Instant;

/// How many tests ended how.
#[derive(Default, Debug, PartialEq)]
pub struct Tally {
    /// Passed, with nothing left out.
    pub passed: usize,
    /// Failed, or did not run though it was planned.
    pub failed: usize,
    /// Passed after saying that it, or a part of it, cannot be done.
    pub skipped: usize,
}

/// What was said so far.
pub struct Report {
    /// How many tests of each suite run in a turn.
    planned: BTreeMap<String, usize>,
    /// The suite that runs, since when, and what it has said.
    current: Option<(String, Instant, Vec<String>)>,
    tally: Tally,
}

impl Report {
    /// One of nothing yet; `suites` will run in each turn.
    pub fn new(suites: &[Suite]) -> Report {
        let planned = suites.iter().map(|suite| (suite.name.clone(), suite.tests.len())).collect();
        Report { planned, current: None, tally: Tally::default() }
    }

    /// Takes one line.
    pub fn hear(&mut self, line: &str) {
        match line.strip_prefix("vm: ").and_then(|line| line.split_once(' ')) {
            Some(("turn", who)) => tell_turn(who),
            Some(("begin", suite)) => self.current = Some((suite.to_owned(), Instant::now(), Vec::new())),
            Some(("end", status)) => self.suite_ends(status),
            _ => match &mut self.current {
                Some((_, _, said)) => said.push(line.to_owned()),
                None => println!("{line}"),
            },
        }
    }

    fn suite_ends(&mut self, status: &str) {
        let Some((suite, since, said)) = self.current.take() else { return };
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        let tally = judge(self.planned.get(&suite).copied().unwrap_or(0), status, &said);
        let Tally { passed, failed, skipped } = tally;
        let seconds = since.elapsed().as_secs();
        println!("  {suite:<22} {passed:>3} passed, {failed} failed, {skipped} skipped   {seconds} s");
        tell_skips(&suite, &said);
        if failed > 0 {
            println!("  it ended with status {status}; it said:");
            what_failed(&said).iter().for_each(|line| println!("    {line}"));
        }
        self.tally.passed += passed;
        self.tally.failed += failed;
        self.tally.skipped += skipped;
    }

    /// What it came to. What was planned and never told of has failed.
    pub fn end(mut self) -> Tally {
        let told = self.tally.passed + self.tally.failed + self.tally.skipped;
        let turns = |suite: &str| turn::ALL.iter().filter(|turn| turn.has(suite)).count();
        let planned: usize = self.planned.iter().map(|(suite, tests)| turns(suite) * tests).sum();
        let missing = planned.saturating_sub(told);
        if missing > 0 {
            println!("\n{missing} tests that were planned did not run");
            self.tally.failed += missing;
        }
        self.tally
    }
}

/// How the tests of a suite ended, of which `planned` were to run.
fn judge(planned: usize, status: &str, said: &[&str]) -> Tally {
    let result = said.iter().rev().find(|line| line.starts_with("test result:")).copied().unwrap_or_default();
    let (passed, failed) = (count(result, "passed").unwrap_or(0), count(result, "failed").unwrap_or(0));
    let skipped = skips(said).len().min(passed);
    let missing = planned.saturating_sub(passed + failed);
    // One that is killed in the end may have passed everything, and is not well.
    let failed = (failed + missing).max(usize::from(status != "0"));
    Tally { passed: passed - skipped, failed, skipped }
}

fn tell_turn(word: &str) {
    let turn = turn::ALL.into_iter().find(|turn| turn.word() == word);
    println!("\n{}", turn.map_or(word, |turn| turn.title()));
}

fn tell_skips(suite: &str, said: &[&str]) {
    for (test, reasons) in skips(said) {
        reasons.iter().for_each(|reason| println!("    SKIP: {suite}::{test}: {reason}"));
    }
}

/// What the tests that failed have said; all, where the program did not come so far.
fn what_failed<'a>(said: &'a [&'a str]) -> &'a [&'a str] {
    let from = said.iter().position(|line| *line == "failures:").unwrap_or(0);
    said.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(planned: usize, status: &str, said: &str) -> [usize; 3] {
        let Tally { passed, failed, skipped } = judge(planned, status, &said.lines().collect::<Vec<_>>());
        [passed, failed, skipped]
    }

    const RESULT: &str = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out";

    #[test]
    fn a_test_that_skipped_itself_has_not_passed() {
        let said = format!("---- a stdout ----\nSKIP: a: no strace\n\n{RESULT}");
        assert_eq!(judged(3, "0", &said), [2, 0, 1]);
    }

    #[test]
    fn what_did_not_run_has_failed() {
        assert_eq!(judged(5, "0", RESULT), [3, 2, 0]);
        assert_eq!(judged(5, "139", "running 5 tests"), [0, 5, 0]);
        assert_eq!(judged(3, "124", RESULT), [3, 1, 0]);
    }

    #[test]
    fn a_turn_that_did_not_come_has_failed() {
        let tests = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let suite = Suite { name: "s".to_owned(), program: "/s".into(), tests };
        let mut report = Report::new(&[suite]);
        for line in ["vm: turn root", "vm: begin s", RESULT, "", "vm: end 0"] {
            report.hear(line);
        }
        assert_eq!(report.end(), Tally { passed: 3, failed: 6, skipped: 0 });
    }
}
