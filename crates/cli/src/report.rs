//! How an error reaches whoever asked: as text for a person, or as a line of JSON for a program.

use crate::{patience, style};
use serde::Serialize;
use spec::catalogue::BAD_USAGE;
use spec::error::{Error, Result};
use spec::near::nearest;
use std::ffi::{OsStr, OsString};

/// The variable that stands for the option.
const VARIABLE: &str = "CONTAINERCEPTION_ERROR_FORMAT";

/// The form of an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Lines of text.
    Text,
    /// One line of JSON; `docs/errors/README.md` has its fields, which are there to stay.
    Json,
}

impl Format {
    /// The one that was asked for. It is looked for before the command line is parsed, which may already be an error:
    /// in the words before the command, then in the environment.
    ///
    /// # Errors
    /// `BAD_USAGE` for a variable that is neither; about the option, the parser will say so.
    pub fn asked() -> Result<Format> {
        match option(std::env::args_os().skip(1)).as_deref().and_then(format) {
            Some(format) => Ok(format),
            None => variable(std::env::var_os(VARIABLE).as_deref()),
        }
    }

    /// Says `error` on stderr.
    pub fn report(self, error: &Error) {
        let text = match self {
            Format::Text => style::error(&error.to_string()),
            Format::Json => json(error),
        };
        // At once: what others write to the same file meanwhile does not come between.
        patience::say(&format!("{text}\n"));
    }
}

/// What `--error-format` says, in the last place before the first word that is no option.
fn option(words: impl Iterator<Item = OsString>) -> Option<OsString> {
    let (mut words, mut found) = (words, None);
    while let Some(word) =
        words.next().and_then(|word| word.into_string().ok()).filter(|w| w.starts_with('-'))
    {
        match word.strip_prefix("--error-format") {
            Some("") => found = words.next(),
            Some(value) => found = value.strip_prefix('=').map(OsString::from),
            None => {}
        }
    }
    found
}

fn format(text: &OsStr) -> Option<Format> {
    match text.to_str() {
        Some("text") => Some(Format::Text),
        Some("json") => Some(Format::Json),
        _ => None,
    }
}

fn variable(value: Option<&OsStr>) -> Result<Format> {
    let Some(text) = value.filter(|value| !value.is_empty()) else { return Ok(Format::Text) };
    format(text).ok_or_else(|| {
        let near = text.to_str().and_then(|text| nearest(text, ["text", "json"]));
        Error::new(BAD_USAGE, format!("{VARIABLE}={} is not a form of errors", text.to_string_lossy())).fix(
            near.map_or("set it to text or json, or unset it".to_owned(), |near| {
                format!("did you mean {near}?")
            }),
        )
    })
}

/// An error as programs read it.
#[derive(Serialize)]
struct Report<'a> {
    code: String,
    what: &'a str,
    step: Option<&'a str>,
    why: Option<&'a str>,
    fix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<At<'a>>,
    status: u8,
    more: String,
}

/// What was typed, and which bytes of it are wrong.
#[derive(Serialize)]
struct At<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

fn json(error: &Error) -> String {
    let at = error.at.as_deref();
    let report = Report {
        code: error.code.to_string(),
        what: &error.what,
        step: error.step.as_deref(),
        why: error.why.as_deref(),
        fix: error.fix.as_deref(),
        at: at.map(|at| At { text: &at.text, start: at.range.start, end: at.range.end }),
        status: error.status,
        more: error.more(),
    };
    crate::json::line(&report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec::catalogue::BAD_VOLUME;

    fn asked(words: &str) -> Option<String> {
        option(words.split(' ').map(OsString::from)).and_then(|value| value.into_string().ok())
    }

    #[test]
    fn the_option_stands_before_the_command() {
        for words in [
            "--error-format json run",
            "--error-format=json run",
            "-x --error-format=json",
            "--error-format=text --error-format json run",
        ] {
            assert_eq!(asked(words).as_deref(), Some("json"), "{words}");
        }
        for words in [
            "run --error-format json",
            "run sh --error-format=json",
            "--error-format",
            "--error-formats json",
            "",
        ] {
            assert_eq!(asked(words), None, "{words}");
        }
    }

    #[test]
    fn the_variable_is_text_or_json_or_an_error() {
        let of = |text: &str| variable(Some(OsStr::new(text)));
        assert_eq!(variable(None).unwrap(), Format::Text);
        assert_eq!(
            (of("").unwrap(), of("text").unwrap(), of("json").unwrap()),
            (Format::Text, Format::Text, Format::Json)
        );
        assert_eq!(of("jsno").unwrap_err().fix.unwrap(), "did you mean json?");
        assert_eq!(of("xml").unwrap_err().code, BAD_USAGE);
    }

    #[test]
    fn an_error_is_one_line_of_json() {
        let error = Error::new(BAD_VOLUME, "a\n\"b\"").at("/ü:b", "").why("c").status(126);
        assert_eq!(
            json(&error),
            r#"{"code":"CX1007","what":"a\n\"b\"","step":null,"why":"c","fix":null,"at":{"text":"/ü:b","start":0,"end":5},"status":126,"more":"containerception explain CX1007"}"#
        );
        assert!(!json(&Error::new(BAD_VOLUME, "a")).contains("\"at\""), "only what was typed has a place");
    }
}
