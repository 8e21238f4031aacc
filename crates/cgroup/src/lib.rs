//! Control groups: where they are, which can be made, and what is done with them.
//!
//! Read in this order:
//!
//! - [`Layout`]: in which hierarchy the caller's own group lies, and where, from two texts of `/proc`.
//! - [`Availability`]: whether a limited group can be made below that group, and which steps it takes.
//! - [`group`] and [`pids`]: those steps, one kernel action each; they allocate nothing.
//! - [`stats`], [`events`]: what is read while a container lives; [`freeze`], [`adopt`]: what is done with it
//!   meanwhile.
//! - [`death`]: why it has died, as far as the kernel has to do with it.
//! - [`remove`], [`remove_all`]: the way back, which may be taken any number of times.
//!
//! Groups are made only below the caller's own group: a job that is itself limited must not get out of its
//! limits by starting a container.
//!
//! See cgroups(7), cgroup_namespaces(7), and the kernel's `admin-guide/cgroup-v2.rst`.

pub mod adopt;
mod availability;
mod controller;
pub mod death;
mod delegation;
pub mod events;
mod events_file;
mod file;
pub mod freeze;
pub mod group;
mod layout;
mod members;
mod membership;
mod mountinfo;
mod opened;
pub mod pids;
mod place;
mod remove;
pub mod stats;
mod text;
mod tree;

pub use availability::Availability;
pub use controller::{Controller, Group, Version};
pub use layout::{Found, Layout, offers_pids};
pub use opened::Unread;
pub use place::{NotFound, Place};
pub use remove::{Busy, remove, remove_all};
