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
        let bad = |why: &str| {
            Err(Error::new(BAD_HOST_NAME, format!("{text:?} is not a host name: {why}"))
                .fix("use letters, digits and inner hyphens, in parts joined by dots, at most 64 bytes"))
        };
        match text {
            "" => bad("it is empty"),
            _ if text.len() > 64 => bad("it is longer than 64 bytes"),
            _ if !text.split('.').all(is_label) => {
                bad("a part is empty, starts or ends with -, or has another character")
            }
            _ => Ok(HostName(text.to_owned())),
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
}
