//! `close_range(2)`.

use crate::{Result, check};

/// Marks every descriptor from `first` upwards close-on-exec (Linux 5.11), so that none that a library or the caller
/// left open reaches the program that is executed next (R4, CVE-2024-21626).
pub fn close_on_exec_from(first: u32) -> Result<()> {
    // SAFETY: takes numbers only; marking a descriptor close-on-exec invalidates nobody's use of it.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) })
        .map(drop)
}

/// The path of the current directory, NUL-terminated, into `buffer`; returns its length with the NUL. It starts with
/// `(unreachable)` when the directory is not below the root (`getcwd(3)`).
///
/// # Errors
/// ERANGE if the buffer is too small; ENOENT if the directory was removed.
pub fn getcwd(buffer: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes at most `len` bytes to the buffer.
    check(unsafe { libc::syscall(libc::SYS_getcwd, buffer.as_mut_ptr(), buffer.len()) })
        .map(|length| length as usize)
}
