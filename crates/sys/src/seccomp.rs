//! `seccomp(2)`.

use crate::{Errno, Result, check};

/// One instruction of classic BPF: `struct sock_filter`.
pub type Instruction = libc::sock_filter;

/// Installs `program` as a filter on this process and what it will clone or execute.
///
/// # Errors
/// EACCES without no_new_privs and without CAP_SYS_ADMIN in the own user namespace; EINVAL for a program that the
/// kernel's checker does not take; see `seccomp(2)`.
pub fn set_mode_filter(program: &[Instruction]) -> Result<()> {
    let length = u16::try_from(program.len()).map_err(|_| Errno::INVAL)?;
    let filter = libc::sock_fprog { len: length, filter: program.as_ptr().cast_mut() };
    // SAFETY: the kernel reads `len` instructions from `filter`, which outlive the call, and writes none.
    check(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const filter) })
        .map(drop)
}
