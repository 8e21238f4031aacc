//! What went wrong with the quota of what is written to disk.

use super::{errno_name, general};
use plan::quota::{Op, Quota};
use spec::catalogue::LIMIT_NOT_AVAILABLE;
use spec::error::Error;

pub(super) fn diagnose(op: &Op, errno: i32) -> Error {
    let (Op::Hold(Quota { project, .. }) | Op::Prove(Quota { project, .. })) = op;
    let cannot = |why: String, fix: &str| {
        Error::new(LIMIT_NOT_AVAILABLE, "--storage-opt size= cannot be held on disk").why(why).fix(fix)
    };
    match errno {
        libc::EAGAIN => cannot(
            format!("somebody else has project {project} on this file system by now"),
            "run it again: another is chosen",
        ),
        libc::EINVAL => cannot(
            format!("the file system has no room for a number as high as {project}"),
            "make an xfs of today's form; xfs_info shows projid32bit=1 then",
        ),
        libc::EPERM | libc::EACCES => cannot(
            "a security module or a filter of system calls refuses it to this process".to_owned(),
            "leave out medium=disk: what lies in memory is bounded",
        ),
        errno => general(errno).unwrap_or_else(|| {
            let why = format!("the kernel answered {}", errno_name(errno));
            cannot(why, "sudo dmesg | tail shows more; what lies in memory is bounded: leave out medium=disk")
        }),
    }
}
