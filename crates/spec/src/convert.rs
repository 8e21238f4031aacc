//! From the numbers of cgroup v1, in which people and the OCI section write, to those of v2.
//!
//! Where runc and crun convert a number, they agree on the formula: runc's is in `opencontainers/cgroups`, `utils.go`
//! (v0.0.4 and later, so runc 1.3.2 and later), crun's in crun(1), "cgroup v2" (1.23 and later). What is the same number
//! on both is not here: memory, processes, huge pages, rates of block devices, CPU sets and bursts; nor `io.bfq.weight`,
//! which takes the weights of v1 as they are (1 to 1000).

use crate::catalogue::CONFLICT;
use crate::error::{Error, Result};
use crate::resources::Bound;

/// `cpu.weight` (1 to 10000, a new group has 100) of CPU shares `s` (2 to 262144, a new group has 1024):
/// the next whole number above `10^((log2(s)² + 125·log2(s)) / 612 − 7/34)`.
///
/// It is the curve through both ends and both defaults. Before runc 1.3.2 and crun 1.23 both had a straight line, which
/// made 39 of 1024, so that a container with docker's default share had less than any other group. Shares outside their
/// range count as the nearest; 0, by which docker means the default, should not come here.
pub fn cpu_weight(shares: u64) -> u64 {
    match shares {
        0..=2 => 1,
        3..262_144 => {
            let log = (shares as f64).log2();
            let weight = 10_f64.powf((log * log + 125.0 * log) / 612.0 - 7.0 / 34.0);
            // The default is exactly 100; whichever library computes it, it may come out a hair above.
            (weight - 1e-9).ceil() as u64
        }
        _ => 10_000,
    }
}

/// `io.weight` (1 to 10000) of a weight `w` of block devices (10 to 1000): `1 + (w − 10)·9999 / 990`, rounded down, the
/// straight line between the ends. Weights outside their range count as the nearest.
pub fn io_weight(weight: u16) -> u64 {
    1 + (u64::from(weight.clamp(10, 1000)) - 10) * 9999 / 990
}

/// `memory.swap.max` of the limits of memory, and of memory and swap together: their difference. On v2 swap is counted
/// by itself. No limit together is no limit of swap; where nothing is asked for, nothing is changed.
///
/// # Errors
/// `CONFLICT` where there is no such difference: memory alone has no limit, or a higher one.
pub fn swap_max(memory: Option<Bound>, with_swap: Option<Bound>) -> Result<Option<Bound>> {
    let conflict = |what: &str| {
        Err(Error::new(CONFLICT, what).fix(
            "say --memory, and --memory-swap with at least the same size: it is memory and swap together",
        ))
    };
    match (memory, with_swap) {
        (_, None | Some(Bound::Unlimited)) => Ok(with_swap),
        (Some(Bound::At(memory)), Some(Bound::At(both))) => match both.checked_sub(memory) {
            Some(swap) => Ok(Some(Bound::At(swap))),
            None => conflict("memory and swap together have a lower limit than memory alone"),
        },
        (_, Some(Bound::At(_))) => {
            conflict("memory and swap together have a limit, and memory alone has none")
        }
    }
}

/// What is written to `cpu.max` for a quota and a period in microseconds: `QUOTA PERIOD`, with `max` for no quota. Where no
/// period is asked for, none is written, and the group keeps the one that it has: the kernel's of 100000 if it is new
/// (`Documentation/admin-guide/cgroup-v2.rst`, "cpu.max"). `None` where nothing is asked for.
pub fn cpu_max(quota: Option<Bound>, period: Option<u64>) -> Option<String> {
    let quota = quota.or(period.map(|_| Bound::Unlimited)).map(|quota| match quota {
        Bound::Unlimited => "max".to_owned(),
        Bound::At(quota) => quota.to_string(),
    })?;
    Some(period.map_or(quota.clone(), |period| format!("{quota} {period}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Bound::{At, Unlimited};

    #[test]
    fn weights_of_cpu_shares() {
        for (shares, weight) in [
            (0, 1),
            (1, 1),
            (2, 1),
            (3, 2),
            (512, 59),
            (1023, 100),
            (1024, 100),
            (1025, 101),
            (2048, 174),
            (262_143, 10_000),
            (262_144, 10_000),
            (262_145, 10_000),
            (u64::MAX, 10_000),
        ] {
            assert_eq!(cpu_weight(shares), weight, "{shares}");
        }
        let weights: Vec<u64> = (2..=262_144).map(cpu_weight).collect();
        assert!(weights.is_sorted(), "more shares are never less weight");
    }

    #[test]
    fn weights_of_block_devices() {
        for (weight, converted) in [
            (0, 1),
            (10, 1),
            (11, 11),
            (100, 910),
            (500, 4950),
            (999, 9989),
            (1000, 10_000),
            (u16::MAX, 10_000),
        ] {
            assert_eq!(io_weight(weight), converted, "{weight}");
        }
    }

    #[test]
    fn swap_is_what_is_left_of_both() {
        for (memory, with_swap, swap) in [
            (None, None, None),
            (Some(At(64)), None, None),
            (Some(Unlimited), None, None),
            (Some(At(64)), Some(At(64)), Some(At(0))),
            (Some(At(64)), Some(At(128)), Some(At(64))),
            (Some(At(64)), Some(Unlimited), Some(Unlimited)),
            (None, Some(Unlimited), Some(Unlimited)),
            (Some(Unlimited), Some(Unlimited), Some(Unlimited)),
            (Some(At(0)), Some(At(u64::MAX)), Some(At(u64::MAX))),
        ] {
            assert_eq!(swap_max(memory, with_swap).unwrap(), swap, "{memory:?} {with_swap:?}");
        }
        for (memory, with_swap) in
            [(None, At(1)), (Some(Unlimited), At(1)), (Some(At(64)), At(63)), (Some(At(1)), At(0))]
        {
            assert_eq!(
                swap_max(memory, Some(with_swap)).unwrap_err().code,
                CONFLICT,
                "{memory:?} {with_swap:?}"
            );
        }
    }

    #[test]
    fn quota_and_period_are_one_line() {
        for (quota, period, line) in [
            (None, None, None),
            (Some(At(150_000)), Some(100_000), Some("150000 100000")),
            (Some(At(1000)), None, Some("1000")),
            (Some(Unlimited), None, Some("max")),
            (Some(Unlimited), Some(1000), Some("max 1000")),
            (None, Some(1_000_000), Some("max 1000000")),
        ] {
            assert_eq!(cpu_max(quota, period).as_deref(), line, "{quota:?} {period:?}");
        }
    }
}
