//! Controllers, versions, and the group of a container in one hierarchy.

use std::ffi::CString;
use std::fmt;

/// The version of a hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// One of several, each with its controllers (cgroups(7), "cgroups version 1").
    V1,
    /// The unified one.
    V2,
}

/// What a group can limit or count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Controller {
    /// Time on the CPUs; on v1 `cpuacct`, which counts it, is a controller of its own.
    Cpu,
    /// Counting of CPU time (v1 only).
    Cpuacct,
    /// Which CPUs and memory nodes.
    Cpuset,
    /// Memory.
    Memory,
    /// Block devices; `blkio` on v1.
    Io,
    /// Processes.
    Pids,
    /// Huge pages.
    Hugetlb,
    /// RDMA.
    Rdma,
    /// What has no controller of its own (v2 only).
    Misc,
    /// Devices that may be opened; on v2 no controller, but programs attached to the group.
    Devices,
    /// Stopping all at once; on v2 part of every group.
    Freezer,
}

impl Controller {
    /// All of them.
    pub const ALL: [Controller; 11] = [
        Controller::Cpu,
        Controller::Cpuacct,
        Controller::Cpuset,
        Controller::Memory,
        Controller::Io,
        Controller::Pids,
        Controller::Hugetlb,
        Controller::Rdma,
        Controller::Misc,
        Controller::Devices,
        Controller::Freezer,
    ];

    /// Its name in a hierarchy of `version`, as `/proc/self/cgroup` and `cgroup.controllers` have it.
    pub fn name(self, version: Version) -> &'static str {
        match self {
            Controller::Cpu => "cpu",
            Controller::Cpuacct => "cpuacct",
            Controller::Cpuset => "cpuset",
            Controller::Memory => "memory",
            Controller::Io if version == Version::V1 => "blkio",
            Controller::Io => "io",
            Controller::Pids => "pids",
            Controller::Hugetlb => "hugetlb",
            Controller::Rdma => "rdma",
            Controller::Misc => "misc",
            Controller::Devices => "devices",
            Controller::Freezer => "freezer",
        }
    }

    /// The option of the kernel's configuration with which there is one (`init/Kconfig`).
    pub fn option(self) -> &'static str {
        match self {
            Controller::Cpu => "CONFIG_CGROUP_SCHED",
            Controller::Cpuacct => "CONFIG_CGROUP_CPUACCT",
            Controller::Cpuset => "CONFIG_CPUSETS",
            Controller::Memory => "CONFIG_MEMCG",
            Controller::Io => "CONFIG_BLK_CGROUP",
            Controller::Pids => "CONFIG_CGROUP_PIDS",
            Controller::Hugetlb => "CONFIG_CGROUP_HUGETLB",
            Controller::Rdma => "CONFIG_CGROUP_RDMA",
            Controller::Misc => "CONFIG_CGROUP_MISC",
            Controller::Devices => "CONFIG_CGROUP_DEVICE",
            Controller::Freezer => "CONFIG_CGROUP_FREEZER",
        }
    }

    /// Whether it can be had in a threaded group of v2 (cgroup-v2.rst, "Threads"). What is no controller needs none.
    pub fn is_threaded(self) -> bool {
        matches!(self, Controller::Cpu | Controller::Cpuset | Controller::Pids) || self.is_core()
    }

    /// Whether every group of v2 has it, without a controller.
    pub fn is_core(self) -> bool {
        matches!(self, Controller::Devices | Controller::Freezer | Controller::Cpuacct)
    }

    /// The controller of that name in a hierarchy of `version`.
    pub fn named(name: &str, version: Version) -> Option<Controller> {
        Controller::ALL.into_iter().find(|controller| controller.name(version) == name)
    }
}

impl fmt::Display for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name(Version::V2))
    }
}

/// A group of a container: in one hierarchy, with the controllers that are on there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The version of the hierarchy.
    pub version: Version,
    /// What it limits and counts.
    pub controllers: Vec<Controller>,
    /// Its directory, absolute.
    pub directory: CString,
}
