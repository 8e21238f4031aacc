//! Performs steps on namespaces.

use crate::context::Context;
use plan::namespace::Op;
use rustix::fd::AsFd;
use rustix::thread::{
    LinkNameSpaceType, ThreadNameSpaceType, move_into_link_name_space, move_into_thread_name_spaces,
};
use sys::Result;

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::HostName { name } => rustix::system::sethostname(name.as_bytes()),
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
