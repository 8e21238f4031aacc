//! Names of containers.

use crate::catalogue::BAD_NAME;
use crate::error::{Error, Result};

/// A container's name, which is also the name of its journal and of its control group: a letter or digit, then
/// letters, digits, `_`, `.` and `-`, at most 64 bytes (docker's grammar, bounded).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name(String);

impl Name {
    /// Parses `text`.
    ///
    /// # Errors
    /// `BAD_NAME`, naming what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if starts && text.len() <= 64 && text.bytes().all(inner) {
            return Ok(Name(text.to_owned()));
        }
        Err(Error::new(BAD_NAME, format!("{text:?} is not a container name"))
            .fix("start with a letter or digit, go on with letters, digits, _ . -, at most 64 bytes"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "web-1", "1_2.x", "ids", &"x".repeat(64)] {
            assert_eq!(Name::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", ".a", "a/b", "..", "a b", "a:b", "ä", &"x".repeat(65)] {
            assert_eq!(Name::parse(bad).unwrap_err().code, BAD_NAME, "{bad}");
        }
    }
}
