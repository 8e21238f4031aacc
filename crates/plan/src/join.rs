//! Joining a container that runs: how one more command gets into it.
//!
//! The container is treated as hostile. A process can enter a PID namespace only by its children; so the runtime clones
//! a *joiner*, which enters all namespaces by one call, forks the command as a child of the runtime, and ends. The
//! joiner is in no process list of the container, and the command can be looked into by nobody before it executes.

use crate::Slot;
use crate::container::Held;
use crate::tell::{Call, Lesson, Tell, show};
use spec::Namespaces;
use std::ffi::CString;

/// A step on the way into a container.
#[derive(Clone, Debug)]
pub enum Op {
    /// Makes sure that the container still runs, and holds its first process.
    Find {
        /// Its name.
        name: String,
        /// Its journal, locked while it runs.
        journal: CString,
        /// Its first process, as it is known here.
        init: i32,
        /// Where the pidfd of that process goes.
        slot: Slot,
    },
    /// Opens what it takes to join its group: `tasks` on v1, the directory on v2.
    OpenGroup {
        /// The path.
        path: CString,
        /// Where the descriptor goes.
        slot: Slot,
    },
    /// Clones the joiner.
    Clone {
        /// The group to be born in (cgroup v2).
        group: Option<Slot>,
    },
    /// Opens the namespaces that the container's runtime holds.
    OpenNamespaces {
        /// Where they are open.
        held: Held,
        /// Where they go, in the order of their names.
        slots: Vec<Slot>,
    },
    /// Enters the namespaces of the container's first process.
    Enter {
        /// Which it has of its own.
        namespaces: Namespaces,
        /// Its pidfd; or each of them, in the order of their names.
        slots: Vec<Slot>,
    },
    /// Forks the command, as a child of the runtime.
    Fork,
}

/// The flag of a namespace, as `setns(2)` has it.
fn flag(name: &str) -> &'static str {
    match name {
        "user" => "CLONE_NEWUSER",
        "mnt" => "CLONE_NEWNS",
        "pid" => "CLONE_NEWPID",
        "uts" => "CLONE_NEWUTS",
        "ipc" => "CLONE_NEWIPC",
        "net" => "CLONE_NEWNET",
        _ => "CLONE_NEWCGROUP",
    }
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Find { name, init, .. } => format!("make sure that {name} runs, and hold its process {init}"),
            Op::OpenGroup { path, .. } => format!("open the control group {}", show(path)),
            Op::OpenNamespaces { held, .. } => {
                format!("open the namespaces that its runtime {} holds", held.runtime)
            }
            Op::Clone { .. } => "fork a joiner".to_owned(),
            Op::Enter { .. } => "enter all namespaces of the container".to_owned(),
            Op::Fork => "fork the command into the container's processes".to_owned(),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            // To open what is there, and to ask for a lock that another has, changes nothing.
            Op::Find { .. } | Op::OpenGroup { .. } | Op::OpenNamespaces { .. } => Vec::new(),
            Op::Clone { group } => {
                let into = if group.is_some() { "|CLONE_INTO_CGROUP" } else { "" };
                vec![Call::once("clone3", format!("CLONE_PIDFD{into}"))]
            }
            Op::Enter { namespaces, slots } if slots.len() == 1 => {
                let all: Vec<&str> = namespaces.names().map(flag).collect();
                vec![Call::once("setns", format!("pidfd of the container, {}", all.join("|")))]
            }
            Op::Enter { namespaces, .. } => namespaces
                .names()
                .map(|name| Call::once("setns", format!("{name}, {}", flag(name))))
                .collect(),
            Op::Fork => vec![Call::once("clone", "CLONE_PARENT|SIGCHLD")],
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Find { .. } => Lesson {
                why: "A pid is only a number, which the next process may have; a pidfd is the process. While its runtime holds the journal's lock and has not removed its record, the pid is not anybody else's.",
                without: "The command could end up in whatever process has that number now.",
                man: "pidfd_open(2), flock(2)",
            },
            Op::OpenGroup { .. } => Lesson {
                why: "Opened here, while its path can be seen and the caller's rights count; inside, neither is so.",
                without: "The command would run in the caller's group, without the container's limits.",
                man: "cgroups(7)",
            },
            Op::OpenNamespaces { .. } => Lesson {
                why: "The container's init lets nobody look into it, not even its own user; its runtime, which it has handed them to, lets its user.",
                without: "Only root could join a container.",
                man: "namespaces(7), ptrace(2)",
            },
            Op::Clone { .. } => Lesson {
                why: "Who enters namespaces changes what it can see and reach; the runtime must stay outside.",
                without: "The runtime would serve the caller's terminal from inside the container.",
                man: "clone(2)",
            },
            Op::Enter { .. } => Lesson {
                why: "By a pidfd one call enters all of them at once (Linux 5.8); else the user namespace comes first, for the rights to enter the others come with it.",
                without: "The command would run beside the container, not in it.",
                man: "setns(2)",
            },
            Op::Fork => Lesson {
                why: "Entering a PID namespace takes effect for children alone. The command becomes a child of the runtime, which waits for it, and the joiner ends.",
                without: "The command would not be among the processes of the container.",
                man: "pid_namespaces(7), clone(2)",
            },
        }
    }

    fn fills(&self) -> Vec<Slot> {
        match self {
            Op::Find { slot, .. } | Op::OpenGroup { slot, .. } => vec![*slot],
            Op::OpenNamespaces { slots, .. } => slots.clone(),
            _ => Vec::new(),
        }
    }

    fn uses(&self) -> Vec<Slot> {
        match self {
            Op::Clone { group: Some(slot) } => vec![*slot],
            Op::Enter { slots, .. } => slots.clone(),
            _ => Vec::new(),
        }
    }
}
