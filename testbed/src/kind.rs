//! The three kinds of users who start containers.

use crate::caller;
use std::fmt;
use std::io;
use std::str::FromStr;

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

    /// Which kinds the caller can be: root can be each of them, everybody else one.
    pub fn of_caller() -> io::Result<Vec<Kind>> {
        if caller::is_root()? {
            return Ok(vec![Kind::Root, Kind::Range, Kind::Single]);
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
