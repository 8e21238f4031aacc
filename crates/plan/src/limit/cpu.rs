//! Time on the CPUs, and which of them.

use super::{Setting, Settings};
use ::cgroup::{Controller, Version};
use spec::convert;
use spec::resources::{Bound, Cpu};

/// The option that asks for a quota: `--cpus` has docker's period, and so most often has `--cpu-period`.
fn option_of(cpu: &Cpu) -> &'static str {
    match (cpu.quota, cpu.period) {
        (Some(_), Some(spec::limit::cpu::PERIOD)) => "--cpus",
        (Some(_), _) => "--cpu-quota",
        (None, _) => "--cpu-period",
    }
}

pub(super) fn add(all: &mut Settings<'_>, cpu: &Cpu) {
    quota(all, cpu);
    if let Some(burst) = cpu.burst {
        let words = format!("let {burst} µs of unused CPU time be saved up");
        all.file(
            "--cpu-burst",
            Controller::Cpu,
            [Some("cpu.cfs_burst_us"), Some("cpu.max.burst")],
            words,
            burst,
        );
    }
    if let Some(shares) = cpu.shares {
        weight(all, shares);
    }
    if let Some(idle) = cpu.idle {
        let words = if idle { "run only while nothing else wants to" } else { "run as others do" };
        all.file("cpu.idle", Controller::Cpu, [Some("cpu.idle"); 2], words, u8::from(idle));
    }
    realtime(all, cpu);
    sets(all, cpu);
}

/// On v1 in two files, the period first, since a quota is checked against it; on v2 in one.
fn quota(all: &mut Settings<'_>, cpu: &Cpu) {
    if cpu.quota.is_none() && cpu.period.is_none() {
        return;
    }
    let option = option_of(cpu);
    let Some(version) = all.version(option, Controller::Cpu) else { return };
    let mut set = |file: &str, words: String, value: String| {
        let file = file.to_owned();
        let controller = Controller::Cpu;
        all.wanted.push(Ok(Setting { option, words, controller, file, value }));
    };
    match version {
        Version::V1 => {
            if let Some(period) = cpu.period {
                set(
                    "cpu.cfs_period_us",
                    format!("count CPU time in periods of {period} µs"),
                    period.to_string(),
                );
            }
            if let Some(quota) = cpu.quota {
                set("cpu.cfs_quota_us", words(Some(quota), cpu.period), super::written(quota, version));
            }
        }
        Version::V2 => {
            let value = convert::cpu_max(cpu.quota, cpu.period).unwrap_or_default();
            set("cpu.max", words(cpu.quota, cpu.period), value);
        }
    }
}

fn words(quota: Option<Bound>, period: Option<u64>) -> String {
    let period = period.map_or_else(|| "each period".to_owned(), |period| format!("{period} µs"));
    match quota {
        Some(Bound::At(quota)) => format!("hold CPU time at {quota} µs in {period}"),
        _ => format!("set no bound to CPU time in {period}"),
    }
}

fn weight(all: &mut Settings<'_>, shares: u64) {
    const OPTION: &str = "--cpu-shares";
    let Some(version) = all.version(OPTION, Controller::Cpu) else { return };
    let value = if version == Version::V1 { shares } else { convert::cpu_weight(shares) };
    let words = format!("weigh CPU time with {value} where it is short");
    all.file(OPTION, Controller::Cpu, [Some("cpu.shares"), Some("cpu.weight")], words, value);
}

fn realtime(all: &mut Settings<'_>, cpu: &Cpu) {
    if let Some(period) = cpu.realtime_period {
        let words = format!("count real-time scheduling in periods of {period} µs");
        all.file("--cpu-rt-period", Controller::Cpu, [Some("cpu.rt_period_us"), None], words, period);
    }
    if let Some(runtime) = cpu.realtime_runtime {
        let words = format!("hold real-time scheduling at {runtime} µs in each period");
        all.file("--cpu-rt-runtime", Controller::Cpu, [Some("cpu.rt_runtime_us"), None], words, runtime);
    }
}

fn sets(all: &mut Settings<'_>, cpu: &Cpu) {
    if let Some(cpus) = &cpu.cpus {
        let words = format!("keep to the CPUs {cpus}");
        all.file("--cpuset-cpus", Controller::Cpuset, [Some("cpuset.cpus"); 2], words, cpus);
    }
    if let Some(mems) = &cpu.mems {
        let words = format!("keep to the memory nodes {mems}");
        all.file("--cpuset-mems", Controller::Cpuset, [Some("cpuset.mems"); 2], words, mems);
    }
}
