//! What clap says about a command line, in the form of all errors.

mod habits;

use crate::options::Options;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use spec::catalogue::{BAD_USAGE, UNKNOWN_COMMAND};
use spec::error::Error;
use spec::near::nearest;
use std::error::Error as _;

/// The error of a command line that clap refuses.
pub fn error(refused: &clap::Error) -> Error {
    let code = if refused.kind() == ErrorKind::InvalidSubcommand { UNKNOWN_COMMAND } else { BAD_USAGE };
    let rendered = refused.render().to_string();
    let fix = match meant(refused) {
        _ if let Some(instead) = habit(refused) => instead.to_owned(),
        Some(meant) => format!("did you mean {meant}? --help tells more"),
        None => match values(refused).or_else(|| how(refused, &rendered)) {
            Some(how) => format!("{how}; --help tells more"),
            None => "--help tells more".to_owned(),
        },
    };
    Error::new(code, what(refused, &rendered)).fix(fix)
}

/// What is done here instead, where the word is one of docker's.
fn habit(refused: &clap::Error) -> Option<&'static str> {
    match refused.kind() {
        ErrorKind::InvalidSubcommand => habits::command(&one(refused, ContextKind::InvalidSubcommand)?),
        ErrorKind::UnknownArgument => habits::option(&one(refused, ContextKind::InvalidArg)?),
        _ => None,
    }
}

/// What is wrong: in our words where it happens to everybody, else in clap's.
fn what(refused: &clap::Error, rendered: &str) -> String {
    let argument = all(refused, ContextKind::InvalidArg).join(", ");
    match refused.kind() {
        ErrorKind::InvalidSubcommand => {
            format!(
                "there is no command {:?}",
                one(refused, ContextKind::InvalidSubcommand).unwrap_or_default()
            )
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("there is no option {argument} here")
        }
        ErrorKind::MissingRequiredArgument => format!("{argument} is missing"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => bad_value(refused, &argument),
        _ => first_line(rendered),
    }
}

fn bad_value(refused: &clap::Error, argument: &str) -> String {
    let value = one(refused, ContextKind::InvalidValue).unwrap_or_default();
    match refused.source() {
        _ if value.is_empty() => format!("{argument} lacks its value"),
        Some(why) => format!("{value:?} is not a value of {argument}: {why}"),
        None => format!("{value:?} is not a value of {argument}"),
    }
}

/// The first line of clap's message, with the lines that belong to it where it ends with a colon.
fn first_line(rendered: &str) -> String {
    let mut lines = rendered.lines().map(str::trim);
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ");
    let more = lines.take_while(|line| first.ends_with(':') && !line.is_empty());
    std::iter::once(first).chain(more).collect::<Vec<_>>().join(" ")
}

/// What was probably meant.
fn meant(refused: &clap::Error) -> Option<String> {
    let near = |kind, candidates: &[String]| {
        nearest(&one(refused, kind)?, candidates.iter().map(String::as_str)).map(str::to_owned)
    };
    match refused.kind() {
        ErrorKind::InvalidSubcommand => near(ContextKind::InvalidSubcommand, &commands()),
        ErrorKind::InvalidValue => near(ContextKind::InvalidValue, &all(refused, ContextKind::ValidValue)),
        // Clap knows which command's options come into question.
        _ => one(refused, ContextKind::SuggestedArg),
    }
}

/// The commands, and those that stand behind others.
fn commands() -> Vec<String> {
    let options = Options::command();
    let shown = options.get_subcommands().filter(|command| !command.is_hide_set());
    let below = shown.flat_map(|command| std::iter::once(command).chain(command.get_subcommands()));
    below.map(|command| command.get_name().to_owned()).collect()
}

fn values(refused: &clap::Error) -> Option<String> {
    let values = all(refused, ContextKind::ValidValue);
    let (last, others) = values.split_last()?;
    Some(if others.is_empty() {
        format!("write {last}")
    } else {
        format!("write {} or {last}", others.join(", "))
    })
}

/// How such a line is written.
fn how(refused: &clap::Error, rendered: &str) -> Option<String> {
    if refused.kind() == ErrorKind::InvalidSubcommand {
        return Some("to run it in a container: containerception run COMMAND".to_owned());
    }
    let argument = one(refused, ContextKind::InvalidArg).unwrap_or_default();
    if let Some(name) = argument.strip_prefix("--")
        && Options::command().get_arguments().any(|known| known.get_long() == Some(name))
    {
        return Some(format!("it stands before the command: containerception {argument}"));
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
            ("plan dif", "diff"),
            ("run --netwrok host true", "--network"),
            ("run --ephemral true", "--ephemeral"),
            ("run --network=hots true", "host"),
        ] {
            let fix = said(line).1;
            assert!(fix.starts_with(&format!("did you mean {meant}?")), "{line}: {fix}");
        }
    }

    #[test]
    fn what_fingers_know_from_docker_is_told_with_what_stands_for_it() {
        for (line, hint) in [
            ("stop web", "end its command: containerception kill NAME TERM"),
            ("pull alpine", "there are no images yet"),
            ("run -d true", "containers run in the foreground"),
            ("run -p 80:80 true", "there is no network"),
            ("run --privileged true", "name what it needs"),
        ] {
            let fix = said(line).1;
            assert!(fix.starts_with(hint), "{line}: {fix}");
        }
    }

    #[test]
    fn what_is_near_to_nothing_is_told_with_what_there_is() {
        for (line, hint) in [
            ("frobnicate", "to run it in a container: containerception run COMMAND; "),
            ("run --network=x true", "write none, host or parent; "),
            ("run --frobnicate true", "Usage: containerception run "),
            ("--rootfs x run true", "'run --rootfs' exists; "),
            (
                "run --error-format json true",
                "it stands before the command: containerception --error-format; ",
            ),
        ] {
            let fix = said(line).1;
            assert!(fix.starts_with(hint) && fix.ends_with("--help tells more"), "{line}: {fix}");
        }
    }

    #[test]
    fn what_happens_to_everybody_is_told_in_our_words() {
        assert_eq!(said("rnu").0, "there is no command \"rnu\"");
        assert_eq!(said("run --netwrok host true").0, "there is no option --netwrok here");
        assert_eq!(said("run --network=x a").0, "\"x\" is not a value of --network <WHICH>");
        assert_eq!(said("run --pass=9 a").0, "\"9\" is not a value of --pass <N>: 9 is not in 1..=5");
        assert_eq!(said("run --rootfs").0, "--rootfs <DIR> lacks its value");
        assert_eq!(said("run").0, "<COMMAND>... is missing");
    }
}
