//! JSON, an object for each container. Names stay; new ones may be added. `null` is what is not counted in the container's
//! groups; where something has no limit, it is `"max"`, as the kernel writes it.
//!
//! | names | unit |
//! |---|---|
//! | `cpu.percent` | percent of one CPU, since the look before; `null` if there was none |
//! | `cpu.usage`, `cpu.user`, `cpu.system`, `cpu.throttled` | nanoseconds, since the container was made |
//! | `cpu.periods`, `cpu.throttledPeriods` | periods of the quota |
//! | `cpu.throttledPercent` | percent of the periods since the look before |
//! | `memory.percent` | percent of the limit, or of what the host has |
//! | `memory.current`, `withoutCache`, `cache`, `anon`, `kernel`, `peak`, `limit`, `high`, `swap`, `swapLimit` | bytes |
//! | `memory.atLimit` | how often the limit was in the way |
//! | `memory.oomKills` | processes |
//! | `pids.current`, `limit`, `peak` | processes and threads |
//! | `pids.atLimit` | refused forks |
//! | `io[].device` | `MAJOR:MINOR` |
//! | `io[].readBytes`, `writtenBytes` | bytes |
//! | `io[].reads`, `writes` | operations |
//! | `pressure.cpu`, `memory`, `io`: `some`, `full`: `avg10`, `avg60`, `avg300` | percent of the last 10, 60, 300 seconds |
//! | `pressure.….total` | nanoseconds |
//! | `hugetlb[].size` | the kernel's name: `2MB` |
//! | `hugetlb[].current` | bytes |

use super::{Host, Samples, derived};
use cgroup::stats::{Device, HugePages, Memory, Pids, Pressure, Resource, Stall};
use serde_json::{Value, json};
use spec::resources::Bound;
use std::time::Duration;

/// One container.
pub fn json(samples: &Samples<'_>, host: Host) -> Value {
    let stats = samples.now;
    json!({
        "name": samples.name,
        "cpu": cpu(samples),
        "memory": memory(&stats.memory, host),
        "pids": pids(&stats.pids),
        "processes": samples.processes[1].map(|all| json!({ "memory": all.memory, "cpu": nanoseconds(all.cpu) })),
        "io": stats.io.as_ref().map(|devices| devices.iter().map(device).collect::<Vec<_>>()),
        "pressure": pressure(&stats.pressure),
        "hugetlb": stats.hugetlb.as_ref().map(|pages| pages.iter().map(huge_pages).collect::<Vec<_>>()),
    })
}

fn cpu(samples: &Samples<'_>) -> Value {
    let cpu = &samples.now.cpu;
    json!({
        "percent": derived::cpu_percent(samples),
        "usage": cpu.usage.map(nanoseconds),
        "user": cpu.user.map(nanoseconds),
        "system": cpu.system.map(nanoseconds),
        "periods": cpu.periods,
        "throttledPeriods": cpu.throttled_periods,
        "throttledPercent": derived::throttled_percent(samples),
        "throttled": cpu.throttled.map(nanoseconds),
    })
}

fn memory(memory: &Memory, host: Host) -> Value {
    json!({
        "percent": derived::memory_percent(memory, host),
        "current": memory.current,
        "withoutCache": memory.without_cache,
        "cache": memory.cache,
        "anon": memory.anon,
        "kernel": memory.kernel,
        "peak": memory.peak,
        "limit": memory.limit.map(bound),
        "high": memory.high.map(bound),
        "swap": memory.swap,
        "swapLimit": memory.swap_limit.map(bound),
        "atLimit": memory.at_limit,
        "oomKills": memory.oom_kills,
    })
}

fn pids(pids: &Pids) -> Value {
    json!({
        "current": pids.current, "limit": pids.limit.map(bound), "peak": pids.peak, "atLimit": pids.at_limit,
    })
}

fn device(device: &Device) -> Value {
    json!({
        "device": format!("{}:{}", device.major, device.minor),
        "readBytes": device.read_bytes, "writtenBytes": device.written_bytes,
        "reads": device.reads, "writes": device.writes,
    })
}

fn pressure(pressure: &Pressure) -> Value {
    let resource = |found: Option<Resource>| {
        found.map(|found| json!({ "some": stall(found.some), "full": found.full.map(stall) }))
    };
    json!({
        "cpu": resource(pressure.cpu), "memory": resource(pressure.memory), "io": resource(pressure.io),
    })
}

fn stall(stall: Stall) -> Value {
    json!({
        "avg10": stall.avg10, "avg60": stall.avg60, "avg300": stall.avg300, "total": nanoseconds(stall.total),
    })
}

fn huge_pages(pages: &HugePages) -> Value {
    json!({ "size": pages.size, "current": pages.current })
}

fn bound(bound: Bound) -> Value {
    match bound {
        Bound::At(limit) => limit.into(),
        Bound::Unlimited => "max".into(),
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{busy, idle, samples};
    use super::*;
    use cgroup::stats::Stats;

    #[test]
    fn all_that_is_counted() {
        let (before, now) = (idle(), busy());
        let expected = json!({
            "name": "busy",
            "cpu": {
                "percent": 200.0, "usage": 2_000_000_000_u64, "user": 1_500_000_000, "system": 500_000_000,
                "periods": 14, "throttledPeriods": 6, "throttledPercent": 25.0, "throttled": 250_000,
            },
            "memory": {
                "percent": 50.0, "current": 41_943_040, "withoutCache": 33_554_432, "cache": 10_485_760,
                "anon": null, "kernel": null, "peak": null, "limit": 67_108_864, "high": "max", "swap": null,
                "swapLimit": null, "atLimit": 7, "oomKills": 1,
            },
            "pids": { "current": 3, "limit": 20, "peak": null, "atLimit": 0 },
            "processes": null,
            "io": [
                { "device": "8:16", "readBytes": 1_048_576, "writtenBytes": null, "reads": 4, "writes": null },
                { "device": "8:0", "readBytes": null, "writtenBytes": 12_345_678, "reads": 4, "writes": 9 },
            ],
            "pressure": {
                "cpu": {
                    "some": { "avg10": 1.5, "avg60": 0.5, "avg300": 0.25, "total": 1_234_000 }, "full": null,
                },
                "memory": null,
                "io": {
                    "some": { "avg10": 12.5, "avg60": 0.5, "avg300": 0.25, "total": 1_234_000 }, "full": null,
                },
            },
            "hugetlb": [{ "size": "2MB", "current": 2_097_152 }],
        });
        assert_eq!(json(&samples(&before, &now), Host { memory: Some(4 << 30) }), expected);
    }

    #[test]
    fn what_is_not_counted_is_null_and_has_its_name() {
        let unknown = Stats::default();
        let value = json(&samples(&unknown, &unknown), Host::default());
        assert_eq!(value["io"], Value::Null);
        assert_eq!(value["hugetlb"], Value::Null);
        let names = |part: &str| value[part].as_object().unwrap().clone();
        for part in ["cpu", "memory", "pids", "pressure"] {
            assert!(names(part).values().all(Value::is_null), "{part}");
        }
        assert_eq!((names("cpu").len(), names("memory").len(), names("pids").len()), (8, 13, 4));
    }
}
