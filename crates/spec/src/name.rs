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
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let good = if starts { text.find(|c| !inner(c)).unwrap_or(text.len()).min(64) } else { 0 };
        if starts && good == text.len() {
            return Ok(Name(text.to_owned()));
        }
        Err(Error::new(BAD_NAME, format!("{text:?} is not a container name"))
            .at(text, text.get(good..).unwrap_or_default())
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
        assert_eq!(Name::parse("web/1").unwrap_err().at.unwrap().range, 3..5, "from where it is no name");
    }
}
