//! Processes found by their parents.

use std::collections::BTreeSet;
use std::fs;

/// A process, as `/proc/PID/stat` told of it (`proc_pid_stat(5)`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its parent's id.
    pub parent: u32,
    /// The name of its program, cut to 15 bytes by the kernel.
    pub name: String,
    /// Whether it has ended, and its parent has not asked yet how.
    pub zombie: bool,
    /// When it started, in clock ticks since boot: tells it apart from the id's next owner.
    started: u64,
}

impl Process {
    /// The process of this id, if there is one.
    pub fn of(pid: u32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name may hold anything, brackets too.
        let (head, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        Some(Process {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            name: head.split_once('(')?.1.to_owned(),
            zombie: matches!(*fields.first()?, "Z" | "X"),
            started: fields.get(19)?.parse().ok()?,
        })
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        Process::of(self.pid).is_some_and(|now| now.started == self.started && !now.zombie)
    }
}

/// All processes there are.
pub fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(Process::of).collect()
}

/// The children of `ancestor`, their children, and so on. Orphans are among them only as long as who adopts them is.
pub fn descendants(ancestor: u32) -> Vec<Process> {
    let all = all();
    let mut family = BTreeSet::from([ancestor]);
    let mut found: Vec<Process> = Vec::new();
    loop {
        let new =
            all.iter().filter(|process| family.contains(&process.parent) && !family.contains(&process.pid));
        let new: Vec<Process> = new.cloned().collect();
        if new.is_empty() {
            return found;
        }
        family.extend(new.iter().map(|process| process.pid));
        found.extend(new);
    }
}

/// The process whose parent is `parent`.
pub fn child_of(parent: u32) -> Option<u32> {
    all().into_iter().find(|process| process.parent == parent).map(|process| process.pid)
}

/// The init of the container that the process `run` started, as soon as its command is `sleep`: then all that comes
/// before is done.
pub fn init_of_sleeper(run: u32) -> Option<u32> {
    let init = child_of(run)?;
    let command = Process::of(child_of(init)?)?;
    (command.name == "sleep").then_some(init)
}
