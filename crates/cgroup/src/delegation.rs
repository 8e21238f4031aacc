//! Whether a v2 group is the caller's to arrange, or systemd's.
//!
//! systemd is the only writer of the groups of its units, save of those that it has delegated. In others it
//! takes a controller away that somebody else has enabled: with systemd 252, `systemctl daemon-reload` turns
//! `+pids` back in a scope without `Delegate=`, and the groups below lose their limit without a word.
//! <https://systemd.io/CGROUP_DELEGATION>

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::getxattr;

/// Whether the group `own`, below `mount`, may be arranged by us: no systemd has to do with it, or one has
/// delegated it or a group above it, or it belongs to a user other than root, and so was given away.
pub(crate) fn is_ours(mount: &Path, own: &Path) -> bool {
    !is_below_unit(mount, own) || is_marked(mount, own) || belongs_to_user(own)
}

/// Whether the group is one of a systemd unit or below one: such groups have the unit's name.
fn is_below_unit(mount: &Path, own: &Path) -> bool {
    let is_unit = |name: &OsStr| {
        [".scope", ".service", ".slice"].iter().any(|suffix| name.as_bytes().ends_with(suffix.as_bytes()))
    };
    own.strip_prefix(mount).is_ok_and(|groups| groups.iter().any(is_unit))
}

/// Whether systemd has marked the group or one above it as delegated, for all to read (since systemd 251 and
/// Linux 5.7) or for root.
fn is_marked(mount: &Path, own: &Path) -> bool {
    let has = |group: &Path, mark: &str| matches!(getxattr(group, mark, &mut [0_u8; 1]), Ok(1));
    own.ancestors()
        .take_while(|group| group.starts_with(mount))
        .any(|group| has(group, "user.delegate") || has(group, "trusted.delegate"))
}

/// Delegation to a user is by ownership; and systemd 252 as a user's manager sets no marks.
fn belongs_to_user(own: &Path) -> bool {
    std::fs::metadata(own).is_ok_and(|group| group.uid() != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below_unit(own: &str) -> bool {
        is_below_unit(Path::new("/sys/fs/cgroup"), Path::new(own))
    }

    #[test]
    fn groups_of_units_are_known_by_their_names() {
        assert!(below_unit("/sys/fs/cgroup/user.slice/user-0.slice/session-3.scope"));
        assert!(below_unit("/sys/fs/cgroup/system.slice/build.service/job"));
        assert!(!below_unit("/sys/fs/cgroup"));
        assert!(!below_unit("/sys/fs/cgroup/docker/1f3a"));
        assert!(!below_unit("/sys/fs/cgroup/a.scope.old"));
    }

    #[test]
    fn the_mount_point_is_not_part_of_the_group() {
        assert!(!is_below_unit(Path::new("/srv/x.service/cg"), Path::new("/srv/x.service/cg/job")));
    }
}
