//! Numbers that bound something.

pub mod control_file;
pub mod cpu;
pub mod io;
pub mod memory;
pub mod number;

use crate::catalogue::{BAD_PIDS_LIMIT, BAD_SIZE, BAD_TIMEOUT};
use crate::error::{Error, Result};
use std::time::Duration;

/// How many processes a container may have when nothing is said.
pub const DEFAULT_PIDS: u32 = 2048;

/// The size of `/dev/shm` when nothing is said, in bytes: docker's.
pub const DEFAULT_SHM: u64 = 64 << 20;

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

/// A year, in seconds: longer than anybody waits.
const YEAR: f64 = 366.0 * 86_400.0;

/// A time as `timeout(1)` has it: a number, whole or with a fraction, of seconds or of `s`, `m`, `h` or `d`.
///
/// # Errors
/// `BAD_TIMEOUT` for anything else, for zero, and for more than a year.
pub fn timeout(text: &str) -> Result<Duration> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b's') => (&text[..text.len() - 1], 1.0),
        Some(b'm') => (&text[..text.len() - 1], 60.0),
        Some(b'h') => (&text[..text.len() - 1], 3_600.0),
        Some(b'd') => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let seconds = number.parse::<f64>().ok().filter(|_| plain).map(|number| number * unit);
    match seconds {
        Some(seconds) if seconds > 0.0 && seconds <= YEAR => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(Error::new(BAD_TIMEOUT, format!("{text:?} is not a time"))
            .fix("write a number of seconds, such as 30 or 0.5, or one with a unit: 90s, 5m, 1h, 2d")),
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

    #[test]
    fn times() {
        for (text, milliseconds) in
            [("1", 1000), ("0.5", 500), ("90s", 90_000), ("5m", 300_000), ("1h", 3_600_000)]
        {
            assert_eq!(timeout(text).unwrap(), Duration::from_millis(milliseconds), "{text}");
        }
        for bad in ["", "0", "-1", "s", "1x", "1e3", "inf", "nan", "367d", "1 s", "0.0.1", "ä"] {
            assert_eq!(timeout(bad).unwrap_err().code, BAD_TIMEOUT, "{bad}");
        }
    }
}
