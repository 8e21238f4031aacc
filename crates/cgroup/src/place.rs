//! A hierarchy and the caller's own group in it.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use crate::mountinfo::CgroupMount;

/// Where a hierarchy is mounted, and the directory of the caller's own group below that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The mount point.
    pub mount: PathBuf,
    /// The directory of the caller's own group, absolute; the mount point itself if that is the group.
    pub own: PathBuf,
}

/// Why there is no [`Place`] for a hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFound {
    /// The kernel has no such hierarchy, or it is mounted nowhere.
    NotMounted,
    /// It is mounted, but the caller's own group lies outside of what the mounts show, or its name cannot be
    /// known: after `unshare --cgroup` the old mounts show only that it is somewhere below.
    OutOfSight,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotFound::NotMounted => "not mounted",
            NotFound::OutOfSight => "mounted, but the own group is not to be seen there",
        })
    }
}

/// The group that `parent` names in the hierarchy of `place`.
pub(crate) fn resolve(place: &Place, parent: &Path) -> PathBuf {
    match parent.strip_prefix("/") {
        Ok(absolute) => place.mount.join(absolute),
        Err(_) => place.own.join(parent),
    }
}

/// The place of the group with this `path` (of `/proc/self/cgroup`) among the `mounts` of its hierarchy.
///
/// Of several mounts, one in the usual directory wins, since a copy elsewhere may go away while the group is
/// still to be removed; and of those the last, which hides the ones before it.
pub(crate) fn locate<'a>(
    mounts: impl Iterator<Item = &'a CgroupMount<'a>>,
    path: Option<&Path>,
) -> Result<Place, NotFound> {
    let mut mounts = mounts.peekable();
    let path = path.filter(|_| mounts.peek().is_some()).ok_or(NotFound::NotMounted)?;
    mounts
        .filter_map(|mount| {
            let (mount, own) = (mount.point(), own_below(&mount.root(), path)?);
            Some(Place { own: join(&mount, own), mount })
        })
        .max_by_key(|place| place.mount.starts_with("/sys/fs/cgroup"))
        .ok_or(NotFound::OutOfSight)
}

/// The way from the `root` of a mount down to the group `path`.
///
/// The kernel gives both relative to the reader's cgroup namespace, with leading `..` for what lies above it
/// (cgroup_namespaces(7)). So they can be compared name by name; but no name is known for a way down through
/// a `..`, and a group beside the root is not in the mount at all.
fn own_below<'a>(root: &Path, path: &'a Path) -> Option<&'a Path> {
    let own = path.strip_prefix(root).ok()?;
    own.components().all(|name| matches!(name, Component::Normal(_))).then_some(own)
}

/// As [`Path::join`], without the slash that it leaves after nothing.
fn join(mount: &Path, own: &Path) -> PathBuf {
    if own.as_os_str().is_empty() { mount.to_owned() } else { mount.join(own) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below<'a>(root: &str, path: &'a str) -> Option<&'a str> {
        own_below(Path::new(root), Path::new(path)).and_then(Path::to_str)
    }

    #[test]
    fn the_root_of_the_mount_is_above_the_group() {
        assert_eq!(below("/", "/"), Some(""));
        assert_eq!(below("/", "/user.slice/x.scope"), Some("user.slice/x.scope"));
        assert_eq!(below("/docker/1f", "/docker/1f"), Some(""));
        assert_eq!(below("/docker/1f", "/docker/1f/a"), Some("a"));
    }

    #[test]
    fn the_root_of_the_mount_is_elsewhere() {
        assert_eq!(below("/docker/1f", "/docker/2f"), None);
        assert_eq!(below("/docker/1", "/docker/12"), None);
        assert_eq!(below("/docker/1f", "/"), None);
    }

    #[test]
    fn above_the_namespace_names_are_known_only_for_a_common_way() {
        assert_eq!(below("/..", "/../sibling"), Some("sibling"));
        assert_eq!(below("/../..", "/../../a/b"), Some("a/b"));
        assert_eq!(below("/..", "/"), None, "the namespace's own name is unknown");
        assert_eq!(below("/../..", "/../a"), None);
        assert_eq!(below("/", "/../sibling"), None, "beside the mount");
        assert_eq!(below("/..", "/../../a"), None);
    }
}
