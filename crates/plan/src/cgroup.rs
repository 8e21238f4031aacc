//! Control groups: the container's own, made below the caller's, with its limit of processes.

use crate::tell::{Call, Lesson, Tell, quote, show};
use crate::{Residue, Slot};
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
                let mut calls: Vec<Call> = enable
                    .iter()
                    .map(|file| Call::once("write", format!("{}, \"+pids\"", quote(file))))
                    .collect();
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
                why: "Namespaces decide what processes see, control groups how much they may use; this one counts processes: init, the command and all that it forks. At the limit fork(2) says EAGAIN.",
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
