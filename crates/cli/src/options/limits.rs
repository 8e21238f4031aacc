//! The limits, as docker's options have them: for a new container, and for one that runs.

#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "these comments are help texts, whose brackets are grammar"
)]

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// How much of the machine a container may use.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// The most memory: 512m, 2g; beyond it the kernel ends a process of the container
    #[arg(short, long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory: Option<String>,
    /// The most memory and swap together, or -1 (default: twice the memory)
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory_swap: Option<String>,
    /// Memory that is left alone while others have more to give
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory_reservation: Option<String>,
    /// Memory from which on allocations are slowed down (cgroup v2)
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory_high: Option<String>,
    /// How readily memory is swapped: 0 to 100 (cgroup v1)
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub memory_swappiness: Option<String>,
    /// Let processes wait for memory instead of ending one (cgroup v1)
    #[arg(long)]
    pub oom_kill_disable: bool,
    /// The most CPU time: 1.5 is that of one CPU and a half
    #[arg(long, value_name = "N", allow_hyphen_values = true, conflicts_with_all = ["cpu_quota", "cpu_period"])]
    pub cpus: Option<String>,
    /// The most microseconds of CPU time in a period, or -1
    #[arg(long, value_name = "MICROSECONDS", allow_hyphen_values = true)]
    pub cpu_quota: Option<String>,
    /// The period of --cpu-quota, in microseconds (default: 100000)
    #[arg(long, value_name = "MICROSECONDS", allow_hyphen_values = true)]
    pub cpu_period: Option<String>,
    /// Microseconds of unused quota that may be saved up
    #[arg(long, value_name = "MICROSECONDS", allow_hyphen_values = true)]
    pub cpu_burst: Option<String>,
    /// The share of CPU time where it is short: 2 to 262144, others have 1024
    #[arg(short, long, value_name = "N", allow_hyphen_values = true)]
    pub cpu_shares: Option<String>,
    /// Microseconds of real-time scheduling in a period (cgroup v1)
    #[arg(long, value_name = "MICROSECONDS", allow_hyphen_values = true)]
    pub cpu_rt_runtime: Option<String>,
    /// The period of --cpu-rt-runtime, in microseconds (cgroup v1)
    #[arg(long, value_name = "MICROSECONDS", allow_hyphen_values = true)]
    pub cpu_rt_period: Option<String>,
    /// The CPUs on which it may run: 0-1,4
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub cpuset_cpus: Option<String>,
    /// The memory nodes that it may use: 0
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub cpuset_mems: Option<String>,
    /// The share of the time of block devices: 10 to 1000
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub blkio_weight: Option<String>,
    /// The same for one device: /dev/sda:200
    #[arg(long, value_name = "DEV:N")]
    pub blkio_weight_device: Vec<String>,
    /// The most bytes read from a device in a second: /dev/sda:10m
    #[arg(long, value_name = "DEV:SIZE")]
    pub device_read_bps: Vec<String>,
    /// The most bytes written to a device in a second
    #[arg(long, value_name = "DEV:SIZE")]
    pub device_write_bps: Vec<String>,
    /// The most reads from a device in a second: /dev/sda:100
    #[arg(long, value_name = "DEV:N")]
    pub device_read_iops: Vec<String>,
    /// The most writes to a device in a second
    #[arg(long, value_name = "DEV:N")]
    pub device_write_iops: Vec<String>,
    /// The most processes: a number, or -1 for no limit (default 2048)
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub pids_limit: Option<String>,
    /// Allow devices: type, numbers, access, such as 'c 1:3 rwm'
    #[arg(long, value_name = "RULE")]
    pub device_cgroup_rule: Vec<String>,
    /// Write to a file of cgroup v2 by its name: memory.min=64m
    #[arg(long, value_name = "FILE=VALUE")]
    pub cgroup_conf: Vec<String>,
    /// Limits from a file: the resources section of an OCI config.json; - reads stdin
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub resources: Option<PathBuf>,
    /// Go on without limits that cannot be held here, and tell which
    #[arg(long)]
    pub best_effort: bool,
}

/// Limits that are set once, when a container is made.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub struct Fixed {
    /// A limit of each process by itself: nofile=1024:2048, or core=0
    #[arg(long, value_name = "NAME=SOFT[:HARD]")]
    pub ulimit: Vec<String>,
    /// The size of /dev/shm, memory that processes share: 1g (default: 64m)
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub shm_size: Option<String>,
    /// How willingly the kernel ends it where the machine lacks memory: -1000 to 1000
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub oom_score_adj: Option<String>,
    /// Make the control groups below this one, or in this slice of systemd's
    #[arg(long, value_name = "GROUP")]
    pub cgroup_parent: Option<String>,
    /// Who makes the group: auto, cgroupfs (containerception itself), or systemd
    #[arg(long, value_name = "WHO")]
    pub cgroup_manager: Option<String>,
}
