//! What the processes of a container say of themselves, where no group counts it: their memory and CPU time added up. It leaves
//! out what the kernel has for them, and what has ended unwaited; so it is told as an estimate.

use cgroup::Group;
use std::fs::read_to_string;
use std::time::Duration;

/// The sum of all processes that live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Processes {
    /// Bytes of memory that are not files': what they have allocated, and shared memory as often as it is mapped.
    pub memory: u64,
    /// CPU time, with that of children that were waited for.
    pub cpu: Duration,
}

/// Adds up the members of a container's first group.
pub fn sum(groups: &[Group]) -> Option<Processes> {
    let directory = groups.first()?.directory.to_str().ok()?;
    let members = ["cgroup.procs", "cgroup.threads"];
    let text = members.iter().find_map(|file| read_to_string(format!("{directory}/{file}")).ok())?;
    let each = text.lines().filter_map(|pid| pid.parse().ok()).filter_map(one);
    Some(each.fold(Processes::default(), |all, one| Processes {
        memory: all.memory + one.memory,
        cpu: all.cpu + one.cpu,
    }))
}

fn one(pid: u32) -> Option<Processes> {
    let status = read_to_string(format!("/proc/{pid}/status")).ok()?;
    // The name, in parentheses, may contain anything.
    let stat = read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(Processes { memory: memory(&status), cpu: cpu(stat.rsplit_once(')')?.1)? })
}

/// `RssAnon` and `RssShmem` of `proc_pid_status(5)`, in kB.
fn memory(status: &str) -> u64 {
    let wanted = |line: &&str| line.starts_with("RssAnon:") || line.starts_with("RssShmem:");
    let number = |line: &str| line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok();
    status.lines().filter(wanted).filter_map(number).sum::<u64>() << 10
}

/// Fields 14 to 17 of `proc_pid_stat(5)`, of which the first here is the third, in hundredths of a second (USER_HZ).
fn cpu(stat: &str) -> Option<Duration> {
    let fields: Vec<&str> = stat.split_ascii_whitespace().collect();
    let ticks: u64 = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_says() {
        assert_eq!(
            memory("Name:\tRssAnon: x\nRssAnon:\t     100 kB\nRssFile:\t 7 kB\nRssShmem:\t 3 kB\n"),
            103 << 10
        );
        let stat = " S 1 2 3 0 -1 4194560 1 2 3 4 150 50 7 3 20 0 1 0 100";
        assert_eq!(cpu(stat), Some(Duration::from_millis(2100)));
        assert_eq!(cpu(" S 1"), None);
        assert!(one(std::process::id()).is_some_and(|own| own.memory > 0));
    }
}
