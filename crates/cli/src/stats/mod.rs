//! What containers use, as a table for people and as JSON for programs. Pure: the figures come from `cgroup::stats`.

mod derived;
#[cfg(test)]
mod fixture;
pub mod json;
pub mod processes;
pub mod table;
pub mod units;

use cgroup::stats::Stats;
pub use derived::memory_usage;
use processes::Processes;
use std::time::Duration;

/// Two looks at a container.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    /// Its name.
    pub name: &'a str,
    /// The earlier one; none: what needs two is not known.
    pub before: Option<&'a Stats>,
    /// The later one.
    pub now: &'a Stats,
    /// What its processes say, at both, where no group counts it.
    pub processes: [Option<Processes>; 2],
    /// The time between them.
    pub elapsed: Duration,
}

/// What the host has, which bounds a container that has no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Host {
    /// Bytes of memory: `MemTotal` of `/proc/meminfo`.
    pub memory: Option<u64>,
}

/// The memory of this host, in bytes.
pub fn memory() -> Option<u64> {
    let info = rustix::system::sysinfo();
    (info.totalram as u64).checked_mul(u64::from(info.mem_unit.max(1)))
}
