//! The members of a group that is to go.

use std::fs::File;
use std::io::Read;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::{Errno, Result};
use rustix::process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

use crate::group::write_whole;

/// How many processes are held by an fd at a time: far below the usual RLIMIT_NOFILE of 1024.
const BATCH: usize = 64;

/// Kills the members of `group`, itself one that we made. Returns whom it found.
///
/// # Errors
///
/// EDEADLK: the caller is a member. Else those of open(2) and read(2).
pub(crate) fn kill(group: BorrowedFd<'_>) -> Result<Vec<Pid>> {
    let members = list(group)?;
    if members.contains(&getpid()) {
        return Err(Errno::DEADLK);
    }
    if !members.is_empty() && !kill_at_once(group) {
        // So that they cannot fork faster than they are killed. Some groups below ours have no limit of their
        // own, and need none.
        let _has_none = put(group, "pids.max", b"0");
        kill_each(group, &members)?;
    }
    Ok(members)
}

/// By `cgroup.kill` (v2, since Linux 5.14), which no fork can escape. A threaded group refuses it, as its
/// members may be threads of a process elsewhere.
fn kill_at_once(group: BorrowedFd<'_>) -> bool {
    put(group, "cgroup.kill", b"1").is_ok()
}

/// By pidfds: a pid may be given to another process at any moment, so each is opened, then found to be still a
/// member, then killed.
fn kill_each(group: BorrowedFd<'_>, members: &[Pid]) -> Result<()> {
    for batch in members.chunks(BATCH) {
        let open = |&pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?));
        let opened: Vec<(Pid, OwnedFd)> = batch.iter().filter_map(open).collect();
        let still = list(group)?;
        for (_, pidfd) in opened.iter().filter(|(pid, _)| still.contains(pid)) {
            // Either it has ended meanwhile, or it is another user's and will be reported as still there.
            let _ended_or_foreign = pidfd_send_signal(pidfd, Signal::KILL);
        }
    }
    Ok(())
}

/// The members, without those of foreign pid namespaces (v2 shows them as 0).
fn list(group: BorrowedFd<'_>) -> Result<Vec<Pid>> {
    let text = match read(group, "cgroup.procs") {
        // A threaded group lists threads; the first of each process is what can be killed.
        Err(Errno::OPNOTSUPP) => read(group, "cgroup.threads")?,
        text => text?,
    };
    Ok(text.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?)).collect())
}

fn read(group: BorrowedFd<'_>, name: &str) -> Result<String> {
    let mut text = String::new();
    let mut file = File::from(open_file(group, name, OFlags::RDONLY)?);
    file.read_to_string(&mut text).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    Ok(text)
}

fn put(group: BorrowedFd<'_>, name: &str, value: &[u8]) -> Result<()> {
    write_whole(open_file(group, name, OFlags::WRONLY)?, value)
}

fn open_file(group: BorrowedFd<'_>, name: &str, access: OFlags) -> Result<OwnedFd> {
    openat(group, name, access | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}
