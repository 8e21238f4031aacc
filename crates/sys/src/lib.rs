//! The kernel calls that rustix lacks, each behind a safe function; the only crate that may say `unsafe`.
//!
//! Principles: one call a function, named as the kernel names it; errors are errnos, nothing is retried or guessed;
//! nothing allocates, so that every function may be used between `clone3` and `execve`; each `unsafe` block says why
//! it is sound.
#![allow(unsafe_code)]

pub mod bpf;
pub mod clone;
pub mod exec;
pub mod fd;
#[cfg(feature = "guard")]
pub mod guard;
pub mod identity;
pub mod memory;
pub mod mount;
pub mod namespace;
pub mod network;
pub mod page;
pub mod quota;
pub mod seccomp;
pub mod signal;
pub mod terminal;

pub use rustix::io::Errno;

/// What every call here returns.
pub type Result<T> = std::result::Result<T, Errno>;

/// Turns the kernel's `-errno` convention, as libc's `syscall(2)` wrapper shows it, into a `Result`.
fn check(returned: libc::c_long) -> Result<libc::c_long> {
    if returned == -1 { Err(last_errno()) } else { Ok(returned) }
}

fn last_errno() -> Errno {
    // SAFETY: __errno_location returns a valid pointer to this thread's errno.
    Errno::from_raw_os_error(unsafe { *libc::__errno_location() })
}
