//! Control groups as the kernel tells of them, so that what a container has is seen from outside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A hierarchy that is mounted.
struct Hierarchy {
    /// The controllers of a v1 hierarchy, or its name as `name=systemd`; none for v2.
    controllers: Vec<String>,
    /// Which group is at the mount point: `/` save in containers.
    root: PathBuf,
    mount: PathBuf,
}

/// All hierarchies, from `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`).
fn hierarchies() -> io::Result<Vec<Hierarchy>> {
    Ok(fs::read_to_string("/proc/self/mountinfo")?.lines().filter_map(hierarchy).collect())
}

fn hierarchy(line: &str) -> Option<Hierarchy> {
    let (mount, file_system) = line.split_once(" - ")?;
    let mount: Vec<&str> = mount.split(' ').collect();
    let mut file_system = file_system.split(' ');
    let kind = file_system.next()?;
    let options = file_system.nth(1)?.split(',').map(str::to_owned);
    let controllers = match kind {
        "cgroup" => options.collect(),
        "cgroup2" => Vec::new(),
        _ => return None,
    };
    Some(Hierarchy { controllers, root: mount.get(3)?.into(), mount: mount.get(4)?.into() })
}

/// Where hierarchies are mounted.
pub fn mounts() -> io::Result<Vec<PathBuf>> {
    Ok(hierarchies()?.into_iter().map(|hierarchy| hierarchy.mount).collect())
}

/// The group that has the limits: one of v2 that is shared out has its processes in a part of it.
fn limited(directory: PathBuf) -> PathBuf {
    match directory.parent() {
        Some(parent) if directory.ends_with("payload") => parent.to_owned(),
        _ => directory,
    }
}

/// The groups of a process, one in each hierarchy.
pub struct Groups(Vec<(Hierarchy, PathBuf)>);

impl Groups {
    /// Those of the process `pid`.
    ///
    /// # Errors
    /// It is gone.
    pub fn of(pid: u32) -> io::Result<Groups> {
        let lines = fs::read_to_string(format!("/proc/{pid}/cgroup"))?;
        let group = |hierarchy: Hierarchy| {
            let path = lines.lines().find_map(|line| path_in(&hierarchy, line))?;
            let below = Path::new(path).strip_prefix(&hierarchy.root).ok()?;
            // Without the slash that joining leaves after nothing.
            let directory: PathBuf = hierarchy.mount.components().chain(below.components()).collect();
            Some((hierarchy, limited(directory)))
        };
        Ok(Groups(hierarchies()?.into_iter().filter_map(group).collect()))
    }

    /// The directories, for all hierarchies.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|(_, directory)| directory.as_path())
    }

    /// The group in the hierarchy that has `controller`, as that version calls it.
    pub fn with(&self, controller: &str) -> Option<&Path> {
        let has = |(hierarchy, group): &&(Hierarchy, PathBuf)| {
            if hierarchy.controllers.is_empty() {
                let listed = fs::read_to_string(group.join("cgroup.controllers")).unwrap_or_default();
                return listed.split_whitespace().any(|name| name == controller);
            }
            hierarchy.controllers.iter().any(|name| name == controller)
        };
        self.0.iter().find(has).map(|(_, group)| group.as_path())
    }

    /// The group of v2.
    pub fn unified(&self) -> Option<&Path> {
        self.0
            .iter()
            .find(|(hierarchy, _)| hierarchy.controllers.is_empty())
            .map(|(_, group)| group.as_path())
    }

    /// How many processes are in the group that has `controller`, as that version calls it.
    pub fn members(&self, controller: &str) -> Option<usize> {
        let group = self.with(controller)?;
        let count = |procs: PathBuf| Some(fs::read_to_string(procs).ok()?.lines().count());
        Some(count(group.join("cgroup.procs"))? + count(group.join("payload/cgroup.procs")).unwrap_or(0))
    }

    /// What a control file shows: that of the controller that its name begins with, as `pids.max`. `None`: no group has it.
    pub fn read(&self, file: &str) -> Option<String> {
        let (controller, _) = file.split_once('.')?;
        let directory = if controller == "cgroup" { self.unified() } else { self.with(controller) };
        let text = fs::read_to_string(directory?.join(file)).ok()?;
        Some(text.trim().to_owned())
    }

    /// A number in a control file: the whole file, or behind `key` where the file has lines of both.
    pub fn number(&self, file: &str, key: &str) -> Option<u64> {
        let text = self.read(file)?;
        let find = |line: &str| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok();
        if key.is_empty() { text.parse().ok() } else { text.lines().find_map(find) }
    }
}

/// The path in a line of `/proc/PID/cgroup` (`cgroups(7)`), if it is that of this hierarchy.
fn path_in<'a>(hierarchy: &Hierarchy, line: &'a str) -> Option<&'a str> {
    let (number, rest) = line.split_once(':')?;
    let (controllers, path) = rest.split_once(':')?;
    let mine = if controllers.is_empty() {
        number == "0" && hierarchy.controllers.is_empty()
    } else {
        controllers.split(',').all(|name| hierarchy.controllers.iter().any(|known| known == name))
    };
    mine.then_some(path)
}

/// All groups, in every hierarchy, with `part` in their names.
pub fn named(part: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for mount in mounts().unwrap_or_default() {
        look_below(&mount, part, &mut found);
    }
    found
}

fn look_below(directory: &Path, part: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if entry.file_name().to_string_lossy().contains(part) {
                found.push(entry.path());
            }
            look_below(&entry.path(), part, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "9 8 0:3 / /sys/fs/cgroup/cpu rw shared:1 - cgroup cgroup rw,cpu,cpuacct";
    const V2: &str = "9 8 0:3 /a /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate";

    #[test]
    fn hierarchies_are_known_by_their_controllers() {
        let (v1, v2) = (hierarchy(V1).expect("v1"), hierarchy(V2).expect("v2"));
        assert_eq!(path_in(&v1, "1:cpu,cpuacct:/x"), Some("/x"));
        assert_eq!(path_in(&v1, "1:memory:/x"), None);
        assert_eq!(path_in(&v1, "0::/x"), None);
        assert_eq!(path_in(&v2, "0::/a/x"), Some("/a/x"));
        assert_eq!((v2.root, v2.mount), ("/a".into(), "/sys/fs/cgroup".into()));
        assert!(hierarchy("9 8 0:3 / /proc rw - proc proc rw").is_none());
    }

    #[test]
    fn the_own_groups_are_there() {
        let own = Groups::of(std::process::id()).expect("this process runs");
        assert!(own.directories().all(|directory| directory.join("cgroup.procs").exists()));
    }
}
