//! Performs a plan: probes the host, walks the steps, supervises the container, and leaves nothing behind.
//!
//! Read [`start()`] first, then `interpreter`, then the topics, each of which has a file of the same name in the room
//! `plan`.

pub mod board;
pub mod host;
pub mod journal;
pub mod probe;
pub mod record;
pub mod remove;
pub mod storage;

mod bell;
mod cgroup;
mod context;
mod deadline;
mod devices;
mod diagnose;
mod end;
pub mod events;
mod exec;
#[cfg(feature = "faults")]
mod faults;
mod file;
mod flow;
pub mod freeze;
mod identity;
mod init;
mod interpreter;
mod join;
mod late;
mod mount;
mod namespace;
mod network;
mod next;
mod origin;
mod own;
mod path;
pub mod peek;
pub mod private;
mod process;
mod procfs;
pub mod prove;
mod quota;
mod resident;
mod rlimit;
mod rule;
mod scope;
pub mod sealed;
mod security;
mod signals;
mod start;
mod state;
mod step;
mod supervise;
mod terminal;
pub mod tree;
pub mod update;

pub use context::Narrator;
pub use diagnose::errno_name;
pub use end::End;
pub use exec::exec;
pub use probe::probe;
pub use start::{Started, Warning, Wish, start};
