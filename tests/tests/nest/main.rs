//! Containers in containers: the same command at each level, as root, as a user with subordinate ids, as a user without.

mod attack;
mod chain;
mod features;
mod killed;
mod limits;
mod refused;
mod store;

use end_to_end::{Somebody, err, out};
use std::process::Output;

/// The words of `run … containerception run … COMMAND`, `levels` containers one in the other; each but the first with
/// `options`.
fn words<'a>(levels: usize, options: &[&'a str], command: &[&'a str]) -> Vec<&'a str> {
    let mut words = Vec::new();
    for _ in 1..levels {
        words.extend(["containerception", "run"]);
        words.extend(options);
    }
    words.extend(command);
    words
}

/// Runs a command at the bottom of `levels` containers.
fn chain(somebody: &Somebody, levels: usize, command: &[&str]) -> Output {
    somebody.run(&words(levels, &[], command))
}

/// What it prints there; it has to succeed, and to have nothing to say on stderr.
fn printed(somebody: &Somebody, levels: usize, command: &[&str]) -> String {
    let output = chain(somebody, levels, command);
    let said = (output.status.code(), err(&output));
    assert_eq!(said, (Some(0), String::new()), "{}, {levels} levels: {command:?}", somebody.kind);
    out(&output)
}
