//! Whole numbers between two bounds.

use crate::catalogue::BAD_LIMIT;
use crate::error::{Error, Result};
use crate::resources::Bound;
use std::ops::RangeInclusive;

/// The number that `text` writes in decimal digits and nothing else; `str::parse` would take a `+` as well.
pub fn plain(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A number of `range`. `what` is what it should be, such as `a number of CPU shares`.
///
/// # Errors
/// `BAD_LIMIT` for anything else.
pub fn number(text: &str, what: &str, range: RangeInclusive<u64>) -> Result<u64> {
    let fix = format!("write a number from {} to {}", range.start(), range.end());
    plain(text).filter(|number| range.contains(number)).ok_or_else(|| bad(text, what, fix))
}

/// The same, or `-1` for no bound.
///
/// # Errors
/// `BAD_LIMIT` for anything else.
pub fn bound(text: &str, what: &str, range: RangeInclusive<u64>) -> Result<Bound> {
    if text == "-1" {
        return Ok(Bound::Unlimited);
    }
    let fix = format!("write a number from {} to {}, or -1 for no limit", range.start(), range.end());
    number(text, what, range).map(Bound::At).map_err(|error| error.fix(fix))
}

/// The error about the whole of `text`.
pub(crate) fn bad(text: &str, what: &str, fix: impl Into<String>) -> Error {
    Error::new(BAD_LIMIT, format!("{text:?} is not {what}")).at(text, text).fix(fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let parse = |text| number(text, "a number", 2..=10);
        assert_eq!((parse("2").unwrap(), parse("10").unwrap(), parse("007").unwrap()), (2, 10, 7));
        for bad in ["", "1", "11", "-1", "+5", "5 ", "0x5", "5e0", "5.0", "18446744073709551616", "٥"] {
            assert_eq!(parse(bad).unwrap_err().code, BAD_LIMIT, "{bad}");
        }
        let error = parse("11").unwrap_err();
        assert_eq!(error.what, "\"11\" is not a number");
        assert_eq!(error.fix.unwrap(), "write a number from 2 to 10");
    }

    #[test]
    fn bounds() {
        let parse = |text| bound(text, "a number", 0..=10);
        assert_eq!((parse("-1").unwrap(), parse("0").unwrap()), (Bound::Unlimited, Bound::At(0)));
        for bad in ["", "-0", "-2", "11", "max", "unlimited"] {
            assert_eq!(parse(bad).unwrap_err().code, BAD_LIMIT, "{bad}");
        }
        assert!(Bound::Unlimited > Bound::At(u64::MAX) && Bound::At(1) > Bound::At(0));
    }
}
