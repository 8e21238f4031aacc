//! How long a command may take: at the end of its time it is told to end, and killed if it does not listen.

use rustix::process::Signal;
use std::time::{Duration, Instant};

/// How long a command that was told to end has time to do so.
const GRACE: Duration = Duration::from_secs(5);
/// The exit status of a command that took too long, as `timeout(1)` has it.
const TIMED_OUT: u8 = 124;

/// The time of a command, if it is bounded.
#[derive(Debug)]
pub(crate) struct Deadline {
    next: Option<(Instant, Signal)>,
    passed: bool,
}

impl Deadline {
    /// From now on.
    pub fn new(timeout: Option<Duration>) -> Self {
        Deadline { next: timeout.map(|timeout| (Instant::now() + timeout, Signal::TERM)), passed: false }
    }

    /// When something is to be done, if ever.
    pub fn next(&self) -> Option<Instant> {
        self.next.map(|(when, _)| when)
    }

    /// The signal that the command is to get now, if any.
    pub fn due(&mut self) -> Option<Signal> {
        let now = Instant::now();
        let (_, signal) = self.next.take_if(|(when, _)| *when <= now)?;
        self.passed = true;
        self.next = (signal == Signal::TERM).then(|| (now + GRACE, Signal::KILL));
        Some(signal)
    }

    /// The exit status of a command that ended with `status`.
    pub fn status(&self, status: u8) -> u8 {
        if self.passed { TIMED_OUT } else { status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_to_end_and_then_killed() {
        let mut none = Deadline::new(None);
        assert_eq!((none.next(), none.due(), none.status(3)), (None, None, 3));
        let mut later = Deadline::new(Some(Duration::from_secs(3600)));
        assert_eq!((later.next().is_some(), later.due(), later.status(3)), (true, None, 3));
        let mut now = Deadline::new(Some(Duration::ZERO));
        assert_eq!((now.due(), now.due(), now.status(3)), (Some(Signal::TERM), None, TIMED_OUT));
        now.next = now.next.map(|(_, signal)| (Instant::now(), signal));
        assert_eq!((now.due(), now.due(), now.next()), (Some(Signal::KILL), None, None));
    }
}
