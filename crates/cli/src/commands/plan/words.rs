//! From a quoted string to the options of `run`.

use crate::options::{Command, Options, Run};
use clap::Parser;
use clap::error::ErrorKind;
use spec::catalogue::BAD_USAGE;
use spec::error::{Error, Result};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// Reads `text` as what is typed after `run`; a number alone is a pass of the lesson.
///
/// # Errors
/// `BAD_USAGE`, as for `run` itself.
pub fn run(text: &OsStr) -> Result<Run> {
    let words = split(text)?;
    let typed = [OsString::from("containerception"), "run".into()].into_iter().chain(words);
    match Options::try_parse_from(typed) {
        Ok(Options { command: Command::Run(run), .. }) => Ok(*run),
        Ok(_) => Err(no_container(text)),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => Err(no_container(text)),
        Err(error) => Err(crate::usage::error(&error)),
    }
}

/// Splits as a shell does: at blanks, but for quotes and backslashes.
fn split(text: &OsStr) -> Result<Vec<OsString>> {
    let bytes = text.as_bytes();
    if !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit) {
        return Ok(vec!["--pass".into(), text.to_owned(), "true".into()]);
    }
    let words = shlex::bytes::split(bytes).ok_or_else(|| {
        Error::new(BAD_USAGE, format!("{text:?} ends within a quotation")).fix(
            "close the quotation; in double quotes and outside of them, \\ takes the next character as it is",
        )
    })?;
    Ok(words.into_iter().map(OsString::from_vec).collect())
}

fn no_container(text: &OsStr) -> Error {
    Error::new(BAD_USAGE, format!("{text:?} makes no container that could be compared"))
        .fix("write what stands after run, as in: containerception plan diff '--pass 2 true' '--pass 3 true'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Vec<OsString> {
        run(OsStr::new(text)).unwrap().command
    }

    #[test]
    fn words_are_those_of_a_shell() {
        assert_eq!(command(r#"sh -c 'echo "a  b"' c\ d"#), ["sh", "-c", "echo \"a  b\"", "c d"]);
        let options = run(OsStr::new("--network host -v '/a b:/c' true")).unwrap();
        assert_eq!((options.network.as_str(), options.volume), ("host", vec!["/a b:/c".into()]));
    }

    #[test]
    fn a_number_is_a_pass() {
        let options = run(OsStr::new("3")).unwrap();
        assert_eq!((options.pass, options.command), (Some(3), vec!["true".into()]));
        assert_eq!(run(OsStr::new("6")).unwrap_err().code, BAD_USAGE);
    }

    #[test]
    fn what_makes_no_container_is_refused() {
        for bad in ["", " ", "'true", "true \\", "--pass 2", "--help", "--frobnicate true"] {
            assert_eq!(run(OsStr::new(bad)).unwrap_err().code, BAD_USAGE, "{bad:?}");
        }
    }
}
