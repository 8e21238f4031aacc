//! What is wanted of control groups.

use std::path::Path;

use crate::Controller;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The controllers.
    pub wanted: &'a [Controller],
    /// Who makes the groups.
    pub driver: Driver,
    /// Below which they are made; the caller's own, if nothing is said.
    pub parent: Option<Parent<'a>>,
    /// Where the groups are that the container around the caller has handed down, by the name of a controller of v1 each, or
    /// [`UNIFIED`].
    pub handed_down: Option<&'a Path>,
    /// The name of the group.
    pub name: &'a str,
    /// The effective user id of the caller, as systemd knows it: nothing in another user namespace than systemd's.
    pub uid: Option<u32>,
}

/// The name of the group of v2 among those that are handed down.
pub const UNIFIED: &str = "unified";

/// Who makes a group of v2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Driver {
    /// We, if the caller's own group is the caller's to arrange; else systemd.
    #[default]
    Auto,
    /// We.
    Cgroupfs,
    /// systemd.
    Systemd,
}

/// Where a group is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent<'a> {
    /// A group: with a leading slash from the root of each hierarchy, else from the caller's own.
    Path(&'a Path),
    /// A slice of systemd's.
    Slice(&'a str),
}
