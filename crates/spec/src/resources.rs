//! How much of the machine a container may use, as docker's options and the OCI `linux.resources` section have it.
//!
//! `None` everywhere: nothing is asked for, and nothing is changed. Units are those of the OCI runtime specification
//! (`config-linux.md`, "Control groups"): bytes, microseconds, and shares as cgroup v1 has them.

mod check;
mod cpu;
mod io;
mod memory;
mod set;

use std::ffi::CString;

/// A number that something may not exceed, or that nothing bounds it, which is more than any number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Bound {
    /// At most so much.
    At(u64),
    /// No bound: `max` on cgroup v2, `-1` on v1 and in the OCI section.
    Unlimited,
}

/// All limits of a container.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Resources {
    /// Memory and swap.
    pub memory: Memory,
    /// Time on the CPUs.
    pub cpu: Cpu,
    /// Block devices.
    pub io: Io,
    /// Processes and threads.
    pub pids: Option<Bound>,
    /// Huge pages, a limit for each size.
    pub hugetlb: Vec<HugePages>,
    /// RDMA, a limit for each device.
    pub rdma: Vec<Rdma>,
    /// Devices that may be made and opened, in order: later rules win. Empty: nothing is asked for.
    pub devices: Vec<crate::device::Rule>,
    /// Control files of cgroup v2 by their names, each with one line that is written to it, in order. A name can come
    /// again: `io.max` takes a line for each device.
    pub unified: Vec<(String, String)>,
}

/// Limits of memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Memory {
    /// The most bytes; beyond it the kernel reclaims, then kills.
    pub max: Option<Bound>,
    /// Bytes from which on allocations are slowed down (v2 only).
    pub high: Option<Bound>,
    /// Bytes that are not reclaimed while others have more to give: `memory.low`, or the soft limit of v1.
    pub low: Option<Bound>,
    /// The most bytes of memory and swap together, as docker and v1 count them.
    pub with_swap: Option<Bound>,
    /// How readily memory is swapped, 0 to 100 (v1 only).
    pub swappiness: Option<u8>,
    /// Whether at the limit all processes of the container are killed together (v2 only).
    pub oom_group: Option<bool>,
    /// Whether at the limit processes wait instead of being killed (v1 only).
    pub no_oom_kill: Option<bool>,
}

/// Limits of CPU time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cpu {
    /// Microseconds of CPU time in each period.
    pub quota: Option<Bound>,
    /// The period, in microseconds.
    pub period: Option<u64>,
    /// Microseconds that unused quota may be saved up to.
    pub burst: Option<u64>,
    /// The share of CPU time when there is not enough, as v1 counts: 2 to 262144, usually 1024.
    pub shares: Option<u64>,
    /// Whether it runs only when nothing else wants to.
    pub idle: Option<bool>,
    /// Microseconds of real-time scheduling in each real-time period (v1 only).
    pub realtime_runtime: Option<i64>,
    /// That period, in microseconds (v1 only).
    pub realtime_period: Option<u64>,
    /// The CPUs on which it may run.
    pub cpus: Option<Set>,
    /// The memory nodes from which it may have memory.
    pub mems: Option<Set>,
}

/// Limits of block devices.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Io {
    /// The share of the devices' time, 10 to 1000.
    pub weight: Option<u16>,
    /// For each device.
    pub devices: Vec<IoDevice>,
}

/// Limits of one block device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IoDevice {
    /// Which.
    pub device: BlockDevice,
    /// The share of its time, 10 to 1000.
    pub weight: Option<u16>,
    /// The most bytes read in a second.
    pub read_bps: Option<Bound>,
    /// The most bytes written in a second.
    pub write_bps: Option<Bound>,
    /// The most reads in a second.
    pub read_iops: Option<Bound>,
    /// The most writes in a second.
    pub write_iops: Option<Bound>,
}

/// A block device, as somebody names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlockDevice {
    /// By its file on the host.
    Path(CString),
    /// By its numbers.
    Number {
        /// The kind of device.
        major: u32,
        /// Which one of its kind.
        minor: u32,
    },
}

/// A limit of huge pages of one size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HugePages {
    /// The size, as the kernel writes it in the names of control files: `2MB`, `1GB`.
    pub size: String,
    /// The most bytes.
    pub limit: Bound,
}

/// Limits of an RDMA device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rdma {
    /// Its name.
    pub device: String,
    /// The most handles.
    pub handles: Option<Bound>,
    /// The most objects.
    pub objects: Option<Bound>,
}

/// A set of CPUs or memory nodes, sorted, without gaps between neighbours that touch: `0-1,4` (`cpuset(7)`, "List format").
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Set(pub Vec<(u32, u32)>);
