//! Host names.

use crate::catalogue::BAD_HOST_NAME;
use crate::error::{Error, Result};

/// A host name: labels of letters, digits and inner hyphens, joined by dots (RFC 952, RFC 1123 2.1), at most 64 bytes
/// in all, which is what `sethostname(2)` takes (`__NEW_UTS_LEN`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostName(String);

impl HostName {
    /// Parses `text`.
    ///
    /// # Errors
    /// `BAD_HOST_NAME`, naming what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |part: &str, why: &str| {
            Err(Error::new(BAD_HOST_NAME, format!("{text:?} is not a host name: {why}"))
                .at(text, part)
                .fix("use letters, digits and inner hyphens, in parts joined by dots, at most 64 bytes"))
        };
        if text.is_empty() {
            return bad(text, "it is empty");
        }
        let rest = text.get(text.floor_char_boundary(64)..).unwrap_or_default();
        if !rest.is_empty() {
            return bad(rest, "it is longer than 64 bytes");
        }
        match text.split('.').find(|label| !is_label(label)) {
            Some(label) => bad(label, "a part is empty, starts or ends with -, or has another character"),
            None => Ok(HostName(text.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for HostName {
    fn default() -> Self {
        HostName("containerception".to_owned())
    }
}

fn is_label(label: &str) -> bool {
    let inner = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "containerception", "web-1.example.org", "1", &"x".repeat(64)] {
            assert_eq!(HostName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "a-", "a..b", ".a", "a b", "a\n", "ä", "a_b", &"x".repeat(65)] {
            assert_eq!(HostName::parse(bad).unwrap_err().code, BAD_HOST_NAME, "{bad}");
        }
    }

    #[test]
    fn errors_point_at_the_guilty_part() {
        for (text, guilty) in [("a.b_c.d", 2..5), ("a..b", 2..2), ("ä.b", 0..2), (&"x".repeat(70), 64..70)] {
            assert_eq!(HostName::parse(text).unwrap_err().at.unwrap().range, guilty, "{text}");
        }
    }
}
