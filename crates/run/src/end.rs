//! How a command ended, and who ended it.

use ::cgroup::death::{self, Cause};
use ::cgroup::{Controller, Group};

/// How a command ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// Its exit status, 128 + n for a signal.
    pub status: u8,
    /// What the kernel ended processes of the container for, if memory was limited and it did.
    pub killed: Option<Cause>,
    /// Whether it would be known if it did.
    pub counted: bool,
    /// Whether somebody has ended the container by the command `kill`.
    pub by_somebody: bool,
}

impl End {
    /// Why it ended is asked while its groups are there.
    pub(crate) fn of(status: u8, groups: &[Group], by_somebody: bool) -> Self {
        let counted = groups.iter().any(|group| group.controllers.contains(&Controller::Memory));
        let killed = if counted { death::cause(groups).ok().flatten() } else { None };
        End { status, killed, counted, by_somebody }
    }
}
