//! Memory and swap.

use super::{Settings, hold, size, written};
use ::cgroup::Controller::Memory as Controller;
use ::cgroup::Version;
use spec::resources::{Bound, Memory};

pub(super) fn add(all: &mut Settings<'_>, memory: &Memory) {
    bounds(all, memory);
    swap(all, memory);
    if let Some(swappiness) = memory.swappiness {
        let words = format!("swap memory with readiness {swappiness}");
        all.file("--memory-swappiness", Controller, [Some("memory.swappiness"), None], words, swappiness);
    }
    if let Some(together) = memory.oom_group {
        let words = if together {
            "kill all at once when memory is short"
        } else {
            "kill one at a time when memory is short"
        };
        let value = u8::from(together);
        all.file("memory.oom.group", Controller, [None, Some("memory.oom.group")], words, value);
    }
    if let Some(none) = memory.no_oom_kill {
        let words =
            if none { "let processes wait when memory is short" } else { "kill when memory is short" };
        all.file("--oom-kill-disable", Controller, [Some("memory.oom_control"), None], words, u8::from(none));
    }
}

fn bounds(all: &mut Settings<'_>, memory: &Memory) {
    let max = [Some("memory.limit_in_bytes"), Some("memory.max")];
    let low = [Some("memory.soft_limit_in_bytes"), Some("memory.low")];
    let slow = |bound| match bound {
        Bound::At(bytes) => format!("slow allocations down from {} of memory on", size(bytes)),
        Bound::Unlimited => "slow no allocation down".to_owned(),
    };
    let leave = |bound| match bound {
        Bound::At(bytes) => format!("leave {} of memory alone while others have more", size(bytes)),
        Bound::Unlimited => "leave all memory alone while others have some".to_owned(),
    };
    for (option, bound, files, words) in [
        ("--memory", memory.max, max, memory.max.map(|bound| hold("memory", bound, size))),
        ("--memory-high", memory.high, [None, Some("memory.high")], memory.high.map(slow)),
        ("--memory-reservation", memory.low, low, memory.low.map(leave)),
    ] {
        let (Some(bound), Some(words)) = (bound, words) else { continue };
        let Some(version) = all.version(option, Controller) else { continue };
        all.file(option, Controller, files, words, written(bound, version));
    }
}

/// v1 bounds memory and swap together, as docker and the OCI section say it; v2 swap alone.
fn swap(all: &mut Settings<'_>, memory: &Memory) {
    const OPTION: &str = "--memory-swap";
    let Some(with_swap) = memory.with_swap else { return };
    match (all.version(OPTION, Controller), swap_alone(memory.max, with_swap)) {
        (None, _) => {}
        (Some(Version::V1), _) => {
            let words = hold("memory and swap together", with_swap, size);
            let value = written(with_swap, Version::V1);
            all.file(OPTION, Controller, [Some("memory.memsw.limit_in_bytes"), None], words, value);
        }
        (Some(Version::V2), Some(swap)) => {
            let value = written(swap, Version::V2);
            all.file(OPTION, Controller, [None, Some("memory.swap.max")], hold("swap", swap, size), value);
        }
        (Some(Version::V2), None) => all.refuse(
            OPTION,
            "it counts memory and swap together, and how much of it is memory is not said",
            "give --memory as well",
        ),
    }
}

/// What is left for swap.
fn swap_alone(max: Option<Bound>, with_swap: Bound) -> Option<Bound> {
    match (max, with_swap) {
        (_, Bound::Unlimited) => Some(Bound::Unlimited),
        (Some(Bound::At(memory)), Bound::At(both)) => Some(Bound::At(both.saturating_sub(memory))),
        _ => None,
    }
}
