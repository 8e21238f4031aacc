//! Sets of CPUs and memory nodes, as people and the kernel write them.

use super::Set;
use crate::catalogue::BAD_LIMIT;
use crate::error::{Error, Result};
use crate::limit::number::plain;
use std::fmt;

/// The last CPU that a kernel can have: `NR_CPUS` is at most 8,192 (`arch/x86/Kconfig`, Linux 6.18). There are fewer memory
/// nodes.
const LAST: u32 = 8191;

impl Set {
    /// Parses numbers and ranges with commas between them: `0-1,4` (`cpuset(7)`, "List format"). They may overlap and
    /// stand in any order.
    ///
    /// # Errors
    /// `BAD_LIMIT` for anything else, the empty text among it, and for numbers above 8,191.
    pub fn parse(text: &str) -> Result<Self> {
        let ranges: Result<Vec<_>> = text.split(',').map(|part| range(part, text)).collect();
        Ok(Set(merged(ranges?)))
    }
}

/// One part of a set: a number, or the first and the last of several.
fn range(part: &str, whole: &str) -> Result<(u32, u32)> {
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let (from, to) = (member(first, whole)?, member(last, whole)?);
    if from > to { Err(bad(whole, part, "the range is the wrong way round")) } else { Ok((from, to)) }
}

fn member(text: &str, whole: &str) -> Result<u32> {
    let number = plain(text).and_then(|number| u32::try_from(number).ok());
    number.filter(|number| *number <= LAST).ok_or_else(|| {
        let why = if text.is_empty() { "a number is missing" } else { "it takes numbers from 0 to 8191" };
        bad(whole, text, why)
    })
}

fn bad(whole: &str, part: &str, why: &str) -> Error {
    Error::new(BAD_LIMIT, format!("{whole:?} is not a set of CPUs or memory nodes: {why}"))
        .at(whole, part)
        .fix("write numbers and ranges with commas between them, such as 0-1,4")
}

/// The same members in order, with ranges that overlap or touch made one.
fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    ranges.into_iter().fold(Vec::new(), |mut merged: Vec<(u32, u32)>, (from, to)| {
        match merged.last_mut() {
            Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
        merged
    })
}

/// As the kernel writes it.
impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (from, to)) in self.0.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            match from == to {
                true => write!(f, "{comma}{from}")?,
                false => write!(f, "{comma}{from}-{to}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_in_order_and_without_repetition() {
        for (text, written) in [
            ("0", "0"),
            ("0-1,4", "0-1,4"),
            ("4,1,0", "0-1,4"),
            ("0-3,2-5,6", "0-6"),
            ("0-7,2", "0-7"),
            ("3-3", "3"),
            ("8191", "8191"),
            ("007", "7"),
        ] {
            assert_eq!(Set::parse(text).unwrap().to_string(), written, "{text}");
        }
        assert_eq!(Set::parse("0-1,4").unwrap(), Set(vec![(0, 1), (4, 4)]));
    }

    #[test]
    fn what_is_no_set_is_pointed_at() {
        for (text, guilty) in [
            ("", 0..0),
            ("1-0", 0..3),
            ("0,", 2..2),
            ("0-", 2..2),
            ("-1", 0..0),
            ("0,1-2-3", 4..7),
            ("0, 1", 2..4),
            ("+1", 0..2),
            ("8192", 0..4),
            ("4294967296", 0..10),
            ("0-1:2/4", 2..7),
            ("all", 0..3),
            ("٣", 0..2),
        ] {
            let error = Set::parse(text).unwrap_err();
            let at = error.at.unwrap();
            assert_eq!((error.code, at.range), (BAD_LIMIT, guilty), "{text}");
        }
    }
}
