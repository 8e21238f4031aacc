//! In which hierarchies the caller's processes are, and where the caller's own group is in each.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::mountinfo::{self, CgroupMount};
use crate::place::{NotFound, Place, locate};
use crate::{Controller, Version, membership};

/// What the texts of `/proc` say, before any directory has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The unified hierarchy.
    pub v2: Result<Place, NotFound>,
    /// Whether nobody changes the limits of the group at the root of a cgroup namespace from inside, whoever owns its files
    /// (mount option nsdelegate of v2; cgroup-v2.rst, "Delegation").
    pub delegates: bool,
    /// The v1 hierarchies, each with those controllers that we know.
    pub v1: Vec<Legacy>,
}

/// A hierarchy of v1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legacy {
    /// Its controllers; several may be mounted together.
    pub controllers: Vec<Controller>,
    /// Where it is.
    pub place: Result<Place, NotFound>,
}

impl Layout {
    /// Reads the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`. Pure; any bytes will do.
    pub fn parse(mountinfo: &[u8], cgroup: &[u8]) -> Layout {
        let mounts: Vec<_> = mountinfo::cgroup_mounts(mountinfo).collect();
        let v2 = locate(mounts.iter().filter(|mount| mount.is_v2()), membership::v2(cgroup));
        let legacy = |(names, path)| {
            let controllers = known(names);
            let name = controllers.first()?.name(Version::V1);
            let place = locate(mounts.iter().filter(|mount| mount.is_v1_of(name)), Some(path));
            Some(Legacy { controllers, place })
        };
        let delegates = mounts.iter().any(CgroupMount::delegates);
        Layout { v2, delegates, v1: membership::v1(cgroup).filter_map(legacy).collect() }
    }

    /// The layout as the calling process sees it. What cannot be read cannot be used.
    pub fn detect() -> Layout {
        let [mountinfo, cgroup] = ["/proc/self/mountinfo", "/proc/self/cgroup"].map(read);
        Layout::parse(&mountinfo, &cgroup)
    }

    /// The v1 hierarchy of `controller`.
    pub fn v1_of(&self, controller: Controller) -> Option<&Legacy> {
        self.v1.iter().find(|legacy| legacy.controllers.contains(&controller))
    }
}

fn known(names: &[u8]) -> Vec<Controller> {
    let name = |name: &[u8]| Controller::named(std::str::from_utf8(name).ok()?, Version::V1);
    names.split(|&b| b == b',').filter_map(name).collect()
}

/// Reads a file of `/proc`, which gives a page at a time; room from the start spares the small reads by which a
/// buffer would grow.
fn read(path: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(16 << 10);
    match File::open(path).and_then(|mut file| file.read_to_end(&mut text)) {
        Ok(_) => text,
        Err(_) => Vec::new(),
    }
}

/// The controllers in a list of v2: `cgroup.controllers`, `cgroup.subtree_control`. The one of a group that is not there is
/// empty.
pub(crate) fn listed(file: &Path) -> Vec<Controller> {
    let list = fs::read_to_string(file).unwrap_or_default();
    list.split_ascii_whitespace().filter_map(|name| Controller::named(name, Version::V2)).collect()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
