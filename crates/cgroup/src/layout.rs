//! In which hierarchy the caller's processes are counted, and where the caller's own group is in it.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::place::{NotFound, Place, locate};
use crate::{membership, mountinfo};

/// Where the pids controller is, and the caller's own group there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// The unified hierarchy, and the own group may use the pids controller.
    V2 {
        /// The mount point.
        mount: PathBuf,
        /// The directory of the caller's own group, absolute.
        own: PathBuf,
    },
    /// The v1 hierarchy of the pids controller.
    V1Pids {
        /// The mount point.
        mount: PathBuf,
        /// The directory of the caller's own group, absolute.
        own: PathBuf,
    },
    /// Neither can be used.
    None {
        /// The cause, for people.
        why: String,
    },
}

/// What the texts of `/proc` say, before any directory has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The unified hierarchy.
    pub v2: Result<Place, NotFound>,
    /// The v1 hierarchy of the pids controller.
    pub v1_pids: Result<Place, NotFound>,
}

impl Found {
    /// Reads the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`. Pure; any bytes will do.
    pub fn parse(mountinfo: &[u8], cgroup: &[u8]) -> Found {
        let mounts: Vec<_> = mountinfo::cgroup_mounts(mountinfo).collect();
        let (v2, v1) = (membership::v2(cgroup), membership::v1(cgroup, "pids"));
        Found {
            v2: locate(mounts.iter().filter(|mount| mount.is_v2()), v2),
            v1_pids: locate(mounts.iter().filter(|mount| mount.is_v1_of("pids")), v1),
        }
    }

    /// The hierarchy to use: v2 if `offers_pids` says so of the own group there, else v1. On a hybrid host
    /// v2 is mounted as well, but a controller is in one hierarchy only.
    pub fn choose(self, offers_pids: impl FnOnce(&Path) -> bool) -> Layout {
        let v2 = match self.v2 {
            Ok(Place { mount, own }) if offers_pids(&own) => return Layout::V2 { mount, own },
            Ok(place) => format!("{} does not offer pids", place.own.display()),
            Err(cause) => cause.to_string(),
        };
        match self.v1_pids {
            Ok(Place { mount, own }) => Layout::V1Pids { mount, own },
            Err(v1) => Layout::None { why: format!("cgroup v2: {v2}; v1 pids: {v1}") },
        }
    }
}

impl Layout {
    /// The layout as the calling process sees it. Never fails: what cannot be read cannot be used.
    pub fn detect() -> Layout {
        match (read_text("/proc/self/mountinfo"), read_text("/proc/self/cgroup")) {
            (Ok(mountinfo), Ok(cgroup)) => Found::parse(&mountinfo, &cgroup).choose(offers_pids),
            (Err(why), _) | (_, Err(why)) => Layout::None { why },
        }
    }
}

/// Reads a file of `/proc`, which gives a page at a time; room from the start spares the small reads by which a
/// buffer would grow.
fn read_text(path: &str) -> Result<Vec<u8>, String> {
    let mut text = Vec::with_capacity(16 << 10);
    let read = File::open(path).and_then(|mut file| file.read_to_end(&mut text));
    read.map(|_| text).map_err(|error| format!("{path}: {error}"))
}

/// Whether the parent of the v2 group `own` has passed the pids controller on to it.
pub fn offers_pids(own: &Path) -> bool {
    lists_pids(&own.join("cgroup.controllers"))
}

/// Whether a list of controllers (`cgroup.controllers`, `cgroup.subtree_control`) has pids in it. The one of a
/// group that is not there has not.
pub(crate) fn lists_pids(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|list| list.split_ascii_whitespace().any(|name| name == "pids"))
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
