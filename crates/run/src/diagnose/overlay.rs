//! Why the kernel refuses an overlay: it answers EINVAL to all that does not fit, and tells the rest to its own log.

use crate::probe;
use plan::facts::OnDisk;
use plan::mount::Op;
use plan::{Plan, Why};
use spec::catalogue::MOUNT_REFUSED;
use spec::error::Error;
use std::borrow::Cow;
use std::ffi::CStr;

/// OVERLAYFS_SUPER_MAGIC of `statfs(2)`.
const OVERLAY: u64 = 0x794c_7630;

/// What is wrong with the layers of an overlay, as far as it can be seen from here.
pub(super) fn refused(plan: &Plan, op: &Op) -> Option<Error> {
    let Op::New { kind, options, .. } = op else { return None };
    if *kind != c"overlay" {
        return None;
    }
    if let Some((on_disk, why)) = disk(plan)
        && on_disk.parents.last().is_some_and(|parent| is_overlay(parent))
    {
        return Some(upper(on_disk, why));
    }
    if let Some(rootfs) = rootfs(plan) {
        let fix = "run it in place, without --ephemeral; or keep it in a volume of the container around: -v DIR:/srv/root";
        return mounts_below(rootfs).or_else(|| is_overlay(rootfs).then(|| stacked(rootfs, fix)));
    }
    let lower = options.iter().find(|(name, _)| name.as_c_str() == c"lowerdir").map(|(_, path)| path)?;
    is_overlay(lower).then(|| stacked(lower, "give the container a root filesystem of its own: --rootfs DIR"))
}

/// That other file systems are mounted below a root filesystem that is to be copied, if there are any.
pub(super) fn mounts_below(rootfs: &CStr) -> Option<Error> {
    let shown = rootfs.to_string_lossy();
    probe::mounts_below(&probe::read("/proc/self/mountinfo", 16 << 20).ok()?, rootfs).then(|| {
        Error::new(MOUNT_REFUSED, format!("{shown} cannot be copied on write"))
            .why("other file systems are mounted below it, and what they cover would come to light")
            .fix(format!(
                "findmnt --submounts {shown} shows them; give a directory without, or leave out --ephemeral"
            ))
    })
}

/// Where the container writes to disk, and why.
pub(super) fn disk(plan: &Plan) -> Option<(&OnDisk, &Why)> {
    plan.steps.iter().find_map(|step| match &step.op {
        plan::Op::State(plan::state::Op::MakeStorage { on_disk, .. }) => Some((on_disk, &step.why)),
        _ => None,
    })
}

/// The directory of all containers on disk: that of this boot lies in it.
pub(super) fn place(on_disk: &OnDisk) -> Cow<'_, str> {
    on_disk.parents.iter().rev().nth(1).unwrap_or(&on_disk.directory).to_string_lossy()
}

/// The root filesystem that was given.
fn rootfs(plan: &Plan) -> Option<&CStr> {
    plan.steps.iter().find_map(|step| match (&step.op, &step.why) {
        (plan::Op::Mount(Op::Take { source, .. }), Why::Asked("--rootfs")) => Some(source.as_c_str()),
        _ => None,
    })
}

fn is_overlay(path: &CStr) -> bool {
    rustix::fs::statfs(path).is_ok_and(|found| found.f_type as u64 == OVERLAY)
}

fn upper(on_disk: &OnDisk, why: &Why) -> Error {
    let place = place(on_disk);
    let mount =
        format!("give the container around -v DIR:{place}, DIR with mode 0700 and, as root, with :idmap");
    let fix = if matches!(why, Why::Asked(_)) { format!("leave out medium=disk, or {mount}") } else { mount };
    Error::new(MOUNT_REFUSED, "what the container writes cannot lie on this disk")
        .why(format!("{place} lies on an overlay, to which no other overlay can write"))
        .fix(fix)
}

fn stacked(layer: &CStr, fix: &str) -> Error {
    Error::new(MOUNT_REFUSED, format!("{} cannot be copied on write once more", layer.to_string_lossy()))
        .why("it lies on an overlay that is stacked on another, and the kernel stacks no third")
        .fix(fix)
}
