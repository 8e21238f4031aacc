//! `execve(2)` with everything prepared beforehand.

use crate::{Errno, last_errno};
use rustix::fd::{AsFd, AsRawFd};
use std::ffi::{CStr, CString, c_char};

/// A NULL-terminated array of C strings, as `execve(2)` wants its arguments and its environment.
///
/// It is built before the clone, so that the child need not allocate.
#[derive(Debug)]
pub struct CStringArray {
    /// Owns what `pointers` points to; never changed after construction.
    strings: Vec<CString>,
    /// One pointer a string, then NULL. A CString's buffer does not move when the CString does.
    pointers: Vec<*const c_char>,
}

impl CStringArray {
    /// Makes the array of `strings`.
    pub fn new(strings: Vec<CString>) -> Self {
        let pointers = strings.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect();
        CStringArray { strings, pointers }
    }

    /// The strings.
    pub fn strings(&self) -> &[CString] {
        &self.strings
    }
}

/// Replaces the program of this process; returns only if that failed, with the errno.
pub fn execve(program: &CStr, arguments: &CStringArray, environment: &CStringArray) -> Errno {
    // SAFETY: all three are NUL-terminated, both arrays end with NULL, and all outlive the call.
    unsafe { libc::execve(program.as_ptr(), arguments.pointers.as_ptr(), environment.pointers.as_ptr()) };
    last_errno()
}

/// The same, with the program that is open at `program` (`execveat(2)`, AT_EMPTY_PATH).
pub fn execveat(program: impl AsFd, arguments: &CStringArray, environment: &CStringArray) -> Errno {
    let program = program.as_fd().as_raw_fd();
    // SAFETY: the descriptor is open and the path empty; both arrays end with NULL; all outlive the call.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            program,
            c"".as_ptr(),
            arguments.pointers.as_ptr(),
            environment.pointers.as_ptr(),
            libc::AT_EMPTY_PATH,
        )
    };
    last_errno()
}
