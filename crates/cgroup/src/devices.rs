//! Which devices a group may use, as each version of control groups holds it.
//!
//! [`spec::device::allowed`] says what rules mean. On v2 a [`program`] of ours computes just that, and is asked by the
//! kernel each time. On v1 the group has a list of what is allowed, [`v1`], which cannot say all that rules can.

pub mod program;
pub mod v1;

use spec::device::Rule;
use std::fmt;

/// How many rules there may be: with so many, a program still has few enough instructions for every kernel, and a list of
/// v1 is computed in some 50 ms at worst, usually in microseconds.
pub const MAX_RULES: usize = 256;

/// Why rules cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotHeld {
    /// There are more than [`MAX_RULES`].
    TooMany,
    /// What this rule leaves of a device that an earlier one is about, no list of v1 can say.
    NoList(Rule),
}

/// A clause for people.
impl fmt::Display for NotHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotHeld::TooMany => write!(f, "there are more than {MAX_RULES} rules for devices"),
            NotHeld::NoList(rule) => {
                let verb = if rule.allow { "allow" } else { "deny" };
                write!(f, "the list of devices of cgroup v1 cannot {verb} {rule} beside the rules before it")
            }
        }
    }
}

impl std::error::Error for NotHeld {}
