//! Memory: `--memory`, `--memory-reservation`, `--memory-high`, `--memory-swap`, `--memory-swappiness`, and
//! `--oom-score-adj`. (`--shm-size` is a [`size`].)

use super::number::{bad, number};
use super::size;
use crate::catalogue::BAD_SIZE;
use crate::error::{Error, Result};
use crate::resources::Bound;
use std::ops::RangeInclusive;

/// The fewest bytes that memory can be limited to. The kernel counts pages and rounds down (`page_counter_memparse`), so
/// that less is nothing at all. Docker asks for 6 MiB, which is more than a small program needs.
pub const PAGE: u64 = 4096;

/// The score that the kernel takes for a process (`proc_pid_oom_score_adj(5)`).
const OOM_SCORES: RangeInclusive<i16> = -1000..=1000;

/// A limit of memory: a size from 4 KiB on, or `-1` for none.
///
/// # Errors
/// `BAD_SIZE`.
pub fn limit(text: &str) -> Result<Bound> {
    if text == "-1" { Ok(Bound::Unlimited) } else { reservation(text) }
}

/// A reservation: a size from 4 KiB on. There is no `-1`: v1 has soft limits, which can be unlimited, v2 has protected
/// memory, and all of it protected would be the opposite.
///
/// # Errors
/// `BAD_SIZE`.
pub fn reservation(text: &str) -> Result<Bound> {
    match size(text)? {
        bytes if bytes >= PAGE => Ok(Bound::At(bytes)),
        _ => Err(Error::new(BAD_SIZE, format!("{text:?} is less than a page of memory"))
            .at(text, text)
            .fix("write at least 4k; without a unit it is a number of bytes: 512m is 512 MiB")),
    }
}

/// A limit of memory and swap together: a size, or `-1` for no limit of swap.
///
/// # Errors
/// `BAD_SIZE`; also for `0`, by which docker means as much swap as memory, and who types it, mostly none.
pub fn with_swap(text: &str) -> Result<Bound> {
    let zero = !text.is_empty() && text.bytes().all(|byte| byte == b'0');
    limit(text).map_err(|error| match zero {
        true => {
            error.fix("write the size of --memory for no swap, or leave it out for as much swap as memory")
        }
        false => error,
    })
}

/// How readily memory is swapped, 0 to 100.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn swappiness(text: &str) -> Result<u8> {
    number(text, "a swappiness", 0..=100).map(|number| number as u8)
}

/// How much sooner than others a process is killed when no memory is left, -1000 (never) to 1000.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn oom_score_adj(text: &str) -> Result<i16> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let score = text.parse().ok().filter(|score| plain && OOM_SCORES.contains(score));
    score.ok_or_else(|| bad(text, "an adjustment of the OOM score", "write a number from -1000 to 1000"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::BAD_LIMIT;

    #[test]
    fn limits() {
        for (text, bound) in
            [("512m", Bound::At(512 << 20)), ("4096", Bound::At(4096)), ("-1", Bound::Unlimited)]
        {
            assert_eq!(limit(text).unwrap(), bound, "{text}");
            assert_eq!(with_swap(text).unwrap(), bound, "{text}");
        }
        for bad in ["", "0", "4095", "512", "-2", "max", "1.5g", "8388608t"] {
            assert_eq!(limit(bad).unwrap_err().code, BAD_SIZE, "{bad}");
        }
        assert!(limit("512").unwrap_err().fix.unwrap().contains("512m"));
        assert_eq!(reservation("6m").unwrap(), Bound::At(6 << 20));
        assert_eq!(reservation("-1").unwrap_err().code, BAD_SIZE);
    }

    #[test]
    fn no_swap_is_not_written_as_zero() {
        let fix = |text| with_swap(text).unwrap_err().fix.unwrap();
        assert!(fix("0").contains("for no swap") && fix("00").contains("for no swap"));
        assert!(!fix("").contains("for no swap") && !fix("1x").contains("for no swap"));
    }

    #[test]
    fn swappinesses() {
        assert_eq!((swappiness("0").unwrap(), swappiness("100").unwrap()), (0, 100));
        for bad in ["-1", "101", "", "60%"] {
            assert_eq!(swappiness(bad).unwrap_err().code, BAD_LIMIT, "{bad}");
        }
    }

    #[test]
    fn oom_scores() {
        for (text, score) in [("-1000", -1000), ("0", 0), ("1000", 1000)] {
            assert_eq!(oom_score_adj(text).unwrap(), score);
        }
        for bad in ["", "-", "--1", "+1", "-1001", "1001", "70000", "1.0"] {
            assert_eq!(oom_score_adj(bad).unwrap_err().code, BAD_LIMIT, "{bad}");
        }
    }
}
