//! Whether what is printed is coloured, and how an error is.

use std::ffi::OsStr;
use std::io::IsTerminal;

const BOLD: &str = "\x1b[1m";
const BOLD_RED: &str = "\x1b[1;31m";
const PLAIN: &str = "\x1b[0m";

/// The text of an error as stderr gets it.
pub fn error(text: &str) -> String {
    if has_colours(std::io::stderr().is_terminal()) { paint(text) } else { text.to_owned() }
}

/// Whether what is printed is coloured, on a `terminal` or not, as the environment has it.
pub fn has_colours(terminal: bool) -> bool {
    let variable = |name| std::env::var_os(name);
    coloured(terminal, variable("NO_COLOR").as_deref(), variable("TERM").as_deref())
}

/// Colours are for people: for a terminal that has them, and for somebody who does not say no (no-color.org: by
/// whatever value, but an empty one).
fn coloured(terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    terminal
        && no_color.is_none_or(OsStr::is_empty)
        && term.is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// What went wrong in red, what to do in bold: `error[CX1001]` and `fix:`, where they begin a line.
fn paint(text: &str) -> String {
    text.lines().map(paint_line).collect::<Vec<_>>().join("\n")
}

fn paint_line(line: &str) -> String {
    if line.starts_with("error[")
        && let Some((head, what)) = line.split_once(':')
    {
        return format!("{BOLD_RED}{head}{PLAIN}{BOLD}:{what}{PLAIN}");
    }
    match line.strip_prefix("  fix:") {
        Some(fix) => format!("  {BOLD}fix:{PLAIN}{fix}"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_have_them_and_people_who_want_them() {
        let term = Some(OsStr::new("xterm"));
        assert!(coloured(true, None, term) && coloured(true, Some(OsStr::new("")), term));
        assert!(!coloured(false, None, term));
        for refusal in ["1", "0", "false"] {
            assert!(!coloured(true, Some(OsStr::new(refusal)), term), "{refusal}");
        }
        for without in [None, Some(OsStr::new("dumb")), Some(OsStr::new(""))] {
            assert!(!coloured(true, None, without), "{without:?}");
        }
    }

    #[test]
    fn only_escape_sequences_are_added() {
        let text = "error[CX1001]: a: b\n  at:   fix:\n  fix:  c\n  more: d";
        let painted = paint(text);
        assert_eq!(
            painted,
            "\x1b[1;31merror[CX1001]\x1b[0m\x1b[1m: a: b\x1b[0m\n  at:   fix:\n  \x1b[1mfix:\x1b[0m  c\n  more: d"
        );
        let bare = [BOLD_RED, BOLD, PLAIN].iter().fold(painted, |text, code| text.replace(code, ""));
        assert_eq!(bare, text);
    }
}
