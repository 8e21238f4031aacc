//! `clone3(2)`: a child with namespaces of its own, in the group it is to live in.

use crate::{Result, check};
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// The argument of `clone3(2)`, version 2 (88 bytes, Linux 5.7, which added `cgroup`).
#[repr(C, align(8))]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// `CLONE_INTO_CGROUP` of `linux/sched.h` (Linux 5.7); libc has it in a type that it does not fit.
const CLONE_INTO_CGROUP: u64 = 1 << 33;

/// The two sides on which `fork` returns.
pub enum Fork {
    /// In the new process.
    Child,
    /// In the process that called; with the child's pid and a pidfd that is close-on-exec.
    Parent(i32, OwnedFd),
}

/// Clones the calling process with fork semantics and the namespaces in `flags` (`CLONE_NEW*`), into `cgroup` (an open
/// cgroup v2 directory, Linux 5.7) if one is given.
///
/// The caller must be single-threaded: the child is a copy of the calling thread alone, and a lock that another thread
/// held at that moment (the allocator's, for one) would stay locked in it for ever. [`is_single_threaded`] tells.
///
/// # Errors
/// As `clone3(2)`; EPERM and ENOSPC are the two that people meet.
pub fn clone3(flags: u64, cgroup: Option<BorrowedFd<'_>>) -> Result<Fork> {
    let mut pidfd: RawFd = -1;
    let mut arguments = CloneArgs {
        flags: flags | libc::CLONE_PIDFD as u64,
        pidfd: (&raw mut pidfd) as u64,
        exit_signal: libc::SIGCHLD as u64,
        ..CloneArgs::default()
    };
    if let Some(fd) = cgroup {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = fd.as_raw_fd() as u64;
    }
    // SAFETY: the arguments live across the call and their size is given; without CLONE_VM the child has its own copy
    // of this memory and of this stack, so both sides may return from here, as they do from fork(2).
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw mut arguments, size_of::<CloneArgs>()) };
    match check(pid)? {
        0 => Ok(Fork::Child),
        // SAFETY: with CLONE_PIDFD the kernel has stored a new descriptor there, which nobody else owns.
        pid => Ok(Fork::Parent(pid as i32, unsafe { OwnedFd::from_raw_fd(pidfd) })),
    }
}

/// Forks the calling process, which must be single-threaded ([`clone3`] says why), and returns the child's pid, or
/// `None` in the child. Not by `clone3(2)`, which a filter may refuse.
///
/// # Errors
/// As `clone(2)`; EAGAIN at a limit of processes.
pub fn fork() -> Result<Option<i32>> {
    let none = std::ptr::null::<libc::c_void>();
    // SAFETY: with no flags but the signal this is fork(2), made directly, so that no handler of the C library runs:
    // the child has its own copy of this memory and of this stack, and both sides may return from here.
    let pid =
        unsafe { libc::syscall(libc::SYS_clone, libc::c_long::from(libc::SIGCHLD), none, none, none, none) };
    Ok(Some(check(pid)? as i32).filter(|pid| *pid != 0))
}

/// Forks the calling process as [`fork`] does, but for the child's parent, which is the caller's own: that is who waits
/// for the child.
///
/// # Errors
/// As `clone(2)`; EINVAL for PID 1 of a namespace, which must be the parent of its children.
pub fn fork_sibling() -> Result<Option<i32>> {
    let none = std::ptr::null::<libc::c_void>();
    let flags = libc::c_long::from(libc::CLONE_PARENT | libc::SIGCHLD);
    // SAFETY: as in `fork`; CLONE_PARENT changes nobody's memory.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) };
    Ok(Some(check(pid)? as i32).filter(|pid| *pid != 0))
}

/// Whether this process has one thread: `/proc/self/task` has two links of its own and one for each thread.
pub fn is_single_threaded() -> Result<bool> {
    Ok(rustix::fs::stat(c"/proc/self/task")?.st_nlink == 3)
}

/// Ends the process at once, without running destructors or exit handlers: what a forked child that shares its
/// parent's memory image must do.
pub fn exit(status: u8) -> ! {
    // SAFETY: _exit takes any status and does not return.
    unsafe { libc::_exit(i32::from(status)) }
}

/// Gives this process a network namespace of its own (`network_namespaces(7)`).
pub fn unshare_network() -> Result<()> {
    // SAFETY: CLONE_NEWNET changes what sockets made from now on belong to, nothing that memory safety rests on.
    check(unsafe { libc::unshare(libc::CLONE_NEWNET) }.into()).map(drop)
}

/// Gives this process a cgroup namespace of its own, whose root is the group that it is in (`cgroup_namespaces(7)`).
pub fn unshare_cgroup() -> Result<()> {
    // SAFETY: CLONE_NEWCGROUP changes what paths of groups look like, nothing that memory safety rests on.
    check(unsafe { libc::unshare(libc::CLONE_NEWCGROUP) }.into()).map(drop)
}
