//! Decides how what a container writes to disk is bounded, and refuses where nothing could hold it.

use super::Builder;
use crate::facts::{FileSystem, Kernel, OnDisk, Projects};
use crate::identity::Source;
use crate::limit::NotHeld;
use crate::quota::{Op, Quota};
use crate::{Actor, Why};
use spec::Storage;
use spec::catalogue::LIMIT_NOT_AVAILABLE;
use spec::error::{Error, Result};

/// quotactl_fd(2) is there since this kernel.
const BY_DESCRIPTOR: Kernel = Kernel(5, 14);
/// Limits are in whole blocks of a file system, of which none has larger ones (xfs).
const BLOCK: u64 = 1 << 16;
/// As tmpfs has it: a file for each page.
const FILE: u64 = 4096;

/// Why a limit cannot be held, and what to do.
type Lack = (String, String);

/// That what is written to disk is bounded, if that was asked for.
///
/// # Errors
/// `LIMIT_NOT_AVAILABLE` where nothing could hold it.
pub(super) fn check(b: &Builder<'_>) -> Result<()> {
    match lack(b) {
        Some((why, fix)) if b.spec.storage.size().is_some() && !b.spec.best_effort => {
            Err(Error::new(LIMIT_NOT_AVAILABLE, "--storage-opt size= cannot be held on disk here")
                .why(why)
                .fix(fix))
        }
        _ => Ok(()),
    }
}

/// The quota of the directory, if a size was asked for and can be held.
pub(super) fn of(b: &mut Builder<'_>, on_disk: &OnDisk) -> Option<Quota> {
    let size = b.spec.storage.size()?;
    if let Some((why, _)) = lack(b) {
        b.not_held.push(NotHeld { option: "--storage-opt size=", why });
        return None;
    }
    let bytes = (size / BLOCK).max(1) * BLOCK;
    let project = b.facts.free_range.as_ref()?.first;
    Some(Quota { directory: on_disk.directory.clone(), project, bytes, files: bytes / FILE })
}

/// Sets it, and makes sure of it.
pub(super) fn hold(b: &mut Builder<'_>, quota: Quota) {
    b.step(Actor::Runtime, Op::Hold(quota.clone()), Why::Asked("--storage-opt size="));
    b.step(Actor::Runtime, Op::Prove(quota), Why::SoThat("what was asked for is what is held"));
}

fn lack(b: &Builder<'_>) -> Option<Lack> {
    let caller = &b.facts.caller;
    // The first id of a range that is locked names the project.
    let reserved = b.ids.as_ref().is_some_and(|ids| ids.source == Source::Reserved);
    if !caller.initial || !caller.can_mount {
        let why = "only root of the host may bound what a directory holds";
        return Some((why.to_owned(), format!("run it as root of the host; {}", instead(b))));
    }
    if !reserved {
        let why = "without a user namespace, root inside could give its files to another project";
        return Some((why.to_owned(), format!("leave out --userns host, or --pass; {}", instead(b))));
    }
    if b.facts.kernel < BY_DESCRIPTOR {
        let why = "quotas can be set by a descriptor since Linux 5.14";
        return Some((why.to_owned(), instead(b)));
    }
    match &b.facts.disk {
        Some(file_system) => lack_of(file_system).map(|(why, fix)| (why, format!("{fix}; {}", instead(b)))),
        None => Some(("what it lies on cannot be found out".to_owned(), instead(b))),
    }
}

/// What a file system lacks that could hold projects to a limit.
fn lack_of(FileSystem { kind, device, mount_point, projects }: &FileSystem) -> Option<Lack> {
    let without = |what: &str| format!("{mount_point} is {kind} {what}");
    Some(match (kind.as_str(), projects) {
        (_, Projects::Held) => return None,
        (_, Projects::Counted) => (
            without("mounted without the option prjquota: it counts what projects have, and holds none to a limit"),
            format!("quotaon -P {mount_point}, and prjquota in /etc/fstab for the next time"),
        ),
        ("xfs", Projects::Unknown) => (
            without("mounted without the option prjquota"),
            "unmount it, and mount it with prjquota; for / add rootflags=prjquota to the kernel's command line".to_owned(),
        ),
        ("ext4", Projects::Unknown) => (
            without("without the feature project, or the kernel lacks CONFIG_QFMT_V2"),
            format!("tune2fs -O project,quota -Q prjquota {device} while it is not mounted, and mount it with prjquota"),
        ),
        (_, Projects::Unknown) => (
            without("which has no quotas of projects"),
            "mount ext4 or xfs on /var/lib/containerception, with prjquota".to_owned(),
        ),
    })
}

/// What can be had in its place.
fn instead(b: &Builder<'_>) -> String {
    match b.spec.storage {
        Storage::Disk(_) => "or leave out medium=disk: what lies in memory is bounded".to_owned(),
        Storage::Memory(_) => "or leave it out, or run this on Linux 6.6 or newer".to_owned(),
    }
}
