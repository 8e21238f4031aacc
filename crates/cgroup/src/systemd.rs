//! What is asked of systemd: a scope for a container, and its place in the control groups.
//!
//! On most hosts systemd is the one writer of the hierarchy, and takes away what others write (see
//! `delegation.rs`). A *scope* is a unit for processes that systemd did not start: with it comes a group that is
//! ours to arrange. <https://systemd.io/CGROUP_DELEGATION>, systemd.scope(5)
//!
//! systemd is asked by messages of D-Bus, and preferably over its own private socket, on which nobody is
//! between. Read in this order:
//!
//! - `scope.rs`: what is asked; `job.rs`: how its end is heard of.
//! - `name.rs`: the names of units, and of their groups.
//! - `socket.rs`: where a manager listens.
//! - `connection.rs`: a conversation, with a deadline for all of it.
//! - `call.rs`, `message.rs`, `wire.rs`: what a message looks like. <https://dbus.freedesktop.org/doc/dbus-specification.html>
//!
//! Everything is synchronous: nothing here starts a thread, and no descriptor outlives a call.

use std::fmt;

use rustix::io::Errno;

mod call;
mod connection;
mod job;
mod message;
mod name;
#[cfg(test)]
mod peer;
mod scope;
mod socket;
mod wire;

pub use name::slice_path;
pub use scope::{Scope, Weights, attach, control_group, reachable, set_weights, start};

/// Which systemd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// PID 1 of the host. Only root may have scopes of it, or whom polkit lets.
    System,
    /// The one of the calling user, below `user@UID.service`.
    User,
}

/// Why systemd has not done what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// What was to be sent has no form that systemd takes: nothing was sent.
    Name(String),
    /// Nobody could be asked.
    Unreachable(String),
    /// It said no.
    Refused {
        /// The name of the error, as `org.freedesktop.systemd1.UnitExists`.
        name: String,
        /// For people.
        message: String,
    },
    /// The unit was accepted, and has not started.
    Job {
        /// What has become of the job: `failed`, `canceled`, `timeout`, `dependency` and others.
        result: String,
    },
    /// No answer until the deadline. What was asked may still be done.
    Time,
    /// The connection broke. What was asked may still be done.
    Lost(Errno),
    /// The answer is not D-Bus, or not the one to the question.
    Garbled(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Name(what) => f.write_str(what),
            Failure::Unreachable(why) => write!(f, "systemd cannot be reached: {why}"),
            Failure::Refused { name, message } => write!(f, "systemd answers: {message} ({name})"),
            Failure::Job { result } => write!(f, "systemd's job has ended as {result:?}"),
            Failure::Time => f.write_str("systemd does not answer in time"),
            Failure::Lost(errno) => write!(f, "the connection to systemd broke: {errno}"),
            Failure::Garbled(what) => write!(f, "the answer of systemd cannot be read: {what}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<wire::Garbled> for Failure {
    fn from(garbled: wire::Garbled) -> Self {
        Failure::Garbled(garbled.0)
    }
}
