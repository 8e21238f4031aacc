//! Control groups: where they are, which can be made, and what is done with them.
//!
//! Read in this order:
//!
//! - [`Layout`]: which hierarchies there are, and where the caller's own group is in each, from two texts of `/proc`.
//! - [`choose`]: which groups can be made for a container, and which steps it takes ([`Groups`]).
//! - [`systemd`]: how a place is had where the hierarchy is systemd's.
//! - [`group`]: those steps, one kernel action each; they allocate nothing.
//! - [`devices`]: rules for devices, which each version holds in its own way.
//! - [`stats`], [`events`]: what is read while a container lives; [`freeze`], [`adopt`]: what is done with it meanwhile.
//! - [`death`]: why it has died, as far as the kernel has to do with it.
//! - [`remove`], [`remove_all`]: the way back, which may be taken any number of times.
//!
//! Groups are made below the caller's own group wherever that can be: a job that is itself limited must not get out of its
//! limits by starting a container.
//!
//! See cgroups(7), cgroup_namespaces(7), and the kernel's `admin-guide/cgroup-v2.rst`.

mod access;
pub mod adopt;
mod choice;
mod controller;
pub mod death;
mod delegation;
pub mod devices;
pub mod events;
mod events_file;
mod file;
pub mod freeze;
pub mod group;
mod groups;
mod layout;
mod legacy;
mod members;
mod membership;
mod mountinfo;
mod opened;
mod place;
mod remove;
mod request;
mod scope;
pub mod stats;
pub mod systemd;
mod text;
mod tree;
mod unified;

pub use access::may_enter;
pub use choice::choose;
pub use controller::{Controller, Group, Version};
pub use groups::{Groups, Hierarchy, Missing, Scope};
pub use layout::{Layout, Legacy};
pub use opened::Unread;
pub use place::{NotFound, Place};
pub use remove::{Busy, remove, remove_all};
pub use request::{Driver, Parent, Request, UNIFIED};
pub use systemd::Manager;
