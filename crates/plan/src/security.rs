//! Capabilities, no_new_privs and the seccomp filter.

use crate::tell::{Call, Lesson, Tell};

pub use seccomp::Instruction;
use spec::Capabilities;

/// A step that takes rights away.
#[derive(Clone, Debug)]
pub enum Op {
    /// Drops capabilities from the bounding set: no program that is executed later can have them.
    Bound {
        /// What stays.
        keep: Capabilities,
    },
    /// Sets no_new_privs.
    NoNewPrivileges,
    /// Installs the seccomp filter.
    Filter {
        /// The program.
        program: Vec<Instruction>,
    },
    /// Sets the permitted and effective capabilities; inheritable and ambient become empty.
    Limit {
        /// What stays.
        keep: Capabilities,
    },
}

fn names(set: Capabilities) -> String {
    let names: Vec<&str> = set.names().collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// As the kernel names them: `CAP_CHOWN`; `0` for none.
fn constants(set: Capabilities, separator: &str) -> String {
    let names: Vec<String> = set.names().map(|name| format!("CAP_{name}")).collect();
    if names.is_empty() { "0".to_owned() } else { names.join(separator) }
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Bound { keep } => format!("bound capabilities for good to {}", names(*keep)),
            Op::NoNewPrivileges => "forbid new privileges: set-user-ID programs have no effect".to_owned(),
            Op::Filter { program } => format!("filter system calls ({} BPF instructions)", program.len()),
            Op::Limit { keep } => format!("keep the capabilities {}", names(*keep)),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::Bound { keep } => {
                let drop = constants(Capabilities::ALL.without(*keep), " ");
                vec![Call::each("prctl", format!("PR_CAPBSET_DROP, {drop}"), "of these")]
            }
            Op::NoNewPrivileges => vec![Call::once("prctl", "PR_SET_NO_NEW_PRIVS, 1")],
            Op::Filter { program } => {
                vec![Call::once(
                    "seccomp",
                    format!("SECCOMP_SET_MODE_FILTER, {} instructions", program.len()),
                )]
            }
            Op::Limit { keep } => vec![
                Call::once("prctl", "PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL"),
                Call::once(
                    "capset",
                    format!("effective and permitted {}, inheritable 0", constants(*keep, "|")),
                ),
            ],
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Bound { .. } | Op::Limit { .. } => Lesson {
                why: "Root's power comes in some forty parts; the container keeps those that ordinary software needs.",
                without: "Root inside could mount, load modules, change the clock: in its user namespace, or, without one, on the host.",
                man: "capabilities(7)",
            },
            Op::NoNewPrivileges => Lesson {
                why: "From here on, executing a program can only take rights away.",
                without: "A set-user-ID program inside would raise an ordinary user to root inside.",
                man: "prctl(2), PR_SET_NO_NEW_PRIVS",
            },
            Op::Filter { .. } => Lesson {
                why: "The kernel has some 460 system calls; those that no container needs are the ones in which holes are found. They fail with EPERM; a number that no kernel has yet with ENOSYS.",
                without: "Each kernel bug in bpf, io_uring, userfaultfd or keyrings would be within reach of the container.",
                man: "seccomp(2)",
            },
        }
    }
}
