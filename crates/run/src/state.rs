//! Performs steps on the state directory.

use crate::context::Context;
use crate::journal::{Journal, reserve};
use plan::state::Op;
use sys::Result;

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::MakeRunDirectory { directory, journal } => {
            ctx.journal = Some(Journal::create(directory, journal)?);
        }
        Op::ReserveIds { lock, .. } => ctx.range = Some(reserve(lock)?),
    }
    Ok(())
}
