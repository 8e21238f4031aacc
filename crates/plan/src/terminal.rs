//! The terminal: a pair of the container's own, relayed by the runtime.

use crate::Slot;
use crate::tell::{Call, Lesson, Tell};

/// A step on the terminal.
#[derive(Clone, Debug)]
pub enum Op {
    /// Opens a pseudo-terminal in the container's devpts.
    Open {
        /// The side that the runtime relays.
        master: Slot,
        /// The side that the command has.
        slave: Slot,
        /// The command's user, whose it is to be, as `login(1)` has it.
        owner: u32,
    },
    /// The runtime takes the relaying side, gives it the size of its own terminal, and sets that to raw mode.
    Relay {
        /// The side that the runtime relays.
        master: Slot,
    },
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Open { .. } => "open a terminal of the container's own".to_owned(),
            Op::Relay { .. } => "relay between the two terminals".to_owned(),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::Open { owner, .. } => {
                let mut calls = vec![
                    Call::once("openat", r#""dev/pts/ptmx", O_RDWR|O_NOCTTY|O_NONBLOCK"#),
                    Call::once("ioctl", r#""/dev/pts/ptmx", TIOCSPTLCK, 0"#),
                    Call::once("ioctl", r#""/dev/pts/ptmx", TIOCGPTPEER"#),
                ];
                if *owner != 0 {
                    calls.push(Call::once("fchown", format!("the terminal, {owner}, -1")));
                }
                calls
            }
            Op::Relay { .. } => vec![
                Call::maybe(
                    "openat",
                    r#""/dev/tty", O_RDWR|O_NOCTTY|O_NONBLOCK"#,
                    "it is the controlling terminal",
                ),
                Call::maybe("ioctl", "the own terminal in raw mode, TCSETSW2", "this is a foreground job"),
                Call::once("ioctl", "the container's terminal, TIOCSWINSZ"),
            ],
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Open { .. } => Lesson {
                why: "Both ends are descriptors from the start; no path inside is opened that the container could replace.",
                without: "The command would share the caller's terminal, and could type into it after it ends.",
                man: "pty(7), ioctl_tty(2)",
            },
            Op::Relay { .. } => Lesson {
                why: "In raw mode every key, Ctrl-C among them, goes to the terminal inside, which makes the signal there.",
                without: "Ctrl-C would stop the runtime instead of the command.",
                man: "termios(3)",
            },
        }
    }

    fn fills(&self) -> Vec<Slot> {
        if let Op::Open { master, slave, .. } = self { vec![*master, *slave] } else { Vec::new() }
    }

    fn uses(&self) -> Vec<Slot> {
        if let Op::Relay { master } = self { vec![*master] } else { Vec::new() }
    }
}
