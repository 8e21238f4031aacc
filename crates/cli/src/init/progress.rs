//! What `init` says while it works: on a terminal one line that changes, elsewhere a line for each thing worth one.
//! All of it goes to stderr, and a stderr that is closed or full stops nothing.

use rustix::termios::tcgetwinsize;
use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Faster than this nobody reads, and a slow terminal would brake the copying.
const INTERVAL: Duration = Duration::from_millis(50);
/// Where the terminal does not tell its width.
const WIDTH: usize = 80;

/// The line.
pub struct Progress {
    /// The width of the terminal in columns, or None where there is none.
    width: Option<usize>,
    last: Option<Instant>,
}

impl Progress {
    /// Looks at stderr.
    pub fn new() -> Self {
        let width =
            || tcgetwinsize(stderr()).ok().map(|size| usize::from(size.ws_col)).filter(|width| *width > 0);
        Progress { width: stderr().is_terminal().then(|| width().unwrap_or(WIDTH)), last: None }
    }

    /// Begins something that takes a moment.
    pub fn begin(&mut self, text: &str) {
        match self.width {
            Some(width) => self.show(text, width),
            None => self.line(text),
        }
    }

    /// Shows how far it is. On a terminal only.
    pub fn step(&mut self, done: usize, total: usize, name: &str) {
        let Some(width) = self.width else { return };
        if self.last.is_none_or(|last| last.elapsed() >= INTERVAL) {
            self.show(&format!("{done} of {total}  {name}"), width);
        }
    }

    fn show(&mut self, text: &str, width: usize) {
        self.last = Some(Instant::now());
        say(&format!("\r\x1b[K{}", fitted(text, width)));
    }

    /// A line that stays.
    pub fn line(&mut self, text: &str) {
        self.clear();
        say(&format!("{text}\n"));
    }

    /// Takes the changing line away.
    fn clear(&mut self) {
        if self.last.take().is_some() {
            say("\r\x1b[K");
        }
    }
}

/// What is printed next, an error perhaps, begins at the left.
impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// As much of a text as fits: a line that wraps could not be taken back.
fn fitted(text: &str, width: usize) -> String {
    text.chars().take(width.saturating_sub(1)).collect()
}

fn say(text: &str) {
    // Nobody is left to tell that nobody listens.
    let _ = stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_never_wraps() {
        assert_eq!(fitted("1 of 9  /usr/bin/ls", 10), "1 of 9  /");
        assert_eq!(fitted("1 of 9", 10), "1 of 9");
        assert_eq!(fitted("1 of 9", 0), "");
    }
}
