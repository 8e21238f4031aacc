//! What `--explain=2` told, as a person sees it.

use crate::agree::Said;

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number.
    pub number: usize,
    /// Who performs it.
    pub actor: String,
    /// What it does, in words.
    pub title: String,
    /// Its calls, in order.
    pub calls: Vec<Call>,
}

/// A call of a step.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: String,
    /// The same, read.
    pub said: Said,
    /// How often it is made.
    pub count: Count,
}

/// How often a call is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Count {
    /// Once.
    Once,
    /// Once or not at all.
    If,
    /// For each of these, in turn with its neighbours for the same.
    Each(String),
    /// As long as the kernel refused none of the step's.
    UntilRefused,
}

/// The steps in what was told; lines that are none, such as notes, are left out.
///
/// # Panics
/// A line in the place of a call is none.
pub fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines().map(|line| line.trim_end_matches('\r')) {
        let detail = line.strip_prefix("              ").filter(|detail| !detail.starts_with("instead of: "));
        if let Some(step) = step(line) {
            steps.push(step);
        } else if let (Some(detail), Some(step)) = (detail, steps.last_mut()) {
            step.calls.push(call(detail).unwrap_or_else(|| panic!("no call: {detail:?}")));
        }
    }
    steps
}

/// ` 12  runtime  make root a mount of its own  (775 µs)`.
fn step(line: &str) -> Option<Step> {
    let (number, rest) = line.trim_start().split_once("  ")?;
    let (actor, rest) = rest.split_once(' ')?;
    let title = rest.trim_start().rsplit_once("  (").map_or(rest.trim_start(), |(title, _)| title);
    let number = number.parse().ok()?;
    Some(Step { number, actor: actor.to_owned(), title: title.to_owned(), calls: Vec::new() })
}

/// `mkdirat("lower", 0755) = ok`, or with a condition.
fn call(line: &str) -> Option<Call> {
    let (call, count) = line.rsplit_once(')')?;
    let (name, arguments) = call.split_once('(')?;
    let count = match count {
        "" | " = ok" => Count::Once,
        "  until one was refused" => Count::UntilRefused,
        _ if count.starts_with("  if ") => Count::If,
        _ => Count::Each(count.strip_prefix("  for each ")?.to_owned()),
    };
    let (name, said, arguments) = (name.to_owned(), Said::read(arguments), arguments.to_owned());
    Some(Call { name, arguments, said, count })
}
