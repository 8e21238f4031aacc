//! Why a container could not be joined.

use super::{Case, general, namespaces_refused};
use plan::join::Op;
use spec::catalogue::{JOIN_REFUSED, NO_SUCH_CONTAINER};
use spec::error::Error;

pub(super) fn diagnose(case: &Case<'_>, op: &Op) -> Error {
    let errno = case.failure.errno;
    let gone = || {
        Error::new(NO_SUCH_CONTAINER, format!("{} does not run any more", case.name))
            .why("it ended while this command was about to join it")
            .fix("containerception ps shows what runs")
    };
    match op {
        Op::Find { .. } => general(errno).unwrap_or_else(gone),
        Op::OpenGroup { .. } if errno == libc::ENOENT => gone(),
        Op::Clone { .. } | Op::OpenGroup { .. } if matches!(errno, libc::EACCES | libc::EPERM | libc::EOPNOTSUPP) => {
            Error::new(JOIN_REFUSED, format!("the control group of {} cannot be joined from here", case.name))
                .why("the kernel moves a process only between groups whose common parent the caller may change (cgroups(7), delegation)")
                .fix("run this from the session in which the container was started, or as root")
        }
        Op::Clone { .. } | Op::Fork => namespaces_refused(errno),
        Op::Enter { .. } | Op::OpenNamespaces { .. } => general(errno).unwrap_or_else(|| {
            Error::new(JOIN_REFUSED, format!("the namespaces of {} cannot be entered", case.name))
                .why("they belong to another user, or the container ended meanwhile")
                .fix("run this as the user who started the container")
        }),
        Op::OpenGroup { .. } => general(errno).unwrap_or_else(gone),
    }
}
