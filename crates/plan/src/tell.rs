//! The words in which a step is told: its title, its calls, its lesson.

use crate::{Residue, Slot};
use std::ffi::CStr;
use std::fmt;

/// How often a call is made in its step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// Once.
    Once,
    /// Once if something is so; the text goes on after "if".
    If(&'static str),
    /// Once for each of what this host has, which may be none; the text goes on after "for each". Neighbours for each of
    /// the same are made one after the other for one, then for the next.
    Each(&'static str),
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Count::Once => Ok(()),
            Count::If(condition) => write!(f, "  if {condition}"),
            Count::Each(item) => write!(f, "  for each {item}"),
        }
    }
}

/// One system call that changes the state of the system, as level 2 of the narration tells it.
///
/// Quoted text, constants and numbers are the kernel's own, so that a test can find them in what `strace` shows; the
/// rest is for people. A path that the call names by a descriptor is quoted as its last part, or from the
/// container's root.
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
        Call { name, arguments: arguments.into(), count: Count::Once }
    }

    /// A call that is made if `condition`.
    pub fn maybe(name: &'static str, arguments: impl Into<String>, condition: &'static str) -> Self {
        Call { name, arguments: arguments.into(), count: Count::If(condition) }
    }

    /// A call that is made for each `item` that the host has.
    pub fn each(name: &'static str, arguments: impl Into<String>, item: &'static str) -> Self {
        Call { name, arguments: arguments.into(), count: Count::Each(item) }
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

/// Several C strings, each in quotes.
pub(crate) fn quote_all<'a>(texts: impl IntoIterator<Item = &'a CStr>) -> String {
    texts.into_iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// A file mode in octal, as strace and the manual pages show it.
pub(crate) fn mode(mode: u32) -> String {
    format!("0{mode:03o}")
}
