//! Performs steps on namespaces.

use crate::context::Context;
use crate::procfs::ProcFs;
use plan::Op as AnyOp;
use plan::namespace::Op;
use rustix::fd::AsFd;
use rustix::thread::{
    LinkNameSpaceType, ThreadNameSpaceType, move_into_link_name_space, move_into_thread_name_spaces,
};
use spec::Namespaces;
use std::ffi::CStr;
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::HostName { name } => rustix::system::sethostname(name.as_bytes()),
        Op::GoWithout { .. } => Ok(()),
        Op::Hold { namespaces } => hold(ctx, *namespaces),
        Op::VisitMounts { back } => {
            let own = ctx.proc()?.namespace(c"self/ns/mnt")?;
            ctx.fill(*back, own);
            move_into_thread_name_spaces(ctx.pidfd()?, ThreadNameSpaceType::MOUNT)
        }
        Op::Return { back } => {
            let own = ctx.take(*back)?;
            move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::Mount))
        }
    }
}

/// Opens them in the `/proc` that was mounted a moment ago: that of the container, or else the outer one.
fn hold(ctx: &mut Context<'_>, namespaces: Namespaces) -> Result<()> {
    let proc = ProcFs::open_at(c"proc")?;
    for (place, name) in ctx.held.iter_mut().zip(namespaces.names()) {
        let (path, length) = crate::procfs::path("self", format_args!("ns/{name}"))?;
        let path = CStr::from_bytes_until_nul(&path[..=length]).map_err(|_| Errno::INVAL)?;
        *place = Some(proc.namespace(path)?);
    }
    Ok(())
}

/// Returns to the own mount namespace, if a step failed while the runtime visited the container's: what is undone next
/// is named by the host's paths.
pub(crate) fn end_visit(ctx: &mut Context<'_>) {
    let back = ctx.plan.steps.iter().find_map(|step| match &step.op {
        AnyOp::Namespace(Op::VisitMounts { back }) => Some(*back),
        _ => None,
    });
    if let Some(back) = back {
        // EBADF: there was no visit, or it has ended.
        let _ = perform(ctx, &Op::Return { back });
    }
}
