//! What the guest is to do, in lines: the word of a turn, the name of a suite, how many of its tests may run at a time, and
//! their names.

use super::suite::{self, Suite};
use super::turn::Turn;

/// As many as the machine has processors (`xtask/vm/vm`, `--cpus`).
const AT_A_TIME: usize = 2;

/// Parts of full names of tests that look at the whole machine, fill it, or count all processes of a user, as
/// `.config/nextest.toml` has them.
const ALONE: [&str; 4] = ["leaks::", "fork_bomb::", "a_fork_bomb", "processes_are_counted"];

/// The plan for `suites` in these turns.
pub fn text(suites: &[Suite], turns: &[Turn]) -> String {
    let lines = turns.iter().flat_map(|turn| {
        let suites = suites.iter().filter(move |suite| turn.has(&suite.name));
        suites.flat_map(lines).map(move |line| format!("{} {line}\n", turn.word()))
    });
    lines.collect()
}

/// The lines for one suite, without the turn.
fn lines(suite: &Suite) -> Vec<String> {
    let is_alone = |test: &&String| {
        let name = suite::full(&suite.name, test);
        ALONE.iter().any(|part| name.contains(part))
    };
    let (alone, others): (Vec<&String>, Vec<&String>) = suite.tests.iter().partition(is_alone);
    let line = |(at_a_time, tests): (usize, Vec<&String>)| {
        let words = tests.into_iter().map(|test| format!(" {test}")).collect::<String>();
        (!words.is_empty()).then(|| format!("{} {at_a_time}{words}", suite.name))
    };
    [(AT_A_TIME, others), (1, alone)].into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::turn;

    #[test]
    fn those_that_need_the_machine_run_alone() {
        let suite = |name: &str, tests: &[&str]| {
            let tests = tests.iter().map(|test| (*test).to_owned()).collect();
            Suite { name: name.to_owned(), program: "/s".into(), tests }
        };
        let plan = text(
            &[suite("cgroup-x", &["b"]), suite("passes", &["c", "processes_are_counted", "d"])],
            &turn::ALL,
        );
        let of = |turn| format!("{turn} passes 2 c d\n{turn} passes 1 processes_are_counted\n");
        assert_eq!(plan, format!("{}bare cgroup-x 2 b\n{}{}", of("root"), of("dev"), of("plain")));
    }
}
