//! Performs the steps into a container that runs.

use crate::context::Context;
use crate::journal;
use crate::next::Next;
use crate::process::clone_first;
use crate::procfs::ProcFs;
use crate::record;
use plan::join::Op;
use plan::{Actor, Slot};
use rustix::fd::OwnedFd;
use rustix::fs::fstatfs;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::thread::{
    LinkNameSpaceType, ThreadNameSpaceType, move_into_link_name_space, move_into_thread_name_spaces,
};
use spec::Namespaces;
use std::ffi::{CStr, CString};
use sys::{Errno, Result};

/// The file system of namespaces (linux/magic.h).
const NSFS_MAGIC: u64 = 0x6e73_6673;

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<Next> {
    match op {
        Op::Find { journal, init, slot, .. } => {
            let held = pidfd_open(Pid::from_raw(*init).ok_or(Errno::SRCH)?, PidfdFlags::empty())?;
            // While the journal is locked its runtime lives, and while it has the record, it has not let go of the pid.
            if !journal::is_locked(journal)? || !record::is_of(journal, *init) {
                return Err(Errno::SRCH);
            }
            ctx.fill(*slot, held);
        }
        Op::OpenGroup { path, slot } => ctx.fill(*slot, open_group(path)?),
        Op::OpenNamespaces { held, slots } => {
            for (descriptor, slot) in held.descriptors.iter().zip(slots) {
                ctx.fill(*slot, open_held(ctx.proc()?, held.runtime, *descriptor)?);
            }
        }
        Op::Clone { group } => return clone_first(ctx, 0, *group, Actor::Joiner),
        Op::Enter { namespaces, slots } => enter(ctx, *namespaces, slots)?,
        Op::Fork => return fork(ctx),
    }
    Ok(Next::Step)
}

/// A namespace that is open in another process of this user, by a magic link that only whoever may look into that process
/// can follow.
pub(crate) fn open_held(proc: &ProcFs, runtime: i32, descriptor: i32) -> Result<OwnedFd> {
    let path = CString::new(format!("{runtime}/fd/{descriptor}")).map_err(|_| Errno::INVAL)?;
    let namespace = proc.namespace(&path)?;
    // The number may be that of another file by now, if the record is not this container's.
    let is_namespace = fstatfs(&namespace)?.f_type as u64 == NSFS_MAGIC;
    if is_namespace { Ok(namespace) } else { Err(Errno::STALE) }
}

/// All at once by a pidfd, else one after the other.
fn enter(ctx: &Context<'_>, namespaces: Namespaces, slots: &[Slot]) -> Result<()> {
    if let [pidfd] = slots {
        let all = namespaces.names().fold(ThreadNameSpaceType::empty(), |all, name| all.union(kind(name).1));
        return move_into_thread_name_spaces(ctx.get(*pidfd)?, all);
    }
    for (name, slot) in namespaces.names().zip(slots) {
        move_into_link_name_space(ctx.get(*slot)?, Some(kind(name).0))?;
    }
    Ok(())
}

fn open_group(path: &CStr) -> Result<OwnedFd> {
    if path.to_bytes().ends_with(b"/tasks") {
        ::cgroup::group::open_tasks(path)
    } else {
        ::cgroup::group::open_dir(path)
    }
}

fn fork(ctx: &mut Context<'_>) -> Result<Next> {
    match sys::clone::fork_sibling()? {
        None => Ok(Next::Born(Actor::Command)),
        Some(pid) => {
            ctx.board.keep_command(pid);
            Ok(Next::Step)
        }
    }
}

/// A namespace as `setns(2)` has it, by a descriptor of itself and by a pidfd.
pub(crate) fn kind(name: &str) -> (LinkNameSpaceType, ThreadNameSpaceType) {
    use {LinkNameSpaceType as Link, ThreadNameSpaceType as Thread};
    match name {
        "user" => (Link::User, Thread::USER),
        "mnt" => (Link::Mount, Thread::MOUNT),
        "pid" => (Link::ProcessID, Thread::PROCESS_ID),
        "uts" => (Link::HostNameAndNISDomainName, Thread::HOST_NAME_AND_NIS_DOMAIN_NAME),
        "ipc" => (Link::InterProcessCommunication, Thread::INTER_PROCESS_COMMUNICATION),
        "net" => (Link::Network, Thread::NETWORK),
        _ => (Link::ControlGroup, Thread::CONTROL_GROUP),
    }
}
