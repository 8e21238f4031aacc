//! What clap says about a command line, in the form of all errors.

use crate::options::Options;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use spec::catalogue::{BAD_USAGE, UNKNOWN_COMMAND};
use spec::error::Error;
use spec::near::nearest;

/// The error of a command line that clap refuses.
pub fn error(refused: &clap::Error) -> Error {
    let code = if refused.kind() == ErrorKind::InvalidSubcommand { UNKNOWN_COMMAND } else { BAD_USAGE };
    let rendered = refused.render().to_string();
    let hint = meant(refused).or_else(|| values(refused)).or_else(|| how(refused, &rendered));
    let hints: Vec<String> = hint.into_iter().chain(["--help tells more".to_owned()]).collect();
    Error::new(code, what(&rendered)).fix(hints.join("; "))
}

/// The first line of clap's message, with the lines that belong to it where it ends with a colon.
fn what(rendered: &str) -> String {
    let mut lines = rendered.lines().map(str::trim);
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ");
    let more = lines.take_while(|line| first.ends_with(':') && !line.is_empty());
    std::iter::once(first).chain(more).collect::<Vec<_>>().join(" ")
}

/// What was probably meant.
fn meant(refused: &clap::Error) -> Option<String> {
    let meant = match refused.kind() {
        ErrorKind::InvalidSubcommand => {
            let commands = Options::command();
            let shown = commands.get_subcommands().filter(|command| !command.is_hide_set());
            nearest(&one(refused, ContextKind::InvalidSubcommand)?, shown.map(clap::Command::get_name))?
                .to_owned()
        }
        ErrorKind::InvalidValue => {
            let values = all(refused, ContextKind::ValidValue);
            nearest(&one(refused, ContextKind::InvalidValue)?, values.iter().map(String::as_str))?.to_owned()
        }
        // Clap knows which command's options come into question.
        _ => one(refused, ContextKind::SuggestedArg)?,
    };
    Some(format!("did you mean {meant}?"))
}

fn values(refused: &clap::Error) -> Option<String> {
    let values = all(refused, ContextKind::ValidValue);
    (!values.is_empty()).then(|| format!("write {}", values.join(" or ")))
}

/// How such a line is written.
fn how(refused: &clap::Error, rendered: &str) -> Option<String> {
    if refused.kind() == ErrorKind::InvalidSubcommand {
        return Some("to run it in a container: containerception run COMMAND".to_owned());
    }
    let lines = || rendered.lines().map(str::trim);
    // An option that stands before its command. Clap's other tip is to write `--` before what is unknown, which then
    // would be taken for the command.
    let elsewhere =
        lines().filter_map(|line| line.strip_prefix("tip: ")).find(|tip| tip.ends_with(" exists"));
    elsewhere.or_else(|| lines().find(|line| line.starts_with("Usage:"))).map(str::to_owned)
}

fn one(refused: &clap::Error, kind: ContextKind) -> Option<String> {
    all(refused, kind).into_iter().next()
}

fn all(refused: &clap::Error, kind: ContextKind) -> Vec<String> {
    match refused.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    /// What and fix of the error that these words are.
    fn said(line: &str) -> (String, String) {
        let words = std::iter::once("containerception").chain(line.split_whitespace());
        let error = error(&Options::try_parse_from(words).expect_err(line));
        (error.what, error.fix.unwrap_or_default())
    }

    #[test]
    fn a_mistyped_word_is_told_with_the_one_that_was_meant() {
        for (line, meant) in [
            ("rnu true", "run"),
            ("Run true", "run"),
            ("explian", "explain"),
            ("run --netwrok host true", "--network"),
            ("run --ephemral true", "--ephemeral"),
            ("run --network=hots true", "host"),
        ] {
            let fix = said(line).1;
            assert!(fix.starts_with(&format!("did you mean {meant}?")), "{line}: {fix}");
        }
    }

    #[test]
    fn what_is_near_to_nothing_is_told_with_what_there_is() {
        for (line, hint) in [
            ("frobnicate", "to run it in a container: containerception run COMMAND; "),
            ("run --network=x true", "write none or host; "),
            ("run --frobnicate true", "Usage: containerception run "),
            ("--rootfs x run true", "'run --rootfs' exists; "),
        ] {
            let fix = said(line).1;
            assert!(fix.starts_with(hint) && fix.ends_with("--help tells more"), "{line}: {fix}");
        }
    }

    #[test]
    fn a_message_of_several_lines_becomes_one() {
        let what = said("run").0;
        assert_eq!(what, "the following required arguments were not provided: <COMMAND>...");
    }
}
