//! Writes to stderr, behind which there may be a pipe that nobody reads.
//!
//! From the first step on the signals are blocked that `run` reads and passes on (`run/src/signals.rs`). A write to a full
//! pipe would then be waited for until the end of time: only SIGKILL could end it, and `gc` what that leaves. So somebody
//! who waits for this program may interrupt it here; what was to be said is lost.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::stdio::stderr;
use sys::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, Set, SignalFd};

/// A pipe that is ready takes as much at once (PIPE_BUF, `pipe(7)`).
const AT_ONCE: usize = 4096;

/// Those by which somebody ends a program.
const ENDING: [i32; 4] = [SIGINT, SIGQUIT, SIGTERM, SIGHUP];

/// Says it on stderr. A closed one is no reason to fail, nor is one that takes nothing when somebody ends this program.
pub fn say(text: &str) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() && is_ready() {
        let piece = rest.get(..AT_ONCE).unwrap_or(rest);
        match rustix::io::write(stderr(), piece) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return,
        }
    }
}

/// Waits until stderr takes something, or has an error to tell; false if somebody ends this program first.
fn is_ready() -> bool {
    // A signal that is not blocked is never read here: it has its effect.
    let Ok(signals) = SignalFd::new(&Set::of(&ENDING)) else { return true };
    loop {
        let out = PollFd::from_borrowed_fd(stderr(), PollFlags::OUT);
        let mut fds = [out, PollFd::new(&signals, PollFlags::IN)];
        match poll(&mut fds, None) {
            Err(Errno::INTR) => {}
            Err(_) => return true,
            Ok(_) => return !fds[0].revents().is_empty(),
        }
    }
}
