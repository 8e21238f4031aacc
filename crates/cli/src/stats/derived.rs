//! What is computed from the figures.

use super::{Host, Samples};
use cgroup::stats::{Memory, Pressure, Stats};
use spec::resources::Bound;
use std::time::Duration;

/// The share of one CPU that was used between the two looks, in percent: 200 are two CPUs.
pub fn cpu_percent(samples: &Samples<'_>) -> Option<f64> {
    let used = grown(samples, |stats| stats.cpu.usage, Duration::checked_sub)?;
    percent(used.as_secs_f64(), samples.elapsed.as_secs_f64())
}

/// In how many of the periods between the two looks the quota was used up, in percent.
pub fn throttled_percent(samples: &Samples<'_>) -> Option<f64> {
    let periods = grown(samples, |stats| stats.cpu.periods, u64::checked_sub)?;
    let throttled = grown(samples, |stats| stats.cpu.throttled_periods, u64::checked_sub)?;
    // Periods pass only while there is a quota and something to run.
    if periods == 0 { Some(0.0) } else { percent(throttled as f64, periods as f64) }
}

/// What the container uses of memory: without the cache, where that is known.
pub fn memory_usage(memory: &Memory) -> Option<u64> {
    memory.without_cache.or(memory.current)
}

/// The bytes that it can have: its limit, or all that the host has.
pub fn memory_bound(memory: &Memory, host: Host) -> Option<u64> {
    match memory.limit? {
        Bound::At(limit) => Some(host.memory.map_or(limit, |all| all.min(limit))),
        Bound::Unlimited => host.memory,
    }
}

/// What it uses of what it can have, in percent.
pub fn memory_percent(memory: &Memory, host: Host) -> Option<f64> {
    percent(memory_usage(memory)? as f64, memory_bound(memory, host)? as f64)
}

/// Where some process has waited most in the last ten seconds, and for how much of them, in percent.
pub fn worst_pressure(pressure: &Pressure) -> Option<(&'static str, f64)> {
    let all = [("cpu", pressure.cpu), ("memory", pressure.memory), ("io", pressure.io)];
    let known = all.into_iter().filter_map(|(name, resource)| Some((name, resource?.some.avg10)));
    known.max_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// Bytes read and written, of all devices.
pub fn io_bytes(stats: &Stats) -> Option<(u64, u64)> {
    let devices = stats.io.as_ref()?;
    let sum = |figures: Vec<Option<u64>>| figures.into_iter().flatten().fold(0, u64::saturating_add);
    let read = devices.iter().map(|device| device.read_bytes).collect();
    let written = devices.iter().map(|device| device.written_bytes).collect();
    Some((sum(read), sum(written)))
}

/// How much a figure has grown between the two looks.
fn grown<T>(
    samples: &Samples<'_>,
    figure: impl Fn(&Stats) -> Option<T>,
    minus: impl Fn(T, T) -> Option<T>,
) -> Option<T> {
    minus(figure(samples.now)?, figure(samples.before?)?)
}

fn percent(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole * 100.0)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{busy, idle, samples};
    use super::*;

    #[test]
    fn two_cpus_are_two_hundred_percent() {
        let (before, now) = (idle(), busy());
        assert_eq!(cpu_percent(&samples(&before, &now)), Some(200.0));
        assert_eq!(cpu_percent(&samples(&now, &now)), Some(0.0));
    }

    #[test]
    fn one_look_or_no_time_tells_nothing_of_shares() {
        let (before, now) = (idle(), busy());
        let two = samples(&before, &now);
        assert_eq!(cpu_percent(&Samples { before: None, ..two }), None);
        assert_eq!(cpu_percent(&Samples { elapsed: Duration::ZERO, ..two }), None);
        assert_eq!(cpu_percent(&samples(&now, &before)), None, "a group that was made anew");
        assert_eq!(throttled_percent(&Samples { before: None, ..two }), None);
    }

    #[test]
    fn without_periods_nothing_is_throttled() {
        let (before, now) = (idle(), busy());
        assert_eq!(throttled_percent(&samples(&before, &now)), Some(25.0));
        assert_eq!(throttled_percent(&samples(&now, &now)), Some(0.0));
        let unknown = Stats::default();
        assert_eq!(throttled_percent(&samples(&unknown, &unknown)), None);
    }

    #[test]
    fn without_a_limit_the_host_is_the_bound() {
        let host = Host { memory: Some(1 << 30) };
        let with = |limit| Memory { current: Some(1 << 20), limit, ..Memory::default() };
        assert_eq!(memory_bound(&with(Some(Bound::Unlimited)), host), Some(1 << 30));
        assert_eq!(memory_bound(&with(Some(Bound::At(1 << 40))), host), Some(1 << 30));
        assert_eq!(memory_bound(&with(Some(Bound::At(1 << 21))), host), Some(1 << 21));
        assert_eq!(memory_percent(&with(Some(Bound::At(1 << 21))), host), Some(50.0));
        assert_eq!(memory_bound(&with(Some(Bound::Unlimited)), Host::default()), None);
        assert_eq!(memory_percent(&with(None), host), None);
        assert_eq!(memory_percent(&with(Some(Bound::At(0))), host), None);
    }

    #[test]
    fn the_worst_pressure_has_a_name() {
        assert_eq!(worst_pressure(&busy().pressure), Some(("io", 12.5)));
        assert_eq!(worst_pressure(&Pressure::default()), None);
    }
}
