//! Performs steps on control groups.

use crate::context::Context;
use ::cgroup::{Version, group};
use plan::cgroup::{DESCENDANTS, INSIDE, Op, PAYLOAD, below, delegated, handed, payload};
use plan::limit::NotHeld;
use rustix::fs::{CWD, Dir, FileType, Gid, Mode, OFlags, Uid, chown, openat};
use std::ffi::CStr;
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
        Op::Make { directory, version, below: most, threaded, join, slot, .. } => {
            group::make(directory)?;
            if let Some(most) = most {
                group::set(&below(directory, DESCENDANTS), most.to_string().as_bytes())?;
            }
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
        Op::HandDown { directory, version, owner, payload: slot } => {
            if let Some(slot) = slot {
                group::make(&below(directory, PAYLOAD))?;
                ctx.fill(*slot, group::open_tasks(&payload(directory))?);
            }
            group::make(&below(directory, INSIDE))?;
            owner.map_or(Ok(()), |owner| hand_down(directory, *version, owner))
        }
        Op::EnterPayload { slot } => group::join(ctx.take(*slot)?),
        Op::ShareOut { file, controllers } => group::enable(file, controllers),
        Op::Keep { directory, version, owner } => keep(directory, *version, *owner),
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

fn hand_down(directory: &CStr, version: Version, (uid, gid): (u32, u32)) -> Result<()> {
    let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    handed(directory, version).iter().try_for_each(|path| chown(&**path, uid, gid))
}

/// Whoever joins writes to one of those that are delegated, as that root.
fn keep(directory: &CStr, version: Version, owner: u32) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let files = Dir::new(openat(CWD, directory, flags, Mode::empty())?)?;
    for file in files {
        let file = file?;
        let name = file.file_name().to_string_lossy();
        if file.file_type() == FileType::RegularFile && !delegated(version).contains(&&*name) {
            chown(below(directory, &name), Some(Uid::from_raw(owner)), None)?;
        }
    }
    Ok(())
}

/// Another container may have made it meanwhile.
fn made_by_anyone(directory: &CStr) -> Result<()> {
    match group::make(directory) {
        Err(sys::Errno::EXIST) => Ok(()),
        made => made,
    }
}
