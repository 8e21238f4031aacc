//! What `serde_json` found wrong in a text, in our words, and where.

use crate::catalogue::BAD_RESOURCES;
use crate::error::Error;
use crate::near::nearest;

/// The error for what was found in `json`.
pub fn mistake(json: &[u8], found: &serde_json::Error) -> Error {
    let text = found.to_string();
    let (what, fix) = words(text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message));
    Error::new(BAD_RESOURCES, format!("the section linux.resources has a mistake: {what}"))
        .at(json, part(json, found))
        .fix(fix.unwrap_or_else(|| {
            "see config-linux.md of the OCI runtime specification, \"Control groups\"".into()
        }))
}

/// What is wrong, and what to do where that is known. serde's messages name types of Rust; its own begin in one of these
/// ways, all others are ours, or about JSON.
fn words(message: &str) -> (String, Option<String>) {
    let (found, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    let name =
        found.split_once('`').map(|(_, name)| name.strip_suffix('`').unwrap_or(name)).unwrap_or_default();
    match found.split(['`', ':']).next() {
        Some("unknown field ") => (format!("there is no field {name:?} here"), Some(meant(name, expected))),
        Some("missing field ") => (format!("the field {name} is missing"), None),
        Some("duplicate field ") => (format!("the field {name} is there twice"), None),
        Some(_) if !expected.is_empty() => (format!("here belongs {}", wanted(expected)), None),
        _ => (message.to_owned(), None),
    }
}

/// What to do about a field that is none of `expected`, each of which stands between backticks.
fn meant(name: &str, expected: &str) -> String {
    let fields: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    match nearest(name, fields.iter().copied()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("leave it out; the fields here are {}", fields.join(", ")),
    }
}

fn wanted(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" => "a whole number from 0 on",
        "i64" => "a whole number",
        "a boolean" => "true or false",
        "a string" => "a text in quotes",
        other => other,
    }
}

/// The word at whose end serde stopped: a string, a number, or one character.
fn part<'a>(json: &'a [u8], found: &serde_json::Error) -> &'a [u8] {
    let read = json.get(..offset(json, found)).unwrap_or(json).trim_ascii_end();
    let length = match read.split_last() {
        Some((b'"', before)) => 2 + before.iter().rev().take_while(|byte| **byte != b'"').count(),
        _ => {
            read.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count()
        }
    };
    read.get(read.len().saturating_sub(length.max(1))..).unwrap_or_default()
}

/// How many bytes were read: `column` counts those of its line.
fn offset(json: &[u8], found: &serde_json::Error) -> usize {
    let before = json.split_inclusive(|byte| *byte == b'\n').take(found.line().saturating_sub(1));
    before.map(<[u8]>::len).sum::<usize>() + found.column()
}

#[cfg(test)]
mod tests {
    use crate::oci::resources::parse;

    /// The first line and the fix of the error that `json` is refused with.
    fn told(json: &str) -> [String; 2] {
        let error = parse(json.as_bytes()).expect_err(json);
        let what =
            error.what.strip_prefix("the section linux.resources has a mistake: ").unwrap_or(&error.what);
        [what.to_owned(), error.fix.expect("a fix")]
    }

    #[test]
    fn mistakes_are_told_in_our_words() {
        for (json, what) in [
            (r#"{"memory":{"limit":"512m"}}"#, "here belongs a whole number"),
            (r#"{"memory":{"limit":1.5}}"#, "here belongs a whole number"),
            (r#"{"cpu":{"shares":-1}}"#, "here belongs a whole number from 0 on"),
            (r#"{"cpu":{"cpus":0}}"#, "here belongs a text in quotes"),
            (r#"{"memory":{"disableOOMKiller":1}}"#, "here belongs true or false"),
            (r#"{"memory":[]}"#, "here belongs an object"),
            (r#"{"memory":{"limit":[4096]}}"#, "here belongs a single value"),
            (r#"{"devices":[{"access":"r"}]}"#, "the field allow is missing"),
            (r#"{"memory":{"limit":4096,"limit":4096}}"#, "the field limit is there twice"),
            (r#"{"cpu":{"idle":2}}"#, "idle is 0 or 1, and not 2"),
            (r#"{"memory":{}"#, "EOF while parsing an object"),
        ] {
            assert_eq!(told(json)[0], what, "{json}");
        }
    }

    #[test]
    fn a_field_that_is_nearly_one_is_told_with_it() {
        assert_eq!(told(r#"{"memroy":{}}"#), ["there is no field \"memroy\" here", "did you mean memory?"]);
        assert_eq!(
            told(r#"{"pids":{"`max`":5}}"#),
            ["there is no field \"`max`\" here", "leave it out; the fields here are limit"]
        );
        assert!(told(r#"{"memory":{"high":5}}"#)[1].starts_with("leave it out; the fields here are limit, "));
    }
}
