//! Decides where that goes which a container writes over a root filesystem that is copied on write: memory, or disk.

use super::mount::{in_memory, options};
use super::{Builder, quota};
use crate::facts::Kernel;
use crate::identity::Ids;
use crate::mount::{Attributes, Op, Place};
use crate::{Actor, Why, state};
use spec::Storage;
use spec::catalogue::STATE_DIRECTORY;
use spec::error::{Error, Result};

/// The default bound of the writable layer: a tenth of the memory, at most this many bytes.
const MOST: u64 = 1 << 30;

/// tmpfs has extended attributes of users since this kernel.
const USER_ATTRIBUTES: Kernel = Kernel(6, 6);

impl Builder<'_> {
    /// Whether the overlays keep their notes in `user.*` attributes, the only ones that can be written in a user
    /// namespace (Linux 5.11).
    pub(super) fn has_user_attributes(&self) -> bool {
        self.ids.is_some() && !self.runtime_mounts()
    }

    /// Why what is written goes to a directory on disk, if it does. Without its notes an overlay cannot tell a directory
    /// that was made anew from the one that it hides, and refuses to make it (EIO).
    pub(super) fn why_disk(&self) -> Option<Why> {
        if !self.copies_on_write() {
            None
        } else if matches!(self.spec.storage, Storage::Disk(_)) {
            Some(Why::Asked("--storage-opt medium=disk"))
        } else if self.has_user_attributes() && self.facts.kernel < USER_ATTRIBUTES {
            Some(Why::Host("tmpfs has no attributes of users, which came with Linux 6.6"))
        } else {
            None
        }
    }
}

/// Refuses what could not be held, or has no place.
///
/// # Errors
/// `LIMIT_NOT_AVAILABLE`, `STATE_DIRECTORY`.
pub(super) fn check(b: &Builder<'_>) -> Result<()> {
    match (b.why_disk(), &b.facts.state.on_disk) {
        (None, _) => Ok(()),
        (Some(_), None) => {
            Err(Error::new(STATE_DIRECTORY, "there is no place on disk for what the container writes")
                .why("neither XDG_DATA_HOME nor HOME is an absolute path")
                .fix("set XDG_DATA_HOME to a directory of your own"))
        }
        (Some(_), Some(_)) => quota::check(b),
    }
}

/// Makes the directory on disk, if there is to be one.
pub(crate) fn reserve(b: &mut Builder<'_>) {
    let (Some(why), Some(on_disk)) = (b.why_disk(), b.facts.state.on_disk.clone()) else { return };
    let quota = quota::of(b, &on_disk);
    let unbounded = if quota.is_none() { ", and nothing bounds it" } else { "" };
    let shown = on_disk.directory.to_string_lossy();
    b.note(format!("what the container writes lies in {shown} until it ends{unbounded}"));
    let owner = b.ids.as_ref().map(Ids::root).filter(|_| b.facts.caller.can_set_ids);
    b.step(Actor::Runtime, state::Op::MakeStorage { on_disk, owner }, why);
    if let Some(quota) = quota {
        quota::hold(b, quota);
    }
}

/// Memory for the writable layer.
pub(super) fn memory(b: &mut Builder<'_>, actor: Actor, at: Place) {
    let mut pairs = in_memory("0755", bound(b));
    if let Some((uid, gid)) = b.owner(actor) {
        pairs.extend(options(&[("uid", &uid.to_string()), ("gid", &gid.to_string())]));
    }
    b.step(
        actor,
        Op::New { kind: c"tmpfs", options: pairs, attributes: Attributes::NO_DEV, at, enter: true },
        Why::Container,
    );
}

/// The bound of what the container may write to memory, in bytes.
pub(super) fn bound(b: &Builder<'_>) -> u64 {
    let asked = if let Storage::Memory(size) = b.spec.storage { size } else { None };
    asked.unwrap_or_else(|| (b.facts.memory / 10).min(MOST)).max(1 << 16)
}
