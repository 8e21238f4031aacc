//! Figures for tests.

use super::Samples;
use cgroup::stats::{Cpu, Device, HugePages, Memory, Pids, Pressure, Resource, Stall, Stats};
use spec::resources::Bound;
use std::time::Duration;

/// Two looks, half a second apart.
pub fn samples<'a>(before: &'a Stats, now: &'a Stats) -> Samples<'a> {
    Samples { name: "busy", before: Some(before), now, elapsed: Duration::from_millis(500) }
}

/// A container that has used a second of CPU time.
pub fn idle() -> Stats {
    let cpu = Cpu {
        usage: Some(Duration::from_secs(1)),
        periods: Some(10),
        throttled_periods: Some(5),
        ..Cpu::default()
    };
    Stats { cpu, ..Stats::default() }
}

/// The same, a second of CPU time later.
pub fn busy() -> Stats {
    Stats {
        cpu: cpu(),
        memory: memory(),
        pids: pids(),
        io: Some(io()),
        pressure: pressure(),
        hugetlb: Some(hugetlb()),
    }
}

fn cpu() -> Cpu {
    Cpu {
        usage: Some(Duration::from_secs(2)),
        user: Some(Duration::from_millis(1500)),
        system: Some(Duration::from_millis(500)),
        periods: Some(14),
        throttled_periods: Some(6),
        throttled: Some(Duration::from_micros(250)),
    }
}

fn memory() -> Memory {
    Memory {
        current: Some(40 << 20),
        without_cache: Some(32 << 20),
        cache: Some(10 << 20),
        limit: Some(Bound::At(64 << 20)),
        high: Some(Bound::Unlimited),
        at_limit: Some(7),
        oom_kills: Some(1),
        ..Memory::default()
    }
}

fn pids() -> Pids {
    Pids { current: Some(3), limit: Some(Bound::At(20)), peak: None, at_limit: Some(0) }
}

fn io() -> Vec<Device> {
    let device =
        Device { major: 8, minor: 16, read_bytes: Some(1 << 20), reads: Some(4), ..Device::default() };
    vec![
        device,
        Device { minor: 0, read_bytes: None, written_bytes: Some(12_345_678), writes: Some(9), ..device },
    ]
}

fn pressure() -> Pressure {
    let stall = |avg10| Stall { avg10, avg60: 0.5, avg300: 0.25, total: Duration::from_micros(1234) };
    let resource = |avg10| Some(Resource { some: stall(avg10), full: None });
    Pressure { cpu: resource(1.5), memory: None, io: resource(12.5) }
}

fn hugetlb() -> Vec<HugePages> {
    vec![HugePages { size: "2MB".into(), current: 2 << 20 }]
}
