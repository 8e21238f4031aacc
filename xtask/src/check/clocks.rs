//! Which clock tells durations.
//!
//! CLOCK_REALTIME jumps: an administrator sets it, and so do leap seconds and a machine that wakes (`clock_gettime(2)`). A
//! deadline by it would pass at once, or never. What ships with the product knows no other need for it, so that the rule
//! is a plain one: nothing in `crates/` asks for it.

use super::sources::ending_with;
use super::{Verdict, unless_any};
use std::io;

/// How it is asked for: by std, by rustix, by libc.
const REALTIME: [&str; 5] =
    ["SystemTime", "UNIX_EPOCH", "ClockId::Realtime", "CLOCK_REALTIME", "libc::time("];

/// No line of code in `crates/` names it.
pub fn do_not_jump() -> io::Result<Verdict> {
    let sources = ending_with(".rs")?.into_iter().filter(|source| source.path.starts_with("crates/"));
    let complaint = |(path, number): (&str, usize)| format!("{path}:{number}: CLOCK_REALTIME jumps");
    let complaints = sources.flat_map(|source| {
        let lines = source.text.lines().enumerate().filter(|(_, line)| asks_for_realtime(line));
        lines.map(|(index, _)| complaint((&source.path, index + 1))).collect::<Vec<_>>()
    });
    Ok(unless_any(complaints.collect()))
}

fn asks_for_realtime(line: &str) -> bool {
    !line.trim_start().starts_with("//") && REALTIME.iter().any(|name| line.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_comments() {
        assert!(asks_for_realtime("    let now = SystemTime::now();"));
        assert!(asks_for_realtime("clock_gettime(ClockId::Realtime)"));
        assert!(!asks_for_realtime("clock_gettime(ClockId::Monotonic)"));
        assert!(!asks_for_realtime("    // CLOCK_REALTIME jumps"));
    }
}
