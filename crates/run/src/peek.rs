//! A look into the files of a container that runs, to find one of its users.
//!
//! From outside, `/proc/PID/root` is out of an ordinary user's reach, for init lets nobody look into it. So a child enters
//! the container's users and mounts, reads there with the rights of nobody outside, and sends back what it read.

use crate::identity::become_user;
use crate::join::{kind, open_held};
use crate::probe::account::{look_up_in, text_of};
use crate::procfs::ProcFs;
use plan::Container;
use plan::facts::Account;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, set_dumpable_behavior, waitid,
};
use rustix::thread::{ThreadNameSpaceType, move_into_link_name_space, move_into_thread_name_spaces};
use spec::User;
use spec::error::Result;
use std::fs::File;
use std::io::{Read, Write};
use sys::clone::{Fork, clone3, exit};

/// The most bytes of a file that are taken (R9).
const MOST: u64 = 4 << 20;

/// As whom a command runs in `container`.
///
/// # Errors
/// `UNKNOWN_USER`, `UNKNOWN_GROUP` for names that the container does not have.
pub fn account(container: &Container, user: Option<&User>) -> Result<Account> {
    match user {
        None => Ok(container.user.clone()),
        Some(user) => look_up_in(user, |path| read(container, path).unwrap_or_default()),
    }
}

/// Enters the users and the mounts of the container, by its first process or by what its runtime holds.
fn enter(container: &Container, first: &OwnedFd) -> sys::Result<()> {
    let two = |name: &&str| matches!(*name, "user" | "mnt");
    let Some(held) = &container.held else {
        let names = container.namespaces.names().filter(two);
        let both = names.fold(ThreadNameSpaceType::empty(), |both, name| both.union(kind(name).1));
        let any = !both.is_empty();
        return if any { move_into_thread_name_spaces(first.as_fd(), both) } else { Ok(()) };
    };
    let proc = ProcFs::open()?;
    // Opened before the mounts are others.
    let mut doors = Vec::new();
    for (name, descriptor) in
        container.namespaces.names().zip(&held.descriptors).filter(|(name, _)| two(name))
    {
        doors.push((name, open_held(&proc, held.runtime, *descriptor)?));
    }
    doors.iter().try_for_each(|(name, door)| move_into_link_name_space(door.as_fd(), Some(kind(name).0)))
}

fn read(container: &Container, path: &str) -> sys::Result<String> {
    let held = pidfd_open(Pid::from_raw(container.init).ok_or(sys::Errno::SRCH)?, PidfdFlags::empty())?;
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    match clone3(0, None)? {
        Fork::Child => {
            drop(reader);
            exit(u8::from(send(container, &held, path, writer).is_err()))
        }
        Fork::Parent(_, child) => {
            drop(writer);
            let mut content = Vec::new();
            let _ = File::from(reader).take(MOST).read_to_end(&mut content);
            let _ = waitid(WaitId::PidFd(child.as_fd()), WaitIdOptions::EXITED);
            Ok(String::from_utf8_lossy(&content).into_owned())
        }
    }
}

/// In the child, which is in no process list of the container's: a PID namespace is not entered.
fn send(container: &Container, held: &OwnedFd, path: &str, to: OwnedFd) -> sys::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    enter(container, held)?;
    // The host's root keeps its number, with which it may read files of its own that root inside may not.
    if container.ids.is_some() {
        become_user(0, 0, container.sets_groups.then_some(&[][..]))?;
    }
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let text = text_of(openat(CWD, format!("/{path}"), flags, Mode::empty())?);
    File::from(to).write_all(text.as_bytes()).map_err(|_| sys::Errno::PIPE)
}
