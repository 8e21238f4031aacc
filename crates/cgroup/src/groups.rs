//! The groups that can be made for a container: a plain value, found by [`choose`](crate::choose).

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::{Controller, Manager, Version};

/// What is made for a container, and what cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    /// The unit of systemd's in which the group of v2 is made.
    pub scope: Option<Scope>,
    /// Whether nobody changes the limits of the group at the root of a cgroup namespace from inside ([`Layout::delegates`]).
    ///
    /// [`Layout::delegates`]: crate::Layout::delegates
    pub delegates: bool,
    /// One group each.
    pub hierarchies: Vec<Hierarchy>,
    /// The controllers that were wanted and cannot be had.
    pub missing: Vec<Missing>,
}

/// A transient unit of systemd's, delegated to us (`systemd.scope(5)`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Whose it is.
    pub manager: Manager,
    /// Its name.
    pub unit: String,
    /// The slice that it is part of.
    pub slice: String,
    /// The directory of its group.
    pub directory: CString,
    /// The controllers that are delegated, by their names.
    pub controllers: Vec<&'static str>,
}

/// A group in one hierarchy, and what it takes to make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// The version.
    pub version: Version,
    /// Those of the wanted controllers that are on here.
    pub controllers: Vec<Controller>,
    /// Groups above it that are not there yet, from the top.
    pub parents: Vec<CString>,
    /// The group above it.
    pub parent: CString,
    /// The group.
    pub directory: CString,
    /// Controllers that must first be enabled for the children of the parent (v2). They stay enabled: taking them back
    /// would lift the limits of whoever else has made a group there meanwhile.
    pub enable: Vec<Controller>,
    /// Whether it must be made a threaded group before it is joined, since its parent has processes (v2).
    pub threaded: bool,
    /// The group beside it into which the runtime moves first, so that the parent has no processes (v2).
    pub aside: Option<CString>,
    /// The CPUs and memory nodes of the parent, which a new group of v1 must be given before anyone can join it.
    pub cpuset: Option<[String; 2]>,
}

/// A controller that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Which.
    pub controller: Controller,
    /// The cause, for people.
    pub why: String,
}

impl Groups {
    /// The version of the hierarchy in which `controller` is on.
    pub fn version_of(&self, controller: Controller) -> Option<Version> {
        self.hierarchy_of(controller).map(|hierarchy| hierarchy.version)
    }

    /// The hierarchy in which `controller` is on.
    pub fn hierarchy_of(&self, controller: Controller) -> Option<&Hierarchy> {
        self.hierarchies.iter().find(|hierarchy| hierarchy.controllers.contains(&controller))
    }

    /// Why `controller` cannot be had, if it was wanted.
    pub fn why_not(&self, controller: Controller) -> Option<&str> {
        self.missing.iter().find(|missing| missing.controller == controller).map(|missing| &*missing.why)
    }
}

impl Groups {
    pub(crate) fn miss<'a>(&mut self, controllers: impl IntoIterator<Item = &'a Controller>, why: &str) {
        let missing = |controller: &Controller| Missing { controller: *controller, why: why.to_owned() };
        self.missing.extend(controllers.into_iter().map(missing));
    }

    /// All of `controllers` are missing.
    pub(crate) fn none<'a>(controllers: impl IntoIterator<Item = &'a Controller>, why: &str) -> Groups {
        let mut groups = Groups::default();
        groups.miss(controllers, why);
        groups
    }
}

/// A group called `name` below `parent`, with nothing to be done before it is made.
pub(crate) fn plain(version: Version, controllers: Vec<Controller>, parent: &Path, name: &str) -> Hierarchy {
    Hierarchy {
        version,
        controllers,
        parents: missing_above(parent),
        parent: c_string(parent),
        directory: c_string(&parent.join(name)),
        enable: Vec::new(),
        threaded: false,
        aside: None,
        cpuset: None,
    }
}

/// `path` and the directories above it that are not there, from the top.
fn missing_above(path: &Path) -> Vec<CString> {
    let mut missing: Vec<CString> =
        path.ancestors().take_while(|path| !path.exists()).map(c_string).collect();
    missing.reverse();
    missing
}

/// Paths come from `/proc` and the command line, and have no NUL.
pub(crate) fn c_string(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap_or_default()
}
