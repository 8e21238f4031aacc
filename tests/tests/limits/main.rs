//! Limits: what was asked for is what the kernel holds, measured from outside; or it is refused, and nothing is left.

mod container;
mod cpu;
mod cpuset;
mod layout;
mod memory;
mod pids;
