//! As much of libtest's command line as cargo and nextest use.

use crate::case::Case;
use std::process::ExitCode;

/// Options of libtest that a value follows.
const WITH_VALUE: &[&str] = &["--format", "--color", "--test-threads", "--skip", "--logfile"];

/// Lists the cases, or runs those that are named.
pub fn main(cases: &[Case]) -> ExitCode {
    let (options, names) = words();
    let has = |option: &str| options.iter().any(|word| word == option);
    let is = |case: &Case, name: &String| {
        if has("--exact") { case.name == name } else { case.name.contains(name) }
    };
    let wanted = cases.iter().filter(|case| names.is_empty() || names.iter().any(|name| is(case, name)));
    match (has("--list"), has("--ignored")) {
        // None is ignored.
        (_, true) => ExitCode::SUCCESS,
        (true, false) => {
            wanted.for_each(|case| println!("{}: test", case.name));
            ExitCode::SUCCESS
        }
        (false, false) => run(wanted),
    }
}

fn words() -> (Vec<String>, Vec<String>) {
    let (mut options, mut names) = (Vec::new(), Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word.as_str()) {
            words.next();
        } else if word.starts_with('-') {
            options.push(word);
        } else {
            names.push(word);
        }
    }
    (options, names)
}

fn run<'a>(cases: impl Iterator<Item = &'a Case>) -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    for case in cases {
        let ok = case.run();
        println!("test {} ... {}", case.name, if ok { "ok" } else { "FAILED" });
        if ok { passed += 1 } else { failed += 1 }
    }
    let result = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {result}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
