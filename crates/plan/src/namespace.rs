//! Namespaces that are given a name, or visited to mount in them.

use crate::Slot;
use crate::tell::{Call, Lesson, Tell, quote};
use spec::Namespaces;
use std::ffi::CString;

/// A step on namespaces.
#[derive(Clone, Debug)]
pub enum Op {
    /// Sets the host name.
    HostName {
        /// The name.
        name: CString,
    },
    /// Does nothing, where the world around refuses something that can be gone without.
    GoWithout {
        /// What.
        what: &'static str,
    },
    /// Opens the own namespaces, for those who join the container later.
    Hold {
        /// Which are the container's own.
        namespaces: Namespaces,
    },
    /// Enters the mount namespace of the container, from outside, with the rights of outside.
    VisitMounts {
        /// Where a descriptor of the own mount namespace goes, for the way back.
        back: Slot,
    },
    /// Returns to the own mount namespace.
    Return {
        /// The own mount namespace.
        back: Slot,
    },
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::HostName { name } => format!("set the host name to {}", name.to_string_lossy()),
            Op::GoWithout { what } => format!("go without {what}"),
            Op::Hold { .. } => "hold its namespaces, for commands that join later".to_owned(),
            Op::VisitMounts { .. } => "visit the container's mount namespace".to_owned(),
            Op::Return { .. } => "return to the host's mount namespace".to_owned(),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::HostName { name } => {
                vec![Call::once("sethostname", format!("{}, {}", quote(name), name.as_bytes().len()))]
            }
            // Opening what is there changes nothing.
            Op::Hold { .. } | Op::GoWithout { .. } => Vec::new(),
            Op::VisitMounts { .. } => vec![Call::once("setns", "pidfd of init, CLONE_NEWNS")],
            Op::Return { .. } => vec![Call::once("setns", "own mount namespace, CLONE_NEWNS")],
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::HostName { .. } => Lesson {
                why: "A UTS namespace holds the host name; the container has its own.",
                without: "hostname would print the host's, and root inside could change it.",
                man: "uts_namespaces(7), sethostname(2)",
            },
            Op::GoWithout { .. } => Lesson {
                why: "The world around refuses it, and the rest of the container holds without it.",
                without: "The container would not start.",
                man: "namespaces(7)",
            },
            Op::Hold { .. } => Lesson {
                why: "Init lets nobody look into it, and so not even its own user open its namespaces later; it hands them to the runtime, which keeps them.",
                without: "An ordinary user could start no second command in the container.",
                man: "namespaces(7), ptrace(2)",
            },
            Op::VisitMounts { .. } => Lesson {
                why: "Only root of the host may mount an overlay over id-mapped layers, and a tmpfs whose bound the container cannot lift.",
                without: "Files of the host's root would belong to nobody inside.",
                man: "setns(2), mount_setattr(2)",
            },
            Op::Return { .. } => Lesson {
                why: "The runtime must not stay where the container's code will run.",
                without: "The runtime would look up paths in the container's mounts.",
                man: "setns(2)",
            },
        }
    }

    fn fills(&self) -> Vec<Slot> {
        if let Op::VisitMounts { back } = self { vec![*back] } else { Vec::new() }
    }

    fn uses(&self) -> Vec<Slot> {
        if let Op::Return { back } = self { vec![*back] } else { Vec::new() }
    }
}
