//! Time on the CPUs.

use std::time::Duration;

use crate::controller::Controller;
use crate::opened::Opened;
use crate::text::{flat, number};

/// Time on the CPUs, since the group was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cpu {
    /// Of all CPUs together.
    pub usage: Option<Duration>,
    /// In programs.
    pub user: Option<Duration>,
    /// In the kernel.
    pub system: Option<Duration>,
    /// Periods that have passed while there was a quota and something to run.
    pub periods: Option<u64>,
    /// Periods in which the quota was used up.
    pub throttled_periods: Option<u64>,
    /// How long it had to wait for the next period, of all CPUs together.
    pub throttled: Option<Duration>,
}

/// On v1 use and quota are counted by two controllers. The v2 group of a hybrid host counts use as well.
pub(super) fn read(groups: &Opened<'_>) -> Cpu {
    let v2 = groups.v2().map(|files| unified(|name| files.text(name))).unwrap_or_default();
    let used = groups.v1(Controller::Cpuacct).map(|files| usage(|name| files.text(name))).unwrap_or(v2);
    let throttled = groups.v1(Controller::Cpu).map(|files| throttling(|name| files.text(name))).unwrap_or(v2);
    Cpu { usage: used.usage, user: used.user, system: used.system, ..throttled }
}

/// v2: `cpu.stat`, in microseconds. The first three are there without the controller, too (cgroup-v2.rst, "CPU
/// Interface Files").
fn unified(file: impl Fn(&str) -> Option<String>) -> Cpu {
    let stat = file("cpu.stat").unwrap_or_default();
    let time = |key| flat(&stat, key).map(Duration::from_micros);
    Cpu {
        usage: time("usage_usec"),
        user: time("user_usec"),
        system: time("system_usec"),
        periods: flat(&stat, "nr_periods"),
        throttled_periods: flat(&stat, "nr_throttled"),
        throttled: time("throttled_usec"),
    }
}

/// v1, `cpu`: `cpu.stat`, in nanoseconds.
fn throttling(file: impl Fn(&str) -> Option<String>) -> Cpu {
    let stat = file("cpu.stat").unwrap_or_default();
    Cpu {
        periods: flat(&stat, "nr_periods"),
        throttled_periods: flat(&stat, "nr_throttled"),
        throttled: flat(&stat, "throttled_time").map(Duration::from_nanos),
        ..Cpu::default()
    }
}

/// v1, `cpuacct`: nanoseconds, a file each; before Linux 4.7 the parts only as ticks in `cpuacct.stat`.
fn usage(file: impl Fn(&str) -> Option<String>) -> Cpu {
    let time = |name| number(&file(name)?).map(Duration::from_nanos);
    let ticks = |key| flat(&file("cpuacct.stat")?, key).map(of_ticks);
    Cpu {
        usage: time("cpuacct.usage"),
        user: time("cpuacct.usage_user").or_else(|| ticks("user")),
        system: time("cpuacct.usage_sys").or_else(|| ticks("system")),
        ..Cpu::default()
    }
}

/// USER_HZ is 100 on all architectures that have our system calls (time(7)).
fn of_ticks(ticks: u64) -> Duration {
    Duration::from_millis(ticks.saturating_mul(10))
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    const UNIFIED: &str = "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\nnice_usec 0\n\
        core_sched.force_idle_usec 0\nnr_periods 20\nnr_throttled 5\nthrottled_usec 250\nnr_bursts 0\nburst_usec 0\n";

    #[test]
    fn v2_counts_in_microseconds() {
        let cpu = unified(files(&[("cpu.stat", UNIFIED)]));
        let expected = Cpu {
            usage: Some(Duration::from_millis(1500)),
            user: Some(Duration::from_secs(1)),
            system: Some(Duration::from_millis(500)),
            periods: Some(20),
            throttled_periods: Some(5),
            throttled: Some(Duration::from_micros(250)),
        };
        assert_eq!(cpu, expected);
    }

    #[test]
    fn a_v2_group_without_the_controller_counts_only_use() {
        let cpu = unified(files(&[("cpu.stat", "usage_usec 7\nuser_usec 4\nsystem_usec 3\n")]));
        assert_eq!(cpu.usage, Some(Duration::from_micros(7)));
        assert_eq!((cpu.periods, cpu.throttled_periods, cpu.throttled), (None, None, None));
    }

    #[test]
    fn v1_counts_in_nanoseconds() {
        let stat = "nr_periods 20\nnr_throttled 5\nthrottled_time 250\nnr_bursts 0\nburst_time 0\n";
        let cpu = throttling(files(&[("cpu.stat", stat)]));
        assert_eq!((cpu.periods, cpu.throttled_periods), (Some(20), Some(5)));
        assert_eq!((cpu.throttled, cpu.usage), (Some(Duration::from_nanos(250)), None));
        let parts =
            [("cpuacct.usage", "30\n"), ("cpuacct.usage_user", "20\n"), ("cpuacct.usage_sys", "10\n")];
        let cpu = usage(files(&parts));
        assert_eq!(cpu.usage, Some(Duration::from_nanos(30)));
        assert_eq!((cpu.user, cpu.system), (Some(Duration::from_nanos(20)), Some(Duration::from_nanos(10))));
    }

    #[test]
    fn an_old_kernel_has_the_parts_in_ticks() {
        let cpu = usage(files(&[("cpuacct.usage", "30000000\n"), ("cpuacct.stat", "user 2\nsystem 1\n")]));
        assert_eq!(
            (cpu.user, cpu.system),
            (Some(Duration::from_millis(20)), Some(Duration::from_millis(10)))
        );
    }

    #[test]
    fn what_is_not_there_is_not_counted() {
        assert_eq!(unified(files(&[])), Cpu::default());
        assert_eq!(usage(files(&[])), Cpu::default());
        assert_eq!(throttling(files(&[])), Cpu::default());
    }
}
