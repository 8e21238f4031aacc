//! The three kinds of users who start containers.

use crate::caller;
use std::fmt;
use std::io;
use std::str::FromStr;

/// A variable of the environment, set where each kind of user runs the tests itself, in turn (`cargo xtask vm`): then root
/// need be nobody else.
const TURNS: &str = "CONTAINERCEPTION_TURNS";

/// A kind of user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The host's root.
    Root,
    /// Somebody with a range in `/etc/subuid` and `/etc/subgid`.
    Range,
    /// Somebody without.
    Single,
}

impl Kind {
    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Root => "root",
            Kind::Range => "range",
            Kind::Single => "single",
        }
    }

    /// Whether each kind has a turn of its own.
    pub fn take_turns() -> bool {
        std::env::var_os(TURNS).is_some()
    }

    /// Which kinds the caller can be: root can be each of them, and is itself alone where all take turns; everybody else is
    /// one.
    pub fn of_caller() -> io::Result<Vec<Kind>> {
        if caller::is_root()? {
            let others: &[Kind] = if Kind::take_turns() { &[] } else { &[Kind::Range, Kind::Single] };
            return Ok([&[Kind::Root], others].concat());
        }
        let range = caller::subordinate("/etc/subuid")?.is_some();
        Ok(vec![if range { Kind::Range } else { Kind::Single }])
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Kind::Root => "as root",
            Kind::Range => "as a user with subordinate ids",
            Kind::Single => "as a user without",
        })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Kind, String> {
        let kinds = [Kind::Root, Kind::Range, Kind::Single];
        kinds
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or(format!("{word:?} is none of root, range, single"))
    }
}
