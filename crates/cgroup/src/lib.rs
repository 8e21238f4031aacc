//! Control groups: where they are, which can be made, and what is done with them.
//!
//! Read in this order:
//!
//! - [`Layout`]: in which hierarchy the caller's own group lies, and where, from two texts of `/proc`.
//! - [`Availability`]: whether a limited group can be made below that group, and which steps it takes.
//! - [`group`] and [`pids`]: those steps, one kernel action each; they allocate nothing.
//! - [`remove`]: the way back, which may be taken any number of times.
//! - [`systemd`]: how a place is had where the hierarchy is systemd's.
//!
//! Groups are made only below the caller's own group: a job that is itself limited must not get out of its
//! limits by starting a container.
//!
//! See cgroups(7), cgroup_namespaces(7), and the kernel's `admin-guide/cgroup-v2.rst`.

mod availability;
mod controller;
mod delegation;
pub mod group;
mod layout;
mod members;
mod membership;
mod mountinfo;
pub mod pids;
mod place;
mod remove;
pub mod systemd;

pub use availability::Availability;
pub use controller::{Controller, Group, Version};
pub use layout::{Found, Layout, offers_pids};
pub use place::{NotFound, Place};
pub use remove::{Busy, remove};
