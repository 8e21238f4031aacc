//! What a container lacks where the world around it refuses a part of it, and the rest goes on.

/// A part that is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// A host name of its own.
    HostName,
    /// A network of its own.
    Network,
    /// The loopback interface of its network.
    Loopback,
    /// A `/proc` of its own processes.
    Proc,
    /// A `/sys` of its own network.
    Sys,
    /// Any `/sys`.
    NoSys,
}

impl Loss {
    /// What there is instead.
    pub fn words(self) -> &'static str {
        match self {
            Loss::HostName => "the host name is that of the container around",
            Loss::Network => "the network is that of the container around, with all that listens there",
            Loss::Loopback => "the loopback interface is down",
            Loss::Proc => {
                "/proc is that of the container around, with its processes and their pids there; ps, which looks for itself, fails"
            }
            Loss::Sys => "/sys is that of the container around",
            Loss::NoSys => "/sys is empty: the container around has none",
        }
    }

    /// What is in the way.
    pub fn cause(self) -> Cause {
        match self {
            Loss::Proc | Loss::Sys | Loss::NoSys => Cause::Covers,
            Loss::HostName | Loss::Network | Loss::Loopback => Cause::Filter,
        }
    }
}

/// What of the world around keeps a part from a container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A filter of system calls, or a profile of a security module.
    Filter,
    /// Covers over parts of `/proc` and `/sys`: the kernel shows nobody more in a new one (`mount_too_revealing()` in fs/namespace.c).
    Covers,
}
