//! The bound on a fork bomb: a pids group for root, RLIMIT_NPROC for others.

use crate::during::During;
use crate::ids::Ids;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, unlinkat};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io;
use std::os::unix::fs::MetadataExt;

/// How many processes and threads a container may have.
const PIDS: u64 = 2048;

/// What holds the container's processes.
pub enum Limit {
    /// A group of the cgroup v1 pids controller, and its `tasks` file.
    Group(String, OwnedFd),
    /// The same, for a process that is moved there by the one outside.
    Moved(String),
    /// A resource limit of the user namespace.
    PerUser,
}

impl Limit {
    /// Makes the group below the caller's own; or sets this process's limit, which the namespace takes over when it is
    /// made: the processes that the user has now plus those that the container may have.
    pub fn new(ids: &Ids, moved: bool) -> io::Result<Limit> {
        if let Ids::Single(uid, _) | Ids::Range(uid, ..) = ids {
            set_processes(processes_of(uid.as_raw())? + PIDS)?;
            return Ok(Limit::PerUser);
        }
        let path = format!("/sys/fs/cgroup/pids{}/floor-{}", own_group()?, std::process::id());
        mkdirat(CWD, path.as_str(), Mode::from_raw_mode(0o755)).during(&path)?;
        crate::ids::write(&format!("{path}/pids.max"), &PIDS.to_string())?;
        if moved {
            return Ok(Limit::Moved(path));
        }
        // Opened here: inside the user namespace it could be written, but not opened.
        let tasks = openat(CWD, format!("{path}/tasks"), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Limit::Group(path, tasks))
    }

    /// Puts the calling process, which must be single-threaded, under the limit. A process that writes `0` for itself
    /// waits for no grace period of the kernel; a pid written by another one costs 8 to 12 ms.
    pub fn join(&self) -> io::Result<()> {
        match self {
            Limit::Group(_, tasks) => rustix::io::write(tasks, b"0").map(drop).during("join the pids group"),
            Limit::Moved(_) => Ok(()),
            Limit::PerUser => set_processes(PIDS),
        }
    }

    /// Moves the process `pid`, where that is not left to itself.
    pub fn take(&self, pid: i32) -> io::Result<()> {
        match self {
            Limit::Moved(path) => crate::ids::write(&format!("{path}/cgroup.procs"), &pid.to_string()),
            Limit::Group(..) | Limit::PerUser => Ok(()),
        }
    }

    /// The group's directory.
    pub fn group(&self) -> Option<&str> {
        match self {
            Limit::Group(path, _) | Limit::Moved(path) => Some(path),
            Limit::PerUser => None,
        }
    }

    /// Removes the group, which must be empty.
    pub fn remove(&self) -> io::Result<()> {
        self.group().map_or(Ok(()), |path| unlinkat(CWD, path, AtFlags::REMOVEDIR).during(path))
    }
}

/// The caller's group in the hierarchy of the pids controller: `8:pids:/a/b` gives `/a/b` (`cgroups(7)`).
fn own_group() -> io::Result<String> {
    let groups = std::fs::read_to_string("/proc/self/cgroup")?;
    let own =
        groups.lines().find_map(|line| line.split_once(":pids:")).map(|(_, path)| path.trim_end_matches('/'));
    own.map(String::from).ok_or_else(|| io::Error::other("no pids controller of cgroup v1 here"))
}

/// Counts the threads of a user: `/proc/PID/task` is the user's, and has two links and one for each thread.
fn processes_of(uid: u32) -> io::Result<u64> {
    let tasks = std::fs::read_dir("/proc")?.flatten().map(|process| process.path().join("task").metadata());
    Ok(tasks.flatten().filter(|tasks| tasks.uid() == uid).map(|tasks| tasks.nlink() - 2).sum())
}

fn set_processes(count: u64) -> io::Result<()> {
    setrlimit(Resource::Nproc, Rlimit { current: Some(count), maximum: Some(count) }).during("RLIMIT_NPROC")
}
