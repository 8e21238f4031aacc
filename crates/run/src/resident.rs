//! What a container uses of memory that no limit of its own counts.

use crate::probe;
use ::cgroup::adopt::members;
use ::cgroup::{Controller, Group};
use plan::Container;

/// The bytes that the processes of `container` took before it had a limit of memory, if it has had none: the kernel charges
/// a page to the group of who touched it first, and moves no charge (`Documentation/admin-guide/cgroup-v2.rst`, "Memory
/// Ownership"; v1 could until Linux 6.14, by `memory.move_charge_at_immigrate`). The page cache is not in it: that can be
/// taken back, and comes again as the container's own.
pub(crate) fn uncounted(container: &Container) -> Option<u64> {
    let counts = |group: &Group| group.controllers.contains(&Controller::Memory);
    if container.groups.iter().any(counts) {
        return None;
    }
    let members = members(&container.groups).ok()?;
    let status = |pid: &rustix::process::Pid| {
        probe::read(&format!("/proc/{}/status", pid.as_raw_nonzero()), 1 << 16).unwrap_or_default()
    };
    Some(members.iter().map(|pid| resident(&String::from_utf8_lossy(&status(pid)))).sum())
}

/// The bytes of a process that are neither of a file nor swapped out (`proc_pid_status(5)`; in KiB there).
pub(crate) fn resident(status: &str) -> u64 {
    let number = |line: &str| line.split_whitespace().nth(1)?.parse::<u64>().ok();
    let kinds = ["RssAnon:", "RssShmem:"];
    let lines = status.lines().filter(|line| kinds.iter().any(|kind| line.starts_with(kind)));
    lines.filter_map(number).map(|kib| kib << 10).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_no_file_is_counted() {
        let status = "Name:\tsh\nVmRSS:\t    1640 kB\nRssAnon:\t     100 kB\nRssFile:\t    1536 kB\nRssShmem:\t       4 kB\n";
        assert_eq!(resident(status), 104 << 10);
        assert_eq!(resident("Name:\tkthreadd\n"), 0);
    }
}
