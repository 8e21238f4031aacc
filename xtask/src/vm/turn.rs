//! Who passes the suites, one after the other. `xtask/vm/suites` knows them by their words.

/// One of those users, in their place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// Root in a delegated group of systemd's.
    Root,
    /// Root in the group above all others, below which groups of every controller can be made: as on a host that has no
    /// systemd.
    Bare,
    /// An ordinary user with all that one can have.
    Dev,
    /// An ordinary user with nothing of it.
    Plain,
}

/// In the order in which they come, in a machine each for root and for ordinary users.
pub const OF_ROOT: [Turn; 2] = [Turn::Root, Turn::Bare];
pub const OF_USERS: [Turn; 2] = [Turn::Dev, Turn::Plain];

/// All of them.
pub const ALL: [Turn; 4] = [Turn::Root, Turn::Bare, Turn::Dev, Turn::Plain];

impl Turn {
    /// What it is called between the guest and us.
    pub fn word(self) -> &'static str {
        match self {
            Turn::Root => "root",
            Turn::Bare => "bare",
            Turn::Dev => "dev",
            Turn::Plain => "plain",
        }
    }

    /// What it is called to people.
    pub fn title(self) -> &'static str {
        match self {
            Turn::Root => "as root, in a group that systemd has made",
            Turn::Bare => "as root, in the group above all others",
            Turn::Dev => "as a user with subordinate ids, a session and delegated groups",
            Turn::Plain => "as a user with nothing of that",
        }
    }

    /// Whether a suite is passed in this turn. The tests of the crate make groups below their own, which v2 allows in the
    /// group above all others alone without moving the test (`cgroups(7)`, no internal processes); to ask systemd, any user
    /// is good who has one.
    pub fn has(self, suite: &str) -> bool {
        match suite {
            "cgroup-systemd" => matches!(self, Turn::Bare | Turn::Dev),
            suite if suite.starts_with("cgroup") => self == Turn::Bare,
            _ => self != Turn::Bare,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_is_passed_by_somebody() {
        let turns = |suite| ALL.into_iter().filter(|turn| turn.has(suite)).collect::<Vec<_>>();
        assert_eq!(turns("cgroup"), [Turn::Bare]);
        assert_eq!(turns("cgroup-systemd"), [Turn::Bare, Turn::Dev]);
        assert_eq!(turns("run"), [Turn::Root, Turn::Dev, Turn::Plain]);
    }
}
