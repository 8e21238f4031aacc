//! JSON for programs, which people read in a terminal as well: what could drive one is escaped. JSON itself asks for that
//! below U+0020 only (RFC 8259, section 7).

use serde::Serialize;
use spec::excerpt::hides;
use std::fmt::Write as _;

/// On one line.
pub fn line(value: &impl Serialize) -> String {
    escaped(serde_json::to_string(value))
}

/// On many lines, indented.
pub fn pretty(value: &impl Serialize) -> String {
    escaped(serde_json::to_string_pretty(value))
}

/// Strings, numbers, lists and maps by strings always can be written as JSON; line feeds are between them.
fn escaped(text: serde_json::Result<String>) -> String {
    let mut escaped = String::new();
    for c in text.unwrap_or_default().chars() {
        if c == '\n' || !hides(c) {
            escaped.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_drive_a_terminal_is_escaped_and_stays_what_it_is() {
        let text = "a\n\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{2066}\u{2028}ü日\\";
        let line = line(&text);
        assert_eq!(line, r#""a\n\u001b[2J\u007f\u009b\u202e\u2066\u2028ü日\\""#);
        assert_eq!(serde_json::from_str::<String>(&line).expect("JSON"), text);
        assert_eq!(pretty(&[text]), format!("[\n  {line}\n]"));
    }
}
