//! Performs steps on control groups.

use crate::context::Context;
use ::cgroup::{Version, group};
use plan::cgroup::{Op, below};
use plan::limit::NotHeld;
use sys::Result;

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::Scope { scope, weights } => crate::scope::start(ctx, scope, *weights),
        Op::Attach { scope, group } => crate::scope::attach(ctx, scope, group),
        Op::MakeParent { directory } => made_by_anyone(directory),
        Op::StepAside { directory } => {
            group::make(directory)?;
            group::enter(&below(directory, "cgroup.procs"))
        }
        Op::Enable { file, controllers } => group::enable(file, controllers),
        Op::Make { directory, version, threaded, join, slot, .. } => {
            group::make(directory)?;
            if let Some(kind) = threaded {
                group::make_threaded(kind)?;
            }
            let handle = match version {
                Version::V1 => group::open_tasks(join),
                Version::V2 => group::open_dir(join),
            };
            ctx.fill(*slot, handle?);
            Ok(())
        }
        Op::Set { file, setting } => group::set(file, setting.value.as_bytes()),
        Op::Devices { directory, version, rules } => crate::devices::hold(directory, *version, rules),
        Op::Forgo { option } => {
            ctx.not_held
                .push(NotHeld { option, why: "this kernel does not have it, or refuses it".to_owned() });
            Ok(())
        }
        Op::Prove { proofs, best_effort } => crate::prove::perform(ctx, proofs, *best_effort),
        Op::Join { slots } => slots.iter().try_for_each(|slot| group::join(ctx.take(*slot)?)),
        Op::Namespace => sys::clone::unshare_cgroup(),
    }
}

/// Another container may have made it meanwhile.
fn made_by_anyone(directory: &std::ffi::CStr) -> Result<()> {
    match group::make(directory) {
        Err(sys::Errno::EXIST) => Ok(()),
        made => made,
    }
}
