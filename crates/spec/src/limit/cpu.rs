//! Time on the CPUs: `--cpus`, `--cpu-quota`, `--cpu-period`, `--cpu-burst`, `--cpu-shares`, `--cpu-rt-runtime` and
//! `--cpu-rt-period`. (`--cpuset-cpus` and `--cpuset-mems` are a [`crate::resources::Set`].)

use super::number::{bad, bound, number, plain};
use crate::catalogue::CONFLICT;
use crate::error::{Error, Result};
use crate::resources::Bound;
use std::ops::RangeInclusive;

/// The period that the kernel gives to a new group, in microseconds, and that `--cpus` is counted in.
pub const PERIOD: u64 = 100_000;
/// The most microseconds that the kernel takes for quota and burst together: `MAX_BW` (`kernel/sched/sched.h`).
pub const LONGEST: u64 = (1 << 44) - 1;
/// Microseconds of a quota: at least a millisecond (`tg_set_bandwidth`, `kernel/sched/core.c`).
pub const QUOTAS: RangeInclusive<u64> = 1000..=LONGEST;
/// Microseconds of a period: a millisecond to a second (the same).
pub const PERIODS: RangeInclusive<u64> = 1000..=1_000_000;
/// Shares. Outside of these the kernel takes the nearest without a word (`MIN_SHARES` and `MAX_SHARES`, the same).
pub const SHARES: RangeInclusive<u64> = 2..=262_144;
/// Microseconds of real-time scheduling: `MAX_BW` nanoseconds (`tg_set_rt_bandwidth`, `kernel/sched/rt.c`).
pub const REALTIME: RangeInclusive<u64> = 1..=LONGEST / 1000;
/// More CPUs than a kernel can have are a mistake: `NR_CPUS` is at most so many.
const MOST_CPUS: u64 = 8192;

/// A number of CPUs, such as `1.5` or `.5`, as the quota of a period of [`PERIOD`]; from `0.01`, the shortest quota, to
/// `8192`. Up to nine decimals are taken, as docker takes them; those that are less than a microsecond do not count.
///
/// # Errors
/// `BAD_LIMIT` for anything else.
pub fn cpus(text: &str) -> Result<Bound> {
    let fix = "write a number of CPUs from 0.01 to 8192, such as 1.5";
    let quota = quota_of(text).filter(|quota| *QUOTAS.start() <= *quota && *quota <= MOST_CPUS * PERIOD);
    quota.map(Bound::At).ok_or_else(|| bad(text, "a number of CPUs", fix))
}

fn quota_of(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole = if whole.is_empty() { 0 } else { plain(whole)? };
    let billionths = match fraction.len() {
        1..=9 => plain(fraction)? * 10_u64.pow(9 - fraction.len() as u32),
        _ => return None,
    };
    whole.checked_mul(PERIOD)?.checked_add(billionths / (1_000_000_000 / PERIOD))
}

/// Quota and period from `--cpus`, or from `--cpu-quota` and `--cpu-period`.
///
/// # Errors
/// `CONFLICT` for both ways at once, as docker has it; `BAD_LIMIT`.
pub fn time(
    number: Option<&str>,
    of_quota: Option<&str>,
    of_period: Option<&str>,
) -> Result<(Option<Bound>, Option<u64>)> {
    match number {
        None => Ok((of_quota.map(quota).transpose()?, of_period.map(period).transpose()?)),
        Some(number) if of_quota.is_none() && of_period.is_none() => Ok((Some(cpus(number)?), Some(PERIOD))),
        Some(_) => Err(Error::new(CONFLICT, "--cpus takes neither --cpu-quota nor --cpu-period")
            .why("it is both of them: --cpus 1.5 is a quota of 150000 in a period of 100000")
            .fix("leave out --cpus, or the others")),
    }
}

/// A quota in microseconds for each period, or `-1` for none.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn quota(text: &str) -> Result<Bound> {
    bound(text, "a quota of CPU time in microseconds", QUOTAS)
}

/// A period in microseconds.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn period(text: &str) -> Result<u64> {
    number(text, "a period in microseconds", PERIODS)
}

/// How many microseconds of unused quota may be saved up.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn burst(text: &str) -> Result<u64> {
    number(text, "a burst of CPU time in microseconds", 0..=LONGEST)
}

/// Shares of CPU time; `0` asks for nothing, as docker has it.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn shares(text: &str) -> Result<Option<u64>> {
    if text == "0" {
        return Ok(None);
    }
    number(text, "a number of CPU shares", SHARES).map(Some)
}

/// Microseconds of real-time scheduling in each of its periods, or `-1` for no limit.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn realtime_runtime(text: &str) -> Result<i64> {
    let what = "a real-time run time in microseconds";
    Ok(match bound(text, what, 0..=*REALTIME.end())? {
        Bound::Unlimited => -1,
        Bound::At(runtime) => runtime as i64,
    })
}

/// That period, in microseconds.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn realtime_period(text: &str) -> Result<u64> {
    number(text, "a real-time period in microseconds", REALTIME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::BAD_LIMIT;

    #[test]
    fn numbers_of_cpus() {
        for (text, quota) in [
            ("1", 100_000),
            ("1.5", 150_000),
            (".5", 50_000),
            ("0.01", 1000),
            ("0.333333333", 33_333),
            ("2.000009999", 200_000),
            ("8192", 819_200_000),
            ("8192.000000000", 819_200_000),
        ] {
            assert_eq!(cpus(text).unwrap(), Bound::At(quota), "{text}");
        }
        for bad in [
            "",
            ".",
            "1.",
            "0",
            "0.0",
            "0.009",
            "-1",
            "+1",
            "1e1",
            "1,5",
            "1.5.0",
            "1.-5",
            "1.+5",
            " 1",
            "8192.1",
            "8193",
            "0.0123456789",
            "inf",
            "NaN",
            "18446744073709551615.9",
            "99999999999999999999",
            "½",
        ] {
            assert_eq!(cpus(bad).unwrap_err().code, BAD_LIMIT, "{bad}");
        }
    }

    #[test]
    fn time_is_said_in_one_of_two_ways() {
        assert_eq!(time(None, None, None).unwrap(), (None, None));
        assert_eq!(time(Some("0.5"), None, None).unwrap(), (Some(Bound::At(50_000)), Some(PERIOD)));
        let both = time(None, Some("5000"), Some("10000")).unwrap();
        assert_eq!(both, (Some(Bound::At(5000)), Some(10_000)));
        assert_eq!(time(None, Some("-1"), None).unwrap(), (Some(Bound::Unlimited), None));
        for (quota, period) in [(Some("5000"), None), (None, Some("10000")), (Some("x"), Some("y"))] {
            assert_eq!(time(Some("1"), quota, period).unwrap_err().code, CONFLICT);
        }
        assert_eq!(time(None, Some("999"), None).unwrap_err().code, BAD_LIMIT);
    }

    #[test]
    fn periods_bursts_and_shares() {
        assert_eq!((period("1000").unwrap(), period("1000000").unwrap()), (1000, 1_000_000));
        assert!(period("999").is_err() && period("1000001").is_err() && period("-1").is_err());
        assert_eq!((burst("0").unwrap(), burst("17592186044415").unwrap()), (0, LONGEST));
        assert!(burst("17592186044416").is_err());
        assert_eq!((shares("0").unwrap(), shares("2").unwrap()), (None, Some(2)));
        assert_eq!(shares("262144").unwrap(), Some(262_144));
        assert!(shares("1").is_err() && shares("262145").is_err() && shares("00").is_err());
    }

    #[test]
    fn real_time() {
        assert_eq!((realtime_runtime("-1").unwrap(), realtime_runtime("950000").unwrap()), (-1, 950_000));
        assert_eq!(realtime_period("1000000").unwrap(), 1_000_000);
        assert!(realtime_period("0").is_err() && realtime_runtime("-2").is_err());
        assert!(realtime_runtime("17592186045").is_err());
    }
}
