//! The outer half: maps and shifts the ids, waits, cleans up.

use crate::Container;
use crate::during::During;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};
use std::io;
use sys::mount::{attribute, mount_setattr};

/// Does the outer half for the child `pid`, and returns the exit status that a shell would.
pub fn attend(container: &Container, pid: i32, pidfd: &OwnedFd) -> io::Result<u8> {
    if let Err(error) = give_ids(container, pid) {
        pidfd_send_signal(pidfd, Signal::KILL)?;
        waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED)?;
        container.limit.remove()?;
        return Err(error);
    }
    let status = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED).during("waitid")?;
    container.limit.remove()?;
    let ended =
        status.and_then(|end| end.exit_status().or(end.terminating_signal().map(|signal| 128 + signal)));
    Ok(ended.and_then(|status| u8::try_from(status).ok()).unwrap_or(125))
}

fn give_ids(container: &Container, pid: i32) -> io::Result<()> {
    if container.ids.mapped_from_inside() {
        return Ok(());
    }
    container.ids.map_from_outside(pid)?;
    if let Some(tree) = &container.tree {
        let namespace = format!("/proc/{pid}/ns/user");
        let user =
            openat(CWD, &namespace, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).during(&namespace)?;
        // Only the host's root may shift the ids of a mount of the host.
        mount_setattr(tree.as_fd(), attribute::IDMAP, Some(user.as_fd()), false, false)
            .during("id-mapped mount")?;
    }
    container.limit.take(pid)?;
    rustix::io::write(&container.bell, &1u64.to_ne_bytes()).map(drop).during("ring the bell")
}
