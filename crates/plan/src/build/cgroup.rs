//! Decides how the processes of a container are limited.

use super::Builder;
use crate::cgroup::Op;
use crate::facts::Group;
use crate::{Actor, Why, process};
use spec::catalogue::PIDS_LIMIT_REFUSED;
use spec::error::{Error, Result};
use std::ffi::CString;

/// Decides how the processes of the container are limited, and makes what that takes.
///
/// # Errors
/// `PIDS_LIMIT_REFUSED` where neither a group nor RLIMIT_NPROC can hold the limit: never silence.
pub(crate) fn make(b: &mut Builder<'_>) -> Result<()> {
    let Some(limit) = b.spec.pids_limit else { return Ok(()) };
    match b.facts.group.clone() {
        Group::V1 { directory } => {
            let join = below(&directory, "tasks");
            make_group(b, directory, join, None, false, limit);
        }
        Group::V2 { directory, enable, threaded } => {
            make_group(b, directory.clone(), directory, enable, threaded, limit);
        }
        Group::None { why } if b.ids.is_some() => {
            b.note(format!(
                "no control group ({why}): RLIMIT_NPROC holds the number of processes at {limit} instead"
            ));
            let present = b.facts.processes;
            let op = process::Op::LimitBeforeClone { limit: present.saturating_add(limit), present };
            b.step(Actor::Runtime, op, Why::Host("no control group can be made here"));
        }
        Group::None { why } => {
            return Err(Error::new(
                PIDS_LIMIT_REFUSED,
                format!("the container cannot be held at {limit} processes"),
            )
            .why(format!("no control group can be made here ({why}), and RLIMIT_NPROC does not bind root"))
            .fix("leave out --userns host or --pass 4, or say --pids-limit -1 to run without this limit"));
        }
    }
    Ok(())
}

fn make_group(
    b: &mut Builder<'_>,
    directory: CString,
    join: CString,
    enable: Option<CString>,
    threaded: bool,
    limit: u32,
) {
    let slot = b.slot();
    b.group = Some(slot);
    let (limit_file, kind) = (below(&directory, "pids.max"), below(&directory, "cgroup.type"));
    let op =
        Op::Make { directory, enable, threaded: threaded.then_some(kind), limit_file, limit, join, slot };
    b.step(Actor::Runtime, op, Why::Container);
}

/// The clone joins where the kernel did not do it at birth, and then hides what lies above.
pub(crate) fn join(b: &mut Builder<'_>) {
    if let (Some(slot), Group::V1 { .. }) = (b.group, &b.facts.group) {
        b.step(Actor::Init, Op::Join { slot }, Why::Container);
    }
    if b.spec.namespaces.cgroup {
        b.step(Actor::Init, Op::Namespace, Why::Rule("R15"));
    }
}

fn below(directory: &CString, name: &str) -> CString {
    CString::new([directory.as_bytes(), b"/", name.as_bytes()].concat()).unwrap_or_default()
}
