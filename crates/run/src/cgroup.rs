//! Performs steps on control groups.

use crate::context::Context;
use ::cgroup::{group, pids};
use plan::cgroup::Op;
use sys::Result;

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::Make { directory, enable, threaded, limit_file, limit, join, slot } => {
            if let Some(subtree_control) = enable {
                pids::enable(subtree_control)?;
            }
            group::make(directory)?;
            if let Some(kind) = threaded {
                group::make_threaded(kind)?;
            }
            pids::set_max(limit_file, *limit)?;
            let handle = if join == directory { group::open_dir(join) } else { group::open_tasks(join) };
            ctx.fill(*slot, handle?);
            Ok(())
        }
        Op::Join { slot } => group::join(ctx.take(*slot)?),
        Op::Namespace => sys::clone::unshare_cgroup(),
    }
}
