//! Limits: what was asked for is what the kernel holds, measured from outside; or it is refused, and nothing is left.

mod by_name;
mod container;
mod cpu;
mod cpuset;
mod devices;
mod disk;
mod each_process;
mod events;
mod inspect;
mod io;
mod killed;
mod layout;
mod many;
mod memory;
mod parent;
mod pause;
mod pids;
mod refused;
mod rows;
mod stats;
mod storage;
mod table;
mod typed;
mod update;
