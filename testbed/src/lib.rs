//! What tests and benchmarks stand on: kinds of users, scratch directories, root filesystems, and a look at what is
//! left behind.

pub mod caller;
pub mod chance;
pub mod groups;
pub mod kind;
pub mod leaks;
pub mod private;
pub mod processes;
pub mod rootfs;
pub mod scratch;
pub mod tools;
pub mod ways;
