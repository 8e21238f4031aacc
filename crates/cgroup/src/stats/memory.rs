//! Memory and swap.

use spec::resources::Bound;

use crate::controller::Controller;
use crate::opened::Opened;
use crate::text::{bound, bound_v1, flat, number};

/// Memory and swap, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// What is in use.
    pub current: Option<u64>,
    /// The same without what was read from files and not used again, which goes first when memory is short. It is
    /// what docker's `stats` shows.
    pub without_cache: Option<u64>,
    /// What is kept of files, with tmpfs and shared memory.
    pub cache: Option<u64>,
    /// What programs have allocated.
    pub anon: Option<u64>,
    /// What the kernel has for the container; v2 since Linux 5.18.
    pub kernel: Option<u64>,
    /// The most that was in use; v2 since Linux 5.19.
    pub peak: Option<u64>,
    /// What may be in use at most.
    pub limit: Option<Bound>,
    /// From where on it is slowed down (v2 only).
    pub high: Option<Bound>,
    /// What has been moved to swap.
    pub swap: Option<u64>,
    /// What may be in swap at most. On v1 memory and swap are limited together: this is the difference.
    pub swap_limit: Option<Bound>,
    /// How often it was about to exceed its limit. On v1 each try counts, but where memory and swap together have
    /// no higher limit than memory, that one is reached first, and newer kernels do not count it (seen with Linux
    /// 6.18).
    pub at_limit: Option<u64>,
    /// How many processes the kernel has killed for want of memory, here or outside: [`crate::death`]. On v1 only
    /// those in the container's own group, not in groups below.
    pub oom_kills: Option<u64>,
}

pub(super) fn read(groups: &Opened<'_>) -> Memory {
    match (groups.v1(Controller::Memory), groups.v2()) {
        (Some(v1), _) => legacy(|name| v1.text(name)),
        (None, Some(v2)) => unified(|name| v2.text(name)),
        (None, None) => Memory::default(),
    }
}

/// v2: cgroup-v2.rst, "Memory Interface Files".
fn unified(file: impl Fn(&str) -> Option<String>) -> Memory {
    let (stat, events) = (file("memory.stat").unwrap_or_default(), file("memory.events").unwrap_or_default());
    let current = file("memory.current").as_deref().and_then(number);
    Memory {
        current,
        without_cache: without(current, flat(&stat, "inactive_file")),
        cache: flat(&stat, "file"),
        anon: flat(&stat, "anon"),
        kernel: flat(&stat, "kernel"),
        peak: file("memory.peak").as_deref().and_then(number),
        limit: file("memory.max").as_deref().and_then(bound),
        high: file("memory.high").as_deref().and_then(bound),
        swap: file("memory.swap.current").as_deref().and_then(number),
        swap_limit: file("memory.swap.max").as_deref().and_then(bound),
        at_limit: flat(&events, "max"),
        oom_kills: flat(&events, "oom_kill"),
    }
}

/// v1: cgroup-v1/memory.rst. Of `memory.stat`, what begins with `total_` includes the groups below. Whether swap
/// is counted is decided when the host is started (`swapaccount=`); then there are the files with `memsw`.
fn legacy(file: impl Fn(&str) -> Option<String>) -> Memory {
    let stat = file("memory.stat").unwrap_or_default();
    let current = file("memory.usage_in_bytes").as_deref().and_then(number);
    let limit = file("memory.limit_in_bytes").as_deref().and_then(bound_v1);
    Memory {
        current,
        without_cache: without(current, flat(&stat, "total_inactive_file")),
        cache: flat(&stat, "total_cache"),
        anon: flat(&stat, "total_rss"),
        kernel: file("memory.kmem.usage_in_bytes").as_deref().and_then(number),
        peak: file("memory.max_usage_in_bytes").as_deref().and_then(number),
        limit,
        high: None,
        swap: flat(&stat, "total_swap"),
        swap_limit: file("memory.memsw.limit_in_bytes")
            .as_deref()
            .and_then(bound_v1)
            .map(|both| swap_of(both, limit)),
        at_limit: file("memory.failcnt").as_deref().and_then(number),
        oom_kills: file("memory.oom_control").and_then(|text| flat(&text, "oom_kill")),
    }
}

/// Both are read at different moments, so the part may be more than the whole.
fn without(current: Option<u64>, inactive_file: Option<u64>) -> Option<u64> {
    Some(current?.saturating_sub(inactive_file?))
}

/// What is left for swap of a limit of `both` together.
fn swap_of(both: Bound, limit: Option<Bound>) -> Bound {
    match (both, limit) {
        (Bound::At(both), Some(Bound::At(limit))) => Bound::At(both.saturating_sub(limit)),
        (both, _) => both,
    }
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    const UNIFIED: [(&str, &str); 8] = [
        ("memory.current", "50000\n"),
        ("memory.peak", "60000\n"),
        ("memory.max", "67108864\n"),
        ("memory.high", "max\n"),
        ("memory.swap.current", "0\n"),
        ("memory.swap.max", "4096\n"),
        ("memory.events", "low 0\nhigh 0\nmax 12\noom 2\noom_kill 3\noom_group_kill 1\n"),
        (
            "memory.stat",
            "anon 20000\nfile 25000\nkernel 5000\nkernel_stack 16\ninactive_anon 1\ninactive_file 10000\n",
        ),
    ];

    const LEGACY: [(&str, &str); 8] = [
        ("memory.usage_in_bytes", "50000\n"),
        ("memory.max_usage_in_bytes", "60000\n"),
        ("memory.limit_in_bytes", "67108864\n"),
        ("memory.memsw.limit_in_bytes", "134217728\n"),
        ("memory.kmem.usage_in_bytes", "5000\n"),
        ("memory.failcnt", "12\n"),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"),
        (
            "memory.stat",
            "cache 1\nrss 2\ninactive_file 3\ntotal_cache 25000\ntotal_rss 20000\ntotal_rss_huge 9\ntotal_swap 7\n\
             total_inactive_file 10000\n",
        ),
    ];

    #[test]
    fn v2() {
        let expected = Memory {
            current: Some(50_000),
            without_cache: Some(40_000),
            cache: Some(25_000),
            anon: Some(20_000),
            kernel: Some(5_000),
            peak: Some(60_000),
            limit: Some(Bound::At(64 << 20)),
            high: Some(Bound::Unlimited),
            swap: Some(0),
            swap_limit: Some(Bound::At(4096)),
            at_limit: Some(12),
            oom_kills: Some(3),
        };
        assert_eq!(unified(files(&UNIFIED)), expected);
    }

    #[test]
    fn v1_with_the_groups_below() {
        let expected = Memory {
            high: None,
            swap: Some(7),
            swap_limit: Some(Bound::At(64 << 20)),
            ..unified(files(&UNIFIED))
        };
        assert_eq!(legacy(files(&LEGACY)), expected);
    }

    #[test]
    fn v1_without_limits() {
        let none = "9223372036854771712\n";
        let memory = legacy(files(&[("memory.limit_in_bytes", none), ("memory.memsw.limit_in_bytes", none)]));
        assert_eq!((memory.limit, memory.swap_limit), (Some(Bound::Unlimited), Some(Bound::Unlimited)));
        assert_eq!((memory.current, memory.without_cache, memory.oom_kills), (None, None, None));
    }

    #[test]
    fn a_threaded_group_counts_no_memory() {
        assert_eq!(unified(files(&[])), Memory::default());
    }

    #[test]
    fn figures_of_two_moments_do_not_become_negative() {
        let memory = unified(files(&[("memory.current", "5\n"), ("memory.stat", "inactive_file 6\n")]));
        assert_eq!(memory.without_cache, Some(0));
    }
}
