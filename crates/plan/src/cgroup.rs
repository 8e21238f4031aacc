//! Control groups: the container's own, made below the caller's, with its limit of processes.

use crate::facts::Group;
use crate::tell::{Call, Lesson, Tell, quote, show};
use crate::{Actor, Residue, Slot, Why, build::Builder, process};
use spec::catalogue::PIDS_LIMIT_REFUSED;
use spec::error::{Error, Result};
use std::ffi::CString;

/// A step on control groups.
#[derive(Clone, Debug)]
pub enum Op {
    /// Makes the group, writes its limit, and opens what a process needs to join it.
    Make {
        /// The directory of the group.
        directory: CString,
        /// The parent's `cgroup.subtree_control`, where the controller must be enabled first (v2).
        enable: Option<CString>,
        /// The group's `cgroup.type`, where it must become a threaded group: its parent has processes (v2).
        threaded: Option<CString>,
        /// The file of the limit.
        limit_file: CString,
        /// The most processes and threads.
        limit: u32,
        /// What is opened to join: `tasks` on v1, the directory on v2.
        join: CString,
        /// Where the open descriptor goes.
        slot: Slot,
    },
    /// Joins the group (v1): the process writes 0, itself, into `tasks`.
    Join {
        /// The open `tasks`.
        slot: Slot,
    },
    /// Makes the group the root of what is seen of groups from here on.
    Namespace,
}

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
                format!("cannot hold the container at {limit} processes"),
            )
            .why(format!("no control group can be made here ({why}), and RLIMIT_NPROC does not bind root"))
            .fix("drop --userns host, or say --pids-limit -1 to run without this limit"));
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

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Make { directory, limit, .. } => {
                format!("make the control group {} with at most {limit} processes", show(directory))
            }
            Op::Join { .. } => "join the control group".to_owned(),
            Op::Namespace => "hide the control groups above: a cgroup namespace of its own".to_owned(),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::Make { directory, enable, threaded, limit_file, limit, .. } => {
                let mut calls =
                    vec![Call::once("write", format!(r#""journal", "group {}\n""#, show(directory)))];
                calls.extend(
                    enable.iter().map(|file| Call::once("write", format!("{}, \"+pids\"", quote(file)))),
                );
                calls.push(Call::once("mkdirat", format!("{}, 0755", quote(directory))));
                calls.extend(
                    threaded.iter().map(|file| Call::once("write", format!("{}, \"threaded\"", quote(file)))),
                );
                calls.push(Call::once("write", format!("{}, \"{limit}\"", quote(limit_file))));
                calls
            }
            Op::Join { .. } => vec![Call::once("write", r#""tasks", "0""#)],
            Op::Namespace => vec![Call::once("unshare", "CLONE_NEWCGROUP")],
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Make { .. } => Lesson {
                why: "Namespaces decide what processes see, control groups how much they may use; this one counts processes.",
                without: "A fork bomb inside would take every process id of the host.",
                man: "cgroups(7)",
            },
            Op::Join { .. } => Lesson {
                why: "A process that moves itself does so at once; moving another waits some 10 ms for the kernel's grace period.",
                without: "The container would run in the caller's group, without its limit.",
                man: "cgroups(7)",
            },
            Op::Namespace => Lesson {
                why: "Made after joining, so that the container's group is the root of what it sees.",
                without: "/proc/self/cgroup would tell where on the host the container lives.",
                man: "cgroup_namespaces(7)",
            },
        }
    }

    fn fills(&self) -> Vec<Slot> {
        if let Op::Make { slot, .. } = self { vec![*slot] } else { Vec::new() }
    }

    fn uses(&self) -> Vec<Slot> {
        if let Op::Join { slot } = self { vec![*slot] } else { Vec::new() }
    }

    fn residue(&self) -> Option<Residue> {
        if let Op::Make { directory, .. } = self { Some(Residue::Group(directory.clone())) } else { None }
    }
}
