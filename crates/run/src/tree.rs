//! The containers that run, and those inside of them, as a tree: its shape is the kernel's word, from the pids that each
//! process has in the pid namespaces around it (`NSpid` of `proc_pid_status(5)`). The names below the first level are what
//! the containers say, whose files anybody in them may have written.

mod names;

use crate::probe;
use crate::record::{self, Found, Record};
use ::cgroup::{Controller, Group, Layout, Place, Version};
use plan::cgroup::PAYLOAD;
use spec::error::Result;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;

/// A container.
#[derive(Debug)]
pub struct Level {
    /// Its name, as far as it is told.
    pub name: Option<String>,
    /// Its first process, by its pid here.
    pub pid: i32,
    /// The same, by its pid where the container was started.
    pub pid_outside: i32,
    /// Its command and the arguments.
    pub command: Vec<String>,
    /// How many processes there are in it and below.
    pub processes: usize,
    /// Bytes of memory that these have and that are no file's.
    pub memory: u64,
    /// Its record, if the caller has started it.
    pub record: Option<Box<Record>>,
    /// The control groups that it has and the container around it has not.
    pub groups: Vec<Group>,
    /// Those inside.
    pub below: Vec<Level>,
}

/// The containers of the caller, with all that are inside.
///
/// # Errors
/// As of [`record::all`].
pub fn tree() -> Result<Vec<Level>> {
    let found = record::all()?;
    let all = processes();
    let level = |found| match found {
        Found::Runs(record) => {
            let groups = record.container().map(|container| container.groups).unwrap_or_default();
            level(&all, record.init, groups, Some(record))
        }
        Found::Begins(_) => None,
    };
    Ok(found.into_iter().filter_map(level).collect())
}

/// What is known of a process.
#[derive(Debug, Default)]
struct Process {
    parent: i32,
    /// Its pids, from that here to that in its own namespace.
    pids: Vec<i32>,
    memory: u64,
}

impl Process {
    /// Whether it is the first of its pid namespace.
    fn is_first(&self) -> bool {
        self.pids.len() > 1 && self.pids.last() == Some(&1)
    }
}

type All = BTreeMap<i32, Process>;

/// How long a status may be, in bytes: 65,536 supplementary groups stand in it before the pids.
const STATUS: u64 = 1 << 20;

fn processes() -> All {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let status = |pid: i32| probe::read(&format!("/proc/{pid}/status"), STATUS).ok();
    pids.filter_map(|pid| Some((pid, parse(&String::from_utf8_lossy(&status(pid)?))))).collect()
}

fn parse(status: &str) -> Process {
    let mut process = Process { memory: crate::resident::resident(status), ..Process::default() };
    for line in status.lines() {
        match line.split_once(':') {
            Some(("PPid", pid)) => process.parent = pid.trim().parse().unwrap_or(0),
            Some(("NSpid", pids)) => {
                process.pids = pids.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
            }
            _ => {}
        }
    }
    process
}

/// The first process of the container that a process is in: the nearest ancestor that is the first of its namespace. Who has
/// joined has its parent outside, and is in none that could be told.
fn first_of(all: &All, mut pid: i32) -> Option<i32> {
    let depth = all.get(&pid)?.pids.len();
    loop {
        let process = all.get(&pid).filter(|process| process.pids.len() == depth)?;
        if process.is_first() {
            return Some(pid);
        }
        pid = process.parent;
    }
}

/// The container whose first process is `first`.
fn level(all: &All, first: i32, groups: Vec<Group>, record: Option<Box<Record>>) -> Option<Level> {
    let process = all.get(&first)?;
    let own: Vec<i32> = all.keys().copied().filter(|pid| first_of(all, *pid) == Some(first)).collect();
    let inner = |pid: &i32| {
        let process = &all[pid];
        process.is_first() && first_of(all, process.parent) == Some(first)
    };
    let command = own.iter().copied().find(|pid| all[pid].parent == first).unwrap_or(first);
    let mut told = None;
    let below: Vec<Level> = all
        .keys()
        .filter(|pid| inner(pid))
        .filter_map(|pid| level(all, *pid, own_groups(*pid, first), None))
        .map(|level| {
            let names = told.get_or_insert_with(|| names::told(command));
            Level { name: names.get(&level.pid_outside).cloned(), ..level }
        })
        .collect();
    Some(Level {
        name: record.as_ref().map(|record| record.name.clone()),
        pid: first,
        pid_outside: process.pids.iter().rev().nth(1).copied().unwrap_or(first),
        command: record.as_ref().map_or_else(|| command_of(command), |record| record.command.clone()),
        processes: own.len() + below.iter().map(|level| level.processes).sum::<usize>(),
        memory: own.iter().map(|pid| all[pid].memory).sum::<u64>()
            + below.iter().map(|level| level.memory).sum::<u64>(),
        record,
        groups,
        below,
    })
}

/// The groups of a container that are not those of the one around, by the first process of each; of what `tree` tells.
fn own_groups(first: i32, around: i32) -> Vec<Group> {
    let [own, around] = [first, around].map(groups_of);
    own.into_iter().filter(|group| !around.contains(group)).collect()
}

fn groups_of(pid: i32) -> Vec<Group> {
    let read = |path: &str| probe::read(path, 1 << 20).unwrap_or_default();
    let layout = Layout::parse(&read("/proc/self/mountinfo"), &read(&format!("/proc/{pid}/cgroup")));
    let group = |version, controllers, place: &Place| {
        // Of a group of v2 that is shared out, the container's processes are in a part.
        let shared = version == Version::V2 && place.own.ends_with(PAYLOAD);
        let own = place.own.parent().filter(|_| shared).unwrap_or(&place.own);
        let directory = CString::new(own.as_os_str().as_bytes()).ok()?;
        Some(Group { version, controllers, directory })
    };
    let v1 = [Controller::Memory, Controller::Pids].into_iter().filter_map(|controller| {
        group(Version::V1, vec![controller], layout.v1_of(controller)?.place.as_ref().ok()?)
    });
    let mut groups: Vec<Group> = v1.collect();
    if groups.is_empty() {
        let v2 = layout.v2.iter();
        groups.extend(
            v2.filter_map(|place| group(Version::V2, vec![Controller::Memory, Controller::Pids], place)),
        );
    }
    groups
}

/// How many bytes of a command line are looked at: a process can have it as long as its memory is large (prctl(2),
/// `PR_SET_MM_MAP`).
const COMMAND: u64 = 4096;

fn command_of(pid: i32) -> Vec<String> {
    let words = probe::read(&format!("/proc/{pid}/cmdline"), COMMAND).unwrap_or_default();
    let words = words.strip_suffix(b"\0").unwrap_or(&words);
    words.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(parent: i32, pids: &[i32]) -> Process {
        Process { parent, pids: pids.to_vec(), memory: 1 }
    }

    /// A run (10) of a container (11, command 12) with a run (13) of another (14, 15) and a joiner (20, by 19) in the first.
    fn all() -> All {
        [
            (10, process(1, &[10])),
            (11, process(10, &[11, 1])),
            (12, process(11, &[12, 2])),
            (13, process(12, &[13, 3])),
            (14, process(13, &[14, 4, 1])),
            (15, process(14, &[15, 5, 2])),
            (19, process(1, &[19])),
            (20, process(19, &[20, 6])),
        ]
        .into()
    }

    #[test]
    fn the_shape_is_told_by_the_pids() {
        let level = level(&all(), 11, Vec::new(), None).expect("it runs");
        assert_eq!((level.pid, level.pid_outside, level.processes, level.memory), (11, 11, 5, 5));
        let [inner] = &*level.below else { panic!("one inside: {level:?}") };
        assert_eq!((inner.pid, inner.pid_outside, inner.processes, inner.below.len()), (14, 4, 2, 0));
    }

    #[test]
    fn who_is_in_no_container_has_no_first_process() {
        let all = all();
        assert_eq!(first_of(&all, 10), None);
        assert_eq!(first_of(&all, 20), None);
        assert_eq!(first_of(&all, 13), Some(11));
        assert_eq!(first_of(&all, 99), None);
    }

    #[test]
    fn a_status_is_read() {
        let process = parse("Name:\tsh\nPPid:\t7\nNSpid:\t9\t3\t1\nRssAnon:\t 8 kB\n");
        assert_eq!((process.parent, process.memory), (7, 8192));
        assert!(process.is_first());
        assert!(!parse("NSpid:\t1\n").is_first());
    }
}
