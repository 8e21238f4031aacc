//! What an errno means whatever was being done: the host, or a limit around this process, is out of something.

use super::overlay;
use plan::{Plan, Why};
use spec::catalogue::{INTERNAL, KERNEL_TOO_OLD, NO_SPACE, OUT_OF_MEMORY, TOO_MANY_FILES};
use spec::error::{Error, REPORT, reason};

/// The error of such an errno.
pub(crate) fn general(errno: i32) -> Option<Error> {
    Some(match errno {
        libc::ENOSPC | libc::EDQUOT => Error::new(NO_SPACE, "no space is left for the container")
            .why("the writable layer, or the file system on which it lies, is full")
            .fix("--storage-opt size=SIZE gives the container more memory, medium=disk the disk; df shows what the host has"),
        libc::EMFILE => Error::new(TOO_MANY_FILES, "no more files may be opened")
            .why("this process has as many as its limit allows (RLIMIT_NOFILE)")
            .fix("raise the limit: ulimit -n 1024"),
        libc::ENFILE => Error::new(TOO_MANY_FILES, "no more files may be opened")
            .why("the whole host has as many as its limit allows (fs.file-max)")
            .fix("as root: sysctl fs.file-max=200000; cat /proc/sys/fs/file-nr shows how many are open"),
        libc::ENOMEM => Error::new(OUT_OF_MEMORY, "no memory is left")
            .why("a limit of memory around this process is reached, or the machine has no more")
            .fix("ulimit -v, memory.max of your own control group and free -m show which; raise it, or end something"),
        libc::ENOSYS => Error::new(KERNEL_TOO_OLD, "this kernel, or a filter around this process, lacks a call")
            .fix("Linux 5.12 or newer is needed; inside another container its seccomp filter may be the cause"),
        _ => return None,
    })
}

/// That the disk is full to which the container writes, if nothing but that disk bounds it.
pub(super) fn on_disk(plan: &Plan, errno: i32) -> Option<Error> {
    let bounded = plan.steps.iter().any(|step| matches!(step.op, plan::Op::Quota(_)));
    if bounded || !matches!(errno, libc::ENOSPC | libc::EDQUOT) {
        return None;
    }
    let (on_disk, why) = overlay::disk(plan)?;
    let place = overlay::place(on_disk);
    let instead = if matches!(why, Why::Asked(_)) { ", or leave out medium=disk" } else { "" };
    Some(
        Error::new(NO_SPACE, format!("no space is left in {place}"))
            .why("what the container writes lies there, and the file system has no free blocks or no free inodes")
            .fix(format!("df -h {place} and df -i {place} show which; remove what is not needed there{instead}")),
    )
}

/// What failed before the first step, of a start or of an exec.
pub(crate) fn unprepared(errno: sys::Errno) -> Error {
    general(errno.raw_os_error()).unwrap_or_else(|| {
        Error::new(INTERNAL, "the start cannot be prepared").why(reason(&errno)).fix(REPORT)
    })
}
