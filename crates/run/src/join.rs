//! Performs the steps into a container that runs.

use crate::context::Context;
use crate::interpreter::Flow;
use crate::journal;
use plan::Actor;
use plan::join::Op;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};
use spec::Namespaces;
use std::ffi::CStr;
use sys::clone::{Fork, clone3, is_single_threaded};
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<Flow> {
    match op {
        Op::Find { journal, init, slot, .. } => {
            let held = pidfd_open(Pid::from_raw(*init).ok_or(Errno::SRCH)?, PidfdFlags::empty())?;
            // While the journal is locked its runtime lives, and has not let go of the pid.
            if !journal::is_locked(journal) {
                return Err(Errno::SRCH);
            }
            ctx.fill(*slot, held);
        }
        Op::OpenGroup { path, slot } => ctx.fill(*slot, open_group(path)?),
        Op::Clone { group } => return clone(ctx, *group),
        Op::Enter { namespaces, slot } => {
            move_into_thread_name_spaces(ctx.get(*slot)?, all(namespaces))?;
        }
        Op::Fork => return fork(ctx),
    }
    Ok(Flow::Next)
}

fn open_group(path: &CStr) -> Result<rustix::fd::OwnedFd> {
    if path.to_bytes().ends_with(b"/tasks") {
        ::cgroup::group::open_tasks(path)
    } else {
        ::cgroup::group::open_dir(path)
    }
}

fn clone(ctx: &mut Context<'_>, group: Option<plan::Slot>) -> Result<Flow> {
    if !is_single_threaded()? {
        return Err(Errno::BUSY);
    }
    let group = group.map(|slot| ctx.get(slot)).transpose()?;
    match clone3(0, group)? {
        Fork::Child => Ok(Flow::Born(Actor::Joiner)),
        Fork::Parent(pid, pidfd) => {
            #[cfg(feature = "faults")]
            ctx.board.keep_init(pid);
            ctx.init = Some((pid, pidfd));
            ctx.other_bell = None;
            Ok(Flow::Next)
        }
    }
}

fn fork(ctx: &mut Context<'_>) -> Result<Flow> {
    match sys::clone::fork_sibling()? {
        None => Ok(Flow::Born(Actor::Command)),
        Some(pid) => {
            ctx.board.keep_command(pid);
            Ok(Flow::Next)
        }
    }
}

fn all(namespaces: &Namespaces) -> ThreadNameSpaceType {
    let all = [
        (namespaces.user, ThreadNameSpaceType::USER),
        (namespaces.mount, ThreadNameSpaceType::MOUNT),
        (namespaces.pid, ThreadNameSpaceType::PROCESS_ID),
        (namespaces.uts, ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME),
        (namespaces.ipc, ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION),
        (namespaces.net, ThreadNameSpaceType::NETWORK),
        (namespaces.cgroup, ThreadNameSpaceType::CONTROL_GROUP),
    ];
    let own = all.iter().filter(|(own, _)| *own);
    own.fold(ThreadNameSpaceType::empty(), |all, (_, one)| all.union(*one))
}
