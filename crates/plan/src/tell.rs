//! The words in which a step is told: its title, its calls, its lesson.

use crate::{Residue, Slot};
use std::ffi::CStr;

/// How often a call is made in its step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// So many times.
    Times(usize),
    /// Once, or not at all where what it would make is there already.
    Maybe,
    /// Once for each item that this host has; at least once.
    Each,
}

/// One system call that changes the state of the system, as level 2 of the narration tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Its name, as strace shows it.
    pub name: &'static str,
    /// Its arguments, as a person reads them.
    pub arguments: String,
    /// How often it is made.
    pub count: Count,
}

impl Call {
    /// A call that is made once.
    pub fn once(name: &'static str, arguments: impl Into<String>) -> Self {
        Call { name, arguments: arguments.into(), count: Count::Times(1) }
    }

    /// A call that is made `times`.
    pub fn times(times: usize, name: &'static str, arguments: impl Into<String>) -> Self {
        Call { name, arguments: arguments.into(), count: Count::Times(times) }
    }

    /// A call that is made where it is needed.
    pub fn maybe(name: &'static str, arguments: impl Into<String>) -> Self {
        Call { name, arguments: arguments.into(), count: Count::Maybe }
    }

    /// A call that is made for each item of a list that the host has.
    pub fn each(name: &'static str, arguments: impl Into<String>) -> Self {
        Call { name, arguments: arguments.into(), count: Count::Each }
    }
}

/// What level 3 of the narration teaches about an op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lesson {
    /// Why it exists.
    pub why: &'static str,
    /// What breaks without it.
    pub without: &'static str,
    /// Where to read on.
    pub man: &'static str,
}

/// An op that can be told.
pub trait Tell {
    /// One line, in the imperative.
    fn title(&self) -> String;

    /// The state-changing system calls, in order. A test holds them against what `strace` sees.
    fn calls(&self) -> Vec<Call>;

    /// The lesson.
    fn lesson(&self) -> Lesson;

    /// The slots that the op fills.
    fn fills(&self) -> Vec<Slot> {
        Vec::new()
    }

    /// The slots that must be full before.
    fn uses(&self) -> Vec<Slot> {
        Vec::new()
    }

    /// What the op leaves in the system beyond the life of its process.
    fn residue(&self) -> Option<Residue> {
        None
    }
}

/// A C string as text.
pub(crate) fn show(text: &CStr) -> String {
    text.to_string_lossy().into_owned()
}

/// A C string as text in quotes.
pub(crate) fn quote(text: &CStr) -> String {
    format!("{:?}", show(text))
}
