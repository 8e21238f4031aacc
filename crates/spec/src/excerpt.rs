//! What was typed, and the part of it that is wrong: shown as the text with carets below that part.

use std::ops::Range;

/// How many characters of each piece are shown: the end of what stands before the guilty part, its own beginning, and
/// the beginning of what follows. With them a line fits a terminal.
const SHOWN: [usize; 3] = [40, 36, 12];

/// A text, and a part of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    /// What was typed; bytes that are not UTF-8 have become U+FFFD.
    pub text: String,
    /// The part, in bytes of `text`, on boundaries of characters. An empty one is a place where something is missing.
    pub range: Range<usize>,
}

impl Excerpt {
    /// `part` of `whole`. The part must be a slice of the whole; of another text, all of the whole is guilty.
    pub fn new(whole: &[u8], part: &[u8]) -> Self {
        let (before, part, after) = around(whole, part).unwrap_or((b"", whole, b""));
        let text = String::from_utf8_lossy(part).into_owned();
        Excerpt { range: 0..text.len(), text }.between(before, after)
    }

    /// The same part, seen in more of what was typed: `part` is what the excerpt was made of, and a slice of `whole`.
    #[must_use]
    pub fn within(self, whole: &[u8], part: &[u8]) -> Self {
        match around(whole, part) {
            Some((before, _, after)) => self.between(before, after),
            None => self,
        }
    }

    fn between(self, before: &[u8], after: &[u8]) -> Self {
        let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
        let range = self.range.start + before.len()..self.range.end + before.len();
        Excerpt { text: format!("{before}{}{after}", self.text), range }
    }

    /// The text as it may be printed, on one line, and the line below it. `None` where there is nothing to point at.
    pub fn lines(&self) -> Option<[String; 2]> {
        let Range { start, end } = self.range;
        let (before, rest) = self.text.split_at_checked(start)?;
        let (part, after) = rest.split_at_checked(end.checked_sub(start)?)?;
        if self.text.is_empty() {
            return None;
        }
        let [before, part, after] = [tail(before, SHOWN[0]), head(part, SHOWN[1]), head(after, SHOWN[2])];
        let carets = "^".repeat(width(&part).max(1));
        Some([format!("{before}{part}{after}"), format!("{}{carets}", " ".repeat(width(&before)))])
    }
}

/// What stands before and after `part` in `whole`, told by where they are in memory.
fn around<'a>(whole: &'a [u8], part: &'a [u8]) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let (before, rest) = whole.split_at_checked(start)?;
    let (part, after) = rest.split_at_checked(part.len())?;
    Some((before, part, after))
}

fn head(text: &str, count: usize) -> String {
    match text.char_indices().nth(count) {
        Some((end, _)) => printable(&text[..end]) + "…",
        None => printable(text),
    }
}

fn tail(text: &str, count: usize) -> String {
    let skipped = text.chars().count().saturating_sub(count);
    let kept: String = text.chars().skip(skipped).collect();
    if skipped == 0 { printable(text) } else { format!("…{}", printable(&kept)) }
}

/// Text that neither drives the terminal nor hides in it: what [`hides`] is escaped.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if hides(c) { c.escape_default().collect() } else { c.to_string() }).collect()
}

/// Whether a character is one of control, is invisible, or turns the direction of writing (Unicode Technical Standard 55,
/// "source code spoofing").
pub fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// How many columns of a terminal a character takes: the blocks of Unicode Standard Annex 11 that are wide throughout,
/// and the combining marks that stand on the character before.
fn columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both lines of the excerpt that says that the part of `text` between two `|` is guilty.
    fn shown(marked: &str) -> String {
        let parts: Vec<&str> = marked.split('|').collect();
        let text = parts.concat();
        let part = &text[parts[0].len()..parts[0].len() + parts[1].len()];
        Excerpt::new(text.as_bytes(), part.as_bytes()).lines().unwrap().join("\n")
    }

    #[test]
    fn carets_stand_below_the_guilty_part() {
        assert_eq!(shown("/a:/b:|optoin|:ro"), "/a:/b:optoin:ro\n      ^^^^^^");
        assert_eq!(shown("|/a|"), "/a\n^^");
        assert_eq!(shown("/a:||"), "/a:\n   ^", "a place where something is missing");
    }

    #[test]
    fn characters_count_as_the_columns_that_they_take() {
        assert_eq!(shown("/größe:|ü|"), "/größe:ü\n       ^");
        assert_eq!(shown("/日本:|語|"), "/日本:語\n      ^^");
        assert_eq!(shown("e\u{301}|x|"), "e\u{301}x\n ^");
    }

    #[test]
    fn what_could_drive_the_terminal_is_escaped() {
        assert_eq!(shown("a\x1b[2J|\n|"), "a\\u{1b}[2J\\n\n          ^^");
        assert_eq!(shown("\u{202e}|x|"), "\\u{202e}x\n        ^");
    }

    #[test]
    fn a_long_text_still_fits_a_line() {
        let long = shown(&format!("{0}|{0}|{0}", "x".repeat(10_000)));
        assert!(long.lines().all(|line| line.chars().count() < 95), "{long}");
        assert!(long.starts_with("…x") && long.contains("x…"), "{long}");
    }

    #[test]
    fn bytes_that_are_no_text_do_not_shift_the_carets() {
        let whole = b"/a\xff\xfe:b\xff";
        let excerpt = Excerpt::new(whole, &whole[5..]);
        assert_eq!(excerpt.lines().unwrap(), ["/a��:b�", "     ^^"]);
        assert_eq!(&excerpt.text[excerpt.range.clone()], "b�");
    }

    #[test]
    fn a_part_can_be_seen_in_more_of_the_text() {
        let whole = "/größe:size=1x";
        let value = &whole["/größe:size=".len()..];
        let inner = Excerpt::new(value.as_bytes(), &value.as_bytes()[1..]);
        let outer = inner.clone().within(whole.as_bytes(), value.as_bytes());
        assert_eq!(outer.lines().unwrap(), [whole, "             ^"]);
        assert_eq!(inner.clone().within(b"another text", value.as_bytes()), inner);
    }

    #[test]
    fn nothing_is_shown_of_nothing() {
        assert_eq!(Excerpt::new(b"", b"").lines(), None);
        assert_eq!(Excerpt { text: "ü".into(), range: 1..2 }.lines(), None, "not a boundary");
    }
}
