//! Words that no message has: `docs/style.md` says which stand for them.

use super::sources::{Source, ending_with};
use super::{Verdict, unless_any};
use std::io;

/// In small letters. Those that have a second, good meaning are left to whoever reads the change.
const AVOIDED: [&str; 16] = [
    "can't",
    "created",
    "don't",
    "failed to",
    "folder",
    "illegal",
    "in order to",
    "invalid",
    "isn't",
    "oops",
    "please",
    "rootless",
    "sorry",
    "terminated",
    "unable to",
    "won't",
];

/// What the binary can print: strings of the rooms that speak, and the comments that clap makes help texts of.
pub fn are_ours() -> io::Result<Verdict> {
    let speaks = |source: &Source| {
        ["spec", "plan", "run", "cli"]
            .iter()
            .any(|room| source.path.starts_with(&format!("crates/{room}/src/")))
    };
    Ok(unless_any(ending_with(".rs")?.iter().filter(|source| speaks(source)).flat_map(complaints).collect()))
}

fn complaints(source: &Source) -> Vec<String> {
    let is_help = source.path.ends_with("/options.rs");
    let code = source.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    let said = code.zip(1..).flat_map(|(line, number)| {
        let text = if is_help { line.to_owned() } else { strings(line) };
        avoided(&text).map(|word| format!("{}:{number}: {word:?}", source.path)).collect::<Vec<_>>()
    });
    said.collect()
}

/// What stands between double quotes, but in comments, and where a programmer is told of a mistake.
fn strings(line: &str) -> String {
    let silent = ["//", "assert", ".expect(", "panic!"].iter().any(|start| line.trim_start().contains(start));
    if silent { String::new() } else { line.split('"').skip(1).step_by(2).collect::<Vec<_>>().join("\n") }
}

fn avoided(text: &str) -> impl Iterator<Item = &'static str> {
    let text = text.to_lowercase();
    AVOIDED.into_iter().filter(move |word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_counts() {
        let said = |line: &str| avoided(&strings(line)).collect::<Vec<_>>();
        assert_eq!(said(r#"Error::new(CODE, "Failed to open it").fix("please")"#), ["failed to", "please"]);
        assert!(said(r#"invalid("it is not open") // "sorry""#).is_empty());
        assert!(said(r#"// "sorry""#).is_empty());
    }
}
