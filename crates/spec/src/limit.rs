//! Numbers that bound something.

use crate::catalogue::{BAD_PIDS_LIMIT, BAD_SIZE};
use crate::error::{Error, Result};

/// How many processes a container may have when nothing is said.
pub const DEFAULT_PIDS: u32 = 2048;

/// A number of bytes as docker writes it: digits and an optional unit `b`, `k`, `m`, `g` or `t` (powers of 1,024), in
/// either case, optionally followed by `b` or `ib`.
///
/// # Errors
/// `BAD_SIZE` for anything else, for zero, and for what does not fit 63 bits (the kernel's `loff_t`).
pub fn size(text: &str) -> Result<u64> {
    let bad = |part: &str, why: &str| {
        Error::new(BAD_SIZE, format!("{text:?} is not a size: {why}"))
            .at(text, part)
            .fix("write a number and a unit, such as 64m or 2g (units b, k, m, g, t are powers of 1,024)")
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(digits);
    let number: u64 = digits.parse().map_err(|_| bad(digits, "it needs a number that fits 64 bits"))?;
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(bad(unit, "the unit is unknown")),
    };
    match number.checked_mul(1 << shift) {
        Some(0) => Err(bad(text, "it is zero")),
        Some(bytes) if bytes <= i64::MAX as u64 => Ok(bytes),
        _ => Err(bad(text, "it is too large")),
    }
}

/// A limit of processes: a number from 1 to 4,194,304 (the kernel's `PID_MAX_LIMIT`), or `-1` for none.
///
/// # Errors
/// `BAD_PIDS_LIMIT`.
pub fn pids(text: &str) -> Result<Option<u32>> {
    if text == "-1" {
        return Ok(None);
    }
    let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    match number {
        Some(n @ 1..=4_194_304) => Ok(Some(n)),
        _ => Err(Error::new(BAD_PIDS_LIMIT, format!("{text:?} is not a number of processes"))
            .at(text, text)
            .fix("write a number from 1 to 4194304, or -1 for no limit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in
            [("1", 1), ("512m", 512 << 20), ("2G", 2 << 30), ("1kib", 1024), ("7b", 7), ("1t", 1 << 40)]
        {
            assert_eq!(size(text).unwrap(), bytes, "{text}");
        }
        for bad in [
            "",
            "m",
            "-1",
            "+1",
            "0",
            "0g",
            "1x",
            "1.5g",
            "1 m",
            "18446744073709551616",
            "9223372036854775808",
            "8388608t",
            "١",
        ] {
            assert_eq!(size(bad).unwrap_err().code, BAD_SIZE, "{bad}");
        }
    }

    #[test]
    fn pids_limits() {
        assert_eq!(pids("20").unwrap(), Some(20));
        assert_eq!(pids("-1").unwrap(), None);
        for bad in ["0", "", "-2", "+5", "4194305", "1e3", "many", "99999999999"] {
            assert_eq!(pids(bad).unwrap_err().code, BAD_PIDS_LIMIT, "{bad}");
        }
    }
}
