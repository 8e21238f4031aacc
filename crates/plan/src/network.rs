//! The network: loopback, and nothing else until networks come.

use crate::tell::{Call, Lesson, Tell};

/// A step on the network.
#[derive(Clone, Debug)]
pub enum Op {
    /// Makes a network namespace of its own.
    Namespace,
    /// Sets the loopback interface up.
    LoopbackUp,
    /// Lets groups open ICMP echo sockets.
    PingGroups {
        /// The last group; the first is 0.
        last: u32,
    },
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Namespace => "leave the host's network: a network namespace of its own".to_owned(),
            Op::LoopbackUp => "set the loopback interface up".to_owned(),
            Op::PingGroups { last } => format!("let the groups 0 to {last} ping without raw sockets"),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::Namespace => vec![Call::once("unshare", "CLONE_NEWNET")],
            Op::LoopbackUp => vec![Call::once("ioctl", r#"SIOCSIFFLAGS, "lo", IFF_UP|IFF_RUNNING"#)],
            Op::PingGroups { last } => {
                vec![Call::once("write", format!(r#""/proc/sys/net/ipv4/ping_group_range", "0 {last}""#))]
            }
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Namespace => Lesson {
                why: "A network namespace has interfaces, addresses, ports and rules of its own. Of all namespaces it takes longest to make, so init makes it while the runtime does something else.",
                without: "The container could reach what the host can reach, and what listens on the host's 127.0.0.1.",
                man: "network_namespaces(7), unshare(2)",
            },
            Op::LoopbackUp => Lesson {
                why: "A new network namespace has one interface, lo, and it is down.",
                without: "Programs in the container could not talk to each other over 127.0.0.1.",
                man: "network_namespaces(7), netdevice(7)",
            },
            Op::PingGroups { .. } => Lesson {
                why: "The range of groups that may ping is empty in a new network namespace.",
                without: "ping would need a raw socket, with which it could forge packets.",
                man: "icmp(7)",
            },
        }
    }
}
