//! What the guest says, told in short: each test that failed or was skipped, and a line a suite.

use super::suite::{Suite, full};
use super::turn::{self, Turn};
use crate::harness::count;
use std::time::Instant;

/// How many tests ended how.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Tally {
    /// Passed, with nothing left out.
    pub passed: usize,
    /// Failed, or did not run though it was planned.
    pub failed: usize,
    /// Passed after saying that it, or a part of it, cannot be done.
    pub skipped: usize,
}

impl Tally {
    pub fn sum(self, other: Tally) -> Tally {
        Tally {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// What was said so far.
pub struct Report {
    /// How many tests are to be told of, in all turns together.
    planned: usize,
    /// Of all suites but the current one.
    tally: Tally,
    /// The suite of which tests are told, since when, and how they ended.
    suite: Option<(String, Instant, Tally)>,
    /// The test that is told of, and what it has said.
    test: Option<(String, Vec<String>)>,
    /// What is told at the end; nothing, if it is told as it comes.
    later: Option<String>,
}

impl Report {
    /// One of nothing yet, of these turns; `is_live`: it is told as it comes.
    pub fn new(suites: &[Suite], turns: &[Turn], is_live: bool) -> Report {
        let turns = |suite: &Suite| turns.iter().filter(|turn| turn.has(&suite.name)).count();
        let planned = suites.iter().map(|suite| turns(suite) * suite.tests.len()).sum();
        let later = (!is_live).then(String::new);
        Report { planned, tally: Tally::default(), suite: None, test: None, later }
    }

    /// Takes one line.
    pub fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["vm:", "turn", word] => self.turn_begins(word),
            ["vm:", "suite", name] => self.suite_begins(name),
            ["vm:", "test", name] => self.test = Some(((*name).to_owned(), Vec::new())),
            ["vm:", "end", status] => self.test_ends(status),
            _ => match &mut self.test {
                Some((_, said)) => said.push(line.to_owned()),
                None => self.tell(line),
            },
        }
    }

    fn tell(&mut self, line: &str) {
        match &mut self.later {
            Some(later) => later.extend([line, "\n"]),
            None => println!("{line}"),
        }
    }

    fn turn_begins(&mut self, word: &str) {
        self.suite_ends();
        let turn = turn::ALL.into_iter().find(|turn| turn.word() == word);
        self.tell(&format!("\n{}", turn.map_or(word, |turn| turn.title())));
    }

    /// It may have begun before: those that run alone come last.
    fn suite_begins(&mut self, name: &str) {
        if self.suite.as_ref().is_none_or(|(suite, ..)| suite != name) {
            self.suite_ends();
            self.suite = Some((name.to_owned(), Instant::now(), Tally::default()));
        }
    }

    fn suite_ends(&mut self) {
        let Some((suite, since, tally)) = self.suite.take() else { return };
        let Tally { passed, failed, skipped } = tally;
        let seconds = since.elapsed().as_secs();
        self.tell(&format!(
            "  {suite:<22} {passed:>3} passed, {failed} failed, {skipped} skipped   {seconds} s"
        ));
        self.tally = self.tally.sum(tally);
    }

    fn test_ends(&mut self, status: &str) {
        let (Some((test, said)), Some((suite, _, tally))) = (self.test.take(), &mut self.suite) else {
            return;
        };
        let (name, judged) = (full(suite, &test), judge(status, &said));
        *tally = tally.sum(judged);
        if judged.failed > 0 {
            self.tell(&format!("    FAILED: {name}, with status {status}; it said:"));
            what_matters(&said).iter().for_each(|line| self.tell(&format!("      {line}")));
        }
        let mut reasons: Vec<&str> = if judged.skipped > 0 { reasons(&said).collect() } else { Vec::new() };
        reasons.sort_unstable();
        reasons.dedup();
        reasons.iter().for_each(|reason| self.tell(&format!("    SKIP: {name}: {reason}")));
    }

    /// What it came to. What was planned and never told of has failed.
    pub fn end(mut self) -> (String, Tally) {
        self.suite_ends();
        let Tally { passed, failed, skipped } = self.tally;
        let missing = self.planned.saturating_sub(passed + failed + skipped);
        if missing > 0 {
            self.tell(&format!("\n{missing} tests that were planned did not run"));
        }
        let tally = self.tally.sum(Tally { failed: missing, ..Tally::default() });
        (self.later.unwrap_or_default(), tally)
    }
}

/// How one test ended. A status of 0 is not enough: a program that has no test of that name has it, too.
fn judge(status: &str, said: &[String]) -> Tally {
    let has_passed = status == "0" && said.iter().any(|line| count(line, "passed") == Some(1));
    let is_skipped = has_passed && reasons(said).next().is_some();
    Tally {
        passed: usize::from(has_passed && !is_skipped),
        failed: usize::from(!has_passed),
        skipped: usize::from(is_skipped),
    }
}

/// What a test has said, without the words of the harness; all, where the harness did not come to tell it.
fn what_matters(said: &[String]) -> &[String] {
    let from = said.iter().position(|line| line.starts_with("---- "));
    let to = said.iter().rposition(|line| line == "failures:");
    from.zip(to).and_then(|(from, to)| said.get(from + 1..to)).unwrap_or(said)
}

/// Why it, or a part of it, could not be done.
fn reasons(said: &[String]) -> impl Iterator<Item = &str> {
    said.iter().filter_map(|line| line.strip_prefix("SKIP: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSED: &str = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out";
    const NONE: &str = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 10 filtered out";

    fn judged(status: &str, said: &[&str]) -> [usize; 3] {
        let said: Vec<String> = said.iter().map(|line| (*line).to_owned()).collect();
        let Tally { passed, failed, skipped } = judge(status, &said);
        [passed, failed, skipped]
    }

    #[test]
    fn only_what_ran_whole_has_passed() {
        assert_eq!(judged("0", &[PASSED]), [1, 0, 0]);
        assert_eq!(judged("0", &["SKIP: a: no strace", PASSED]), [0, 0, 1]);
        assert_eq!(judged("0", &[NONE]), [0, 1, 0]);
        assert_eq!(judged("124", &[PASSED]), [0, 1, 0]);
        assert_eq!(judged("101", &["SKIP: a: no strace"]), [0, 1, 0]);
    }

    #[test]
    fn the_words_of_the_harness_are_left_out() {
        let words = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let told = words("running 1 test\nfailures:\n\n---- a stdout ----\nit is 3\nfailures:\n    a");
        assert_eq!(what_matters(&told), ["it is 3"]);
        let killed = words("running 1 test");
        assert_eq!(what_matters(&killed), killed);
    }

    #[test]
    fn a_turn_that_did_not_come_has_failed() {
        let suite = Suite { name: "s".to_owned(), program: "/s".into(), tests: vec!["a".into(), "b".into()] };
        let mut report = Report::new(&[suite], &turn::ALL, false);
        let said = ["vm: turn root", "vm: suite s", "vm: test a", PASSED, "vm: end 0", "vm: suite s"];
        said.into_iter().chain(["vm: test b", "vm: end 139"]).for_each(|line| report.hear(line));
        let (told, tally) = report.end();
        assert_eq!(tally, Tally { passed: 1, failed: 1 + 4, skipped: 0 });
        assert!(told.contains("1 passed, 1 failed") && told.contains("4 tests that were planned"), "{told}");
    }
}
