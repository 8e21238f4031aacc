//! As whom a command runs: `USER[:GROUP]`, each a name or a number.

use crate::catalogue::BAD_USER;
use crate::error::{Error, Result};

/// A user or a group, before names are looked up in the container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Principal {
    /// An id inside the container.
    Id(u32),
    /// A name of the container's `/etc/passwd` or `/etc/group`.
    Name(String),
}

/// As whom the command runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// The user.
    pub user: Principal,
    /// The group; `None`: the user's own, or 0 for a user without an entry.
    pub group: Option<Principal>,
}

impl User {
    /// Root inside, the default.
    pub const ROOT: User = User { user: Principal::Id(0), group: None };

    /// Parses `USER[:GROUP]`.
    ///
    /// # Errors
    /// `BAD_USER` for empty parts and for numbers that are no ids.
    pub fn parse(text: &str) -> Result<Self> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        Ok(User {
            user: principal(user, text)?,
            group: group.map(|group| principal(group, text)).transpose()?,
        })
    }
}

/// What looks like a number must be an id: text that overflows is never looked up as a name, where it might be found,
/// nor wrapped (CVE-2024-40635). 4294967295 is -1, which `setresuid(2)` takes for "leave as it is".
fn principal(part: &str, whole: &str) -> Result<Principal> {
    let bad = |why: String| {
        Error::new(BAD_USER, format!("{whole:?} is not a user: {why}"))
            .at(whole, part)
            .fix("write a name or a number from 0 to 4294967294, optionally with :GROUP, such as -u 1000:100")
    };
    let unsigned = part.strip_prefix(['-', '+']).unwrap_or(part);
    match unsigned {
        "" => Err(bad("a part is empty".to_owned())),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => match part.parse::<u32>() {
            Ok(id) if id != u32::MAX && !part.starts_with('+') => Ok(Principal::Id(id)),
            _ => Err(bad(format!("{part} is not an id"))),
        },
        _ if part.bytes().any(|b| matches!(b, b'\n' | b':' | b'/' | 0)) || part.starts_with('-') => {
            Err(bad(format!("{part:?} is not a name")))
        }
        _ => Ok(Principal::Name(part.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users() {
        use Principal::{Id, Name};
        let parsed = |user, group| User { user, group };
        assert_eq!(User::parse("0").unwrap(), User::ROOT);
        assert_eq!(User::parse("1000:100").unwrap(), parsed(Id(1000), Some(Id(100))));
        assert_eq!(User::parse("bin:users").unwrap(), parsed(Name("bin".into()), Some(Name("users".into()))));
        assert_eq!(User::parse("4294967294").unwrap(), parsed(Id(4_294_967_294), None));
        for bad in [
            "",
            ":",
            "0:",
            ":0",
            "-1",
            "+1",
            "4294967295",
            "4294967296",
            "99999999999999",
            "a:b:c",
            "a/b",
            "-x",
            "-",
        ] {
            assert_eq!(User::parse(bad).unwrap_err().code, BAD_USER, "{bad}");
        }
    }

    #[test]
    fn errors_point_at_the_guilty_part() {
        for (text, guilty) in [("-1:0", 0..2), ("bin:-x", 4..6), ("0:", 2..2), ("größe:a/b", 8..11)] {
            assert_eq!(User::parse(text).unwrap_err().at.unwrap().range, guilty, "{text}");
        }
    }
}
