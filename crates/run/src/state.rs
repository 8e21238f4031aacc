//! Performs steps on the state directory.

use crate::context::Context;
use crate::journal::{Journal, gc, reserve};
use crate::probe::state::ensure;
use plan::state::Op;
use rustix::process::geteuid;
use std::ffi::CStr;
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::TidyUp { root } => return tidy_up(ctx, root),
        Op::MakeRunDirectory { directory, journal } => {
            ctx.journal = Some(Journal::create(directory, journal)?);
        }
        Op::ReserveIds { lock, .. } => ctx.range = Some(reserve(lock)?),
    }
    Ok(())
}

fn tidy_up(ctx: &mut Context<'_>, root: &CStr) -> Result<()> {
    ensure(root, geteuid().as_raw()).map_err(|error| {
        ctx.error = Some(error);
        Errno::PERM
    })?;
    // What cannot be undone now is no reason not to start.
    ctx.left = gc(root).unwrap_or_default();
    Ok(())
}
