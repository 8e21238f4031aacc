//! How far it is: on a terminal one line that changes, elsewhere a line each tenth.

use std::io::{IsTerminal, Write, stdout};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The progress of so many runs.
pub struct Progress {
    all: u64,
    done: AtomicU64,
    terminal: bool,
}

impl Progress {
    /// Nothing is done yet.
    pub fn of(all: u64) -> Progress {
        Progress { all, done: AtomicU64::new(0), terminal: stdout().is_terminal() }
    }

    /// One run more is done.
    pub fn one_more(&self) {
        let done = self.done.fetch_add(1, Relaxed) + 1;
        let mut out = stdout().lock();
        // A reader that has gone is no reason to stop.
        let _ = if self.terminal {
            write!(out, "\r  {done} of {}{}", self.all, if done == self.all { "\n" } else { "" })
                .and_then(|()| out.flush())
        } else if done * 10 / self.all != (done - 1) * 10 / self.all {
            writeln!(out, "  {done} of {}", self.all)
        } else {
            Ok(())
        };
    }
}
