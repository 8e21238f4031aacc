//! What the kernel says about a process, from outside.

use std::fs;

/// Its state, `S` for one that sleeps, `T` for one that was stopped.
pub fn state(pid: u32) -> String {
    stat(pid).into_iter().next().unwrap_or_default()
}

/// The processor time that it has used, in clock ticks, of which there are 100 a second.
pub fn ticks(pid: u32) -> u64 {
    stat(pid).iter().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// The fields of `/proc/PID/stat` from the third on (`proc_pid_stat(5)`).
fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().map(str::to_owned).collect()
}
