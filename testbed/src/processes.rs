//! Processes found by their parents.

use std::fs;

/// The process whose parent is `parent`: the second field after the name, which may hold anything, in `/proc/PID/stat`.
pub fn child_of(parent: u32) -> Option<u32> {
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        (rest.split_whitespace().nth(1)?.parse() == Ok(parent)).then_some(pid)
    })
}

/// The init of the container that the process `run` started, as soon as its command is `sleep`: then all that comes
/// before is done.
pub fn init_of_sleeper(run: u32) -> Option<u32> {
    let init = child_of(run)?;
    let name = fs::read_to_string(format!("/proc/{}/comm", child_of(init)?)).ok()?;
    (name == "sleep\n").then_some(init)
}
