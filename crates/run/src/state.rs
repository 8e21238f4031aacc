//! Performs steps on the state directory.

use crate::context::Context;
use crate::journal::{Journal, gc, reserve};
use crate::probe::state::ensure;
use crate::storage;
use plan::state::Op;
use rustix::process::geteuid;
use spec::error::Error;
use std::ffi::CStr;
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::TidyUp { root } => return tidy_up(ctx, root),
        Op::MakeJournal { journal } => ctx.journal = Some(Journal::create(journal)?),
        Op::ReserveIds { lock, .. } => ctx.range = Some(reserve(lock)?),
        Op::MakeStorage { on_disk, owner } => {
            storage::make(on_disk, *owner, geteuid().as_raw()).map_err(|error| keep(ctx, error))?;
        }
    }
    Ok(())
}

fn tidy_up(ctx: &mut Context<'_>, root: &CStr) -> Result<()> {
    let uid = geteuid().as_raw();
    ensure(root, uid).map_err(|error| keep(ctx, error))?;
    // What cannot be undone now is no reason not to start.
    ctx.left = gc(root).unwrap_or_default();
    ctx.left.extend(storage::gc(uid));
    Ok(())
}

/// Keeps an error that says more than an errno.
fn keep(ctx: &mut Context<'_>, error: Error) -> Errno {
    ctx.error = Some(error);
    Errno::PERM
}
