//! Which job a terminal belongs to. rustix has no process group 0, which is how the kernel shows a group of an outer PID
//! namespace.

use rustix::fd::{AsRawFd, BorrowedFd};

/// Whether `terminal` is the controlling terminal of the calling process, and so keeps background jobs from reading.
pub fn is_controlling(terminal: BorrowedFd<'_>) -> bool {
    foreground_group(terminal).is_some()
}

/// Whether the calling process may read from `terminal` and set its mode: it is of the foreground job, or this is not
/// its controlling terminal, which then does not ask (`termios(3)`, `tcgetpgrp(3)`).
pub fn is_foreground(terminal: BorrowedFd<'_>) -> bool {
    // SAFETY: takes nothing, always succeeds.
    foreground_group(terminal).is_none_or(|group| group == unsafe { libc::getpgrp() })
}

fn foreground_group(terminal: BorrowedFd<'_>) -> Option<i32> {
    // SAFETY: takes a descriptor, which is open as long as it is borrowed.
    Some(unsafe { libc::tcgetpgrp(terminal.as_raw_fd()) }).filter(|group| *group != -1)
}
