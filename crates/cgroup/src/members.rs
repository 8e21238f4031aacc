//! The members of a group.

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::io::{Errno, Result};
use rustix::process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

use crate::file::{put, read};
use crate::tree::walk;

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

fn kill_each(group: BorrowedFd<'_>, members: &[Pid]) -> Result<()> {
    each(
        members,
        || list(group),
        |_, pidfd| {
            // Either it has ended meanwhile, or it is another user's and will be reported as still there.
            let _ended_or_foreign = pidfd_send_signal(pidfd, Signal::KILL);
        },
    )
}

/// Does `action` for each of `members`, with its pidfd. A pid may be given to another process at any moment, so
/// each is opened, and then found to be still a member by `list`. Threads other than the first of a process,
/// which a threaded group lists, cannot be opened and are passed over.
pub(crate) fn each<E>(
    members: &[Pid],
    list: impl Fn() -> std::result::Result<Vec<Pid>, E>,
    mut action: impl FnMut(Pid, &OwnedFd),
) -> std::result::Result<(), E> {
    for batch in members.chunks(BATCH) {
        let open = |&pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?));
        let opened: Vec<(Pid, OwnedFd)> = batch.iter().filter_map(open).collect();
        let still = list()?;
        for (pid, pidfd) in opened.iter().filter(|(pid, _)| still.contains(pid)) {
            action(*pid, pidfd);
        }
    }
    Ok(())
}

/// The members, without those of foreign pid namespaces (v2 shows them as 0).
pub(crate) fn list(group: BorrowedFd<'_>) -> Result<Vec<Pid>> {
    let text = match read(group, "cgroup.procs") {
        // A threaded group lists threads; the first of each process is what can be killed.
        Err(Errno::OPNOTSUPP) => read(group, "cgroup.threads")?,
        text => text?,
    };
    Ok(text.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?)).collect())
}

/// The members of `top` and of all groups below it.
pub(crate) fn all(top: OwnedFd) -> Result<Vec<Pid>> {
    let mut found = Vec::new();
    let visit = |group: BorrowedFd<'_>| match list(group) {
        // It went away between being opened and read: it had no members.
        Err(Errno::NODEV | Errno::NOENT) => Ok(()),
        members => members.map(|members| found.extend(members)),
    };
    walk(top, visit, |_, _| ())?;
    Ok(found)
}
