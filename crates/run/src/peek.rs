//! A look into the files of a container that runs, to find one of its users.
//!
//! From outside, `/proc/PID/root` is out of an ordinary user's reach, for init lets nobody look into it. So a child enters
//! the container's users and mounts, reads there with the rights of nobody outside, and sends back what it read.

use crate::probe::account::{look_up_in, text_of};
use plan::Container;
use plan::facts::Account;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, set_dumpable_behavior, waitid,
};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};
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
    let mut namespaces = ThreadNameSpaceType::empty();
    namespaces.set(ThreadNameSpaceType::USER, container.namespaces.user);
    namespaces.set(ThreadNameSpaceType::MOUNT, container.namespaces.mount);
    if !namespaces.is_empty() {
        move_into_thread_name_spaces(held.as_fd(), namespaces)?;
    }
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let text = text_of(openat(CWD, format!("/{path}"), flags, Mode::empty())?);
    File::from(to).write_all(text.as_bytes()).map_err(|_| sys::Errno::PIPE)
}
