//! A command in a container that runs already.

use crate::User;
use std::ffi::CString;

/// One more command in a container, as it was asked for.
#[derive(Clone, Debug)]
pub struct Exec {
    /// The command and its arguments; never empty.
    pub command: Vec<CString>,
    /// What is added to the container's own environment, `NAME=VALUE` each.
    pub environment: Vec<CString>,
    /// Where the command starts, if not where the container's own did.
    pub workdir: Option<CString>,
    /// As whom the command runs, if not as the container's own does.
    pub user: Option<User>,
    /// Whether the command gets a terminal of its own.
    pub terminal: bool,
    /// Whether the command waits until the steps have been told.
    pub narrate: bool,
}
