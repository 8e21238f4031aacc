//! The same on v1, by what can be excluded.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fd::BorrowedFd;

use super::{Cause, bytes};
use crate::controller::Group;
use crate::file::read;
use crate::opened::Files;
use crate::text::{bound_v1, flat, number};
use crate::tree::walk;

/// How often a limit was in the way: that of memory, and that of memory and swap together, which is there where
/// swap is counted.
const FAILURES: [&str; 2] = ["memory.failcnt", "memory.memsw.failcnt"];

/// What may be missing to a limit that is in the way of an allocation for which the kernel kills: eight pages
/// (PAGE_ALLOC_COSTLY_ORDER) of at most 64 KiB.
const LARGEST: u64 = 8 * (64 << 10);

/// A file that only the root of a v1 hierarchy has; there no limit can be set.
const ONLY_IN_ROOT: &str = "cgroup.sane_behavior";

/// Why `kills` processes were killed in the memory group `group`, whose files are `files`, or below it.
pub(super) fn cause(files: Files<'_>, group: &Group, kills: u64) -> Cause {
    let limit = files.text("memory.limit_in_bytes").as_deref().and_then(bound_v1).and_then(bytes);
    let Some((own, below)) = own_and_below(files, |group| reached(group).map(u64::from)) else {
        return Cause::Unclear { limit, kills };
    };
    let directory = Path::new(OsStr::from_bytes(group.directory.to_bytes()));
    match (own > 0, below > 0) {
        (false, false) => Cause::Outside { kills },
        (true, false) if outside_had_room(directory) => Cause::Memory { limit, kills },
        (false, true) if outside_had_room(directory) => Cause::Below { kills },
        _ => Cause::Unclear { limit, kills },
    }
}

/// The processes killed in `group` and in those below it, each of which counts its own (since Linux 4.13).
pub(super) fn kills(group: Files<'_>) -> Option<u64> {
    let count = |group: BorrowedFd<'_>| flat(&read(group, "memory.oom_control").ok()?, "oom_kill");
    own_and_below(group, count).map(|(own, below)| own + below)
}

/// What `count` says of a group, and of all below it together.
fn own_and_below(group: Files<'_>, count: impl Fn(BorrowedFd<'_>) -> Option<u64>) -> Option<(u64, u64)> {
    let own = count(group.group())?;
    let mut all = 0;
    let add = |group: BorrowedFd<'_>| {
        all += count(group).unwrap_or(0);
        Ok(())
    };
    walk(group.group().try_clone_to_owned().ok()?, add, |_, _| ()).ok()?;
    Some((own, all.saturating_sub(own)))
}

/// Whether `group` has ever been at its limit.
fn reached(group: BorrowedFd<'_>) -> Option<bool> {
    is_reached(|name| read(group, name).ok())
}

/// By the failures, and, since newer kernels do not count those of memory and swap together (seen with Linux
/// 6.18), by the most that was ever in use.
fn is_reached(file: impl Fn(&str) -> Option<String>) -> Option<bool> {
    let of = |name| file(name).as_deref().and_then(number);
    let [memory, with_swap] = FAILURES.map(of);
    let limit = file("memory.memsw.limit_in_bytes").as_deref().and_then(bound_v1).and_then(bytes);
    let peak = of("memory.memsw.max_usage_in_bytes").unwrap_or(0);
    Some(
        memory? > 0 || with_swap > Some(0) || limit.is_some_and(|limit| peak.saturating_add(LARGEST) > limit),
    )
}

fn outside_had_room(directory: &Path) -> bool {
    above_had_room(directory) && host_had_room()
}

/// Whether no group above `directory` has ever reached a limit. In a container that shows but a part of the
/// hierarchy this is not known.
fn above_had_room(directory: &Path) -> bool {
    for above in directory.ancestors().skip(1) {
        if above.join(ONLY_IN_ROOT).exists() {
            return true;
        }
        if is_reached(|name| fs::read_to_string(above.join(name)).ok()) != Some(false) {
            return false;
        }
    }
    false
}

/// Whether nobody ever had to wait for free memory, as everybody does before the kernel kills because there is
/// none.
fn host_had_room() -> bool {
    fs::read_to_string("/proc/vmstat").is_ok_and(|text| never_short(&text))
}

/// `allocstall`, since Linux 4.10 one for each zone of memory. Reclaim for the sake of a group's limit is not
/// counted in it.
fn never_short(vmstat: &str) -> bool {
    let stalls: Vec<&str> = vmstat.lines().filter(|line| line.starts_with("allocstall")).collect();
    !stalls.is_empty() && stalls.iter().all(|line| line.ends_with(" 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_was_short_of_memory() {
        let calm =
            "nr_free_pages 9\nallocstall_dma 0\nallocstall_normal 0\nallocstall_movable 0\noom_kill 4\n";
        assert!(never_short(calm));
        assert!(!never_short(&calm.replace("normal 0", "normal 10")));
        assert!(never_short("allocstall 0\n") && !never_short("allocstall 1\n"));
        assert!(!never_short("nr_free_pages 9\n"), "not known");
    }

    /// The files of a group, with one changed.
    fn reached_with(changed: &'static str, text: &'static str) -> Option<bool> {
        let file = move |name: &str| match name {
            name if name == changed => Some(text),
            "memory.failcnt" | "memory.memsw.failcnt" => Some("0\n"),
            "memory.memsw.limit_in_bytes" => Some("16777216\n"),
            "memory.memsw.max_usage_in_bytes" => Some("10000000\n"),
            _ => None,
        };
        is_reached(|name| file(name).map(str::to_owned))
    }

    #[test]
    fn a_limit_was_reached() {
        assert_eq!(reached_with("", ""), Some(false));
        assert_eq!(reached_with("memory.failcnt", "2\n"), Some(true));
        assert_eq!(reached_with("memory.memsw.failcnt", "2\n"), Some(true));
        assert_eq!(reached_with("memory.memsw.max_usage_in_bytes", "16777216\n"), Some(true));
        assert_eq!(
            reached_with("memory.memsw.max_usage_in_bytes", "16700000\n"),
            Some(true),
            "by several pages"
        );
        assert_eq!(reached_with("memory.memsw.limit_in_bytes", "9223372036854771712\n"), Some(false));
    }

    #[test]
    fn where_swap_is_not_counted_there_are_only_failures() {
        assert_eq!(is_reached(|name| (name == "memory.failcnt").then(|| "0\n".to_owned())), Some(false));
        assert_eq!(is_reached(|_| None), None);
    }

    #[test]
    fn what_is_above_cannot_be_known_where_there_is_no_root() {
        assert!(!above_had_room(Path::new("/nonexistent/group")));
    }
}
