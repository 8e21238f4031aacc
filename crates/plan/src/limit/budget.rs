//! What the container around has to give.

use super::{Refused, Setting, Wanted, size};
use crate::facts::Budget;

/// Microseconds of a period of CPU time, where nobody asks for another (`cpu.cfs_period_us` of a new group).
const USUAL_PERIOD: u64 = 100_000;

/// Refuses what the container around does not have to give. The kernel would take it, and hold the lesser of the two. What
/// nobody has asked for, as `unasked` says, is held like that, and need not be told.
pub fn within(budget: &Budget, all: &mut [Wanted], unasked: impl Fn(&Setting) -> bool) {
    let period = all.iter().flatten().find(|setting| setting.file == "cpu.cfs_period_us");
    let period = period.and_then(|setting| setting.value.parse().ok()).unwrap_or(USUAL_PERIOD);
    let asked = all.iter_mut().filter(|wanted| !wanted.as_ref().is_ok_and(&unasked));
    asked.for_each(|wanted| refuse_more(budget, period, wanted));
}

fn refuse_more(budget: &Budget, period: u64, wanted: &mut Wanted) {
    let Ok(Setting { option, file, value, .. }) = wanted else { return };
    // That of CPU time has its period behind it on v2.
    let mut numbers = value.split(' ').map(|number| number.parse::<u64>().ok());
    let (asked, period) = (numbers.next().flatten(), numbers.next().flatten().unwrap_or(period));
    let (all, unit): (_, fn(u64) -> String) = match &**file {
        "memory.limit_in_bytes" | "memory.soft_limit_in_bytes" | "memory.max" | "memory.high" => {
            (budget.memory, size)
        }
        "memory.memsw.limit_in_bytes" => (budget.with_swap, size),
        "memory.swap.max" => (budget.swap, size),
        "pids.max" => (budget.processes, |processes| format!("{processes} processes")),
        // Of a period as long as that which is asked for.
        "cpu.cfs_quota_us" | "cpu.max" => {
            let quota = budget.cpu.map(|(quota, of)| quota.saturating_mul(period) / of.max(1));
            (quota, |quota| format!("{quota} µs in a period"))
        }
        _ => return,
    };
    if let (Some(asked), Some(all)) = (asked, all)
        && asked > all
    {
        let why = format!("{} are asked for, and the container around has {}", unit(asked), unit(all));
        *wanted = Err(Refused { option, why, fix: "ask for less; or give the one around more" });
    }
}
