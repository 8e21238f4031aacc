//! Every limit of `run`: how it is asked for, and by what the kernel shows that it is held.

use crate::container::{Container, Place};
use end_to_end::out;
use std::fs;
use testbed::groups::Groups;

/// A limit.
pub struct Row {
    /// How it stands in the table, as it is typed.
    pub limit: &'static str,
    /// An example. DISK is a disk of the host, FILE one with `resources`.
    pub options: &'static [&'static str],
    /// A section of the OCI specification.
    pub resources: &'static str,
    /// What shows that it is held; one is enough.
    pub shown: &'static [Shown],
}

/// What the kernel shows. NUMBERS are those of the disk.
pub enum Shown {
    /// A control file of the container's group; of several lines, this is one.
    File(&'static str, &'static str),
    /// A resource limit of the command (`proc_pid_limits(5)`).
    Limit(&'static str, &'static str),
    /// A file of the command in `/proc`.
    Process(&'static str, &'static str),
    /// What a script prints that is executed in the container.
    Prints(&'static str, &'static str),
}

use Shown::{File, Limit, Prints, Process};

impl Shown {
    /// Whether it is so for a container.
    pub fn is_so(&self, container: &Container<'_>, numbers: &str) -> bool {
        match self {
            File(name, line) => has_line(&container.groups(), name, &line.replace("NUMBERS", numbers)),
            Limit(name, limit) => {
                let limits = fs::read_to_string(format!("/proc/{}/limits", container.command()));
                let limits = limits.expect("the command runs");
                let shown = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                shown.split_ascii_whitespace().take(2).collect::<Vec<_>>().join(":") == *limit
            }
            Process(name, text) => {
                let shown = fs::read_to_string(format!("/proc/{}/{name}", container.command()));
                shown.is_ok_and(|shown| shown.trim() == *text)
            }
            Prints(script, text) => out(&container.exec(&["sh", "-c", script])).trim() == *text,
        }
    }
}

/// A file with one value, or with a line for each of several.
fn has_line(groups: &Groups, file: &str, line: &str) -> bool {
    groups.read(file).is_some_and(|text| text.lines().any(|shown| shown.trim() == line))
}

/// One of a plain option.
const fn row(limit: &'static str, options: &'static [&'static str], shown: &'static [Shown]) -> Row {
    Row { limit, options, resources: "{}", shown }
}

/// One that only a file can ask for.
const fn section(limit: &'static str, resources: &'static str, shown: &'static [Shown]) -> Row {
    Row { limit, options: &["--resources", "FILE"], resources, shown }
}

/// All of them, in the order of the table.
pub const ROWS: [Row; 35] = [
    row(
        "--memory",
        &["--memory", "64m"],
        &[File("memory.limit_in_bytes", "67108864"), File("memory.max", "67108864")],
    ),
    row(
        "--memory-swap",
        &["--memory", "64m", "--memory-swap", "96m"],
        &[File("memory.memsw.limit_in_bytes", "100663296"), File("memory.swap.max", "33554432")],
    ),
    row(
        "--memory-reservation",
        &["--memory-reservation", "32m"],
        &[File("memory.soft_limit_in_bytes", "33554432"), File("memory.low", "33554432")],
    ),
    row("--memory-high", &["--memory-high", "48m"], &[File("memory.high", "50331648")]),
    row("--memory-swappiness", &["--memory-swappiness", "10"], &[File("memory.swappiness", "10")]),
    row(
        "--oom-kill-disable",
        &["--memory", "64m", "--oom-kill-disable"],
        &[File("memory.oom_control", "oom_kill_disable 1")],
    ),
    row("--cpus", &["--cpus", "0.5"], &[File("cpu.cfs_quota_us", "50000"), File("cpu.max", "50000 100000")]),
    row(
        "--cpu-quota",
        &["--cpu-quota", "20000"],
        &[File("cpu.cfs_quota_us", "20000"), File("cpu.max", "20000 100000")],
    ),
    row(
        "--cpu-period",
        &["--cpu-period", "50000"],
        &[File("cpu.cfs_period_us", "50000"), File("cpu.max", "max 50000")],
    ),
    row(
        "--cpu-burst",
        &["--cpus", "0.5", "--cpu-burst", "10000"],
        &[File("cpu.cfs_burst_us", "10000"), File("cpu.max.burst", "10000")],
    ),
    row("--cpu-shares", &["--cpu-shares", "512"], &[File("cpu.shares", "512"), File("cpu.weight", "59")]),
    row("--cpu-rt-runtime", &["--cpu-rt-runtime", "1000"], &[File("cpu.rt_runtime_us", "1000")]),
    row(
        "--cpu-rt-period",
        &["--cpu-rt-period", "500000", "--cpu-rt-runtime", "1000"],
        &[File("cpu.rt_period_us", "500000")],
    ),
    row("--cpuset-cpus", &["--cpuset-cpus", "0"], &[File("cpuset.cpus", "0")]),
    row("--cpuset-mems", &["--cpuset-mems", "0"], &[File("cpuset.mems", "0")]),
    row(
        "--blkio-weight",
        &["--blkio-weight", "200"],
        &[
            File("blkio.bfq.weight", "200"),
            File("io.weight", "default 1920"),
            File("io.bfq.weight", "default 200"),
        ],
    ),
    row(
        "--blkio-weight-device",
        &["--blkio-weight-device", "DISK:200"],
        &[
            File("blkio.bfq.weight_device", "NUMBERS 200"),
            File("io.weight", "NUMBERS 1920"),
            File("io.bfq.weight", "NUMBERS 200"),
        ],
    ),
    row(
        "--device-read-bps",
        &["--device-read-bps", "DISK:1m"],
        &[
            File("blkio.throttle.read_bps_device", "NUMBERS 1048576"),
            File("io.max", "NUMBERS rbps=1048576 wbps=max riops=max wiops=max"),
        ],
    ),
    row(
        "--device-write-bps",
        &["--device-write-bps", "DISK:1m"],
        &[
            File("blkio.throttle.write_bps_device", "NUMBERS 1048576"),
            File("io.max", "NUMBERS rbps=max wbps=1048576 riops=max wiops=max"),
        ],
    ),
    row(
        "--device-read-iops",
        &["--device-read-iops", "DISK:50"],
        &[
            File("blkio.throttle.read_iops_device", "NUMBERS 50"),
            File("io.max", "NUMBERS rbps=max wbps=max riops=50 wiops=max"),
        ],
    ),
    row(
        "--device-write-iops",
        &["--device-write-iops", "DISK:50"],
        &[
            File("blkio.throttle.write_iops_device", "NUMBERS 50"),
            File("io.max", "NUMBERS rbps=max wbps=max riops=max wiops=50"),
        ],
    ),
    row("--pids-limit", &["--pids-limit", "20"], &[File("pids.max", "20"), Limit("Max processes", "20:20")]),
    row(
        "--device-cgroup-rule",
        &["--device-cgroup-rule", "c 1:11 w", "--device", "/dev/kmsg:/dev/kmsg:r"],
        &[Prints(": >> /dev/kmsg && echo opened", "opened")],
    ),
    row(
        "--cgroup-conf memory.min",
        &["--cgroup-conf", "memory.min=1048576"],
        &[File("memory.min", "1048576")],
    ),
    row(
        "--cgroup-conf hugetlb.2MB.max",
        &["--cgroup-conf", "hugetlb.2MB.max=4194304"],
        &[File("hugetlb.2MB.max", "4194304")],
    ),
    row(
        "--cgroup-conf rdma.max",
        &["--cgroup-conf", "rdma.max=mlx4_0 hca_handle=2"],
        &[File("rdma.max", "mlx4_0 hca_handle=2 hca_object=max")],
    ),
    row("--cgroup-conf misc.max", &["--cgroup-conf", "misc.max=sev 1"], &[File("misc.max", "sev 1")]),
    section(
        "--resources hugepageLimits",
        r#"{ "hugepageLimits": [{ "pageSize": "2MB", "limit": 4194304 }] }"#,
        &[File("hugetlb.2MB.limit_in_bytes", "4194304"), File("hugetlb.2MB.max", "4194304")],
    ),
    section(
        "--resources rdma",
        r#"{ "rdma": { "mlx4_0": { "hcaHandles": 2 } } }"#,
        &[File("rdma.max", "mlx4_0 hca_handle=2 hca_object=max")],
    ),
    section("--resources cpu.idle", r#"{ "cpu": { "idle": 1 } }"#, &[File("cpu.idle", "1")]),
    section(
        "--resources unified memory.oom.group",
        r#"{ "unified": { "memory.oom.group": "1" } }"#,
        &[File("memory.oom.group", "1")],
    ),
    row("--ulimit", &["--ulimit", "nofile=100:200"], &[Limit("Max open files", "100:200")]),
    row("--oom-score-adj", &["--oom-score-adj", "500"], &[Process("oom_score_adj", "500")]),
    row(
        "--shm-size",
        &["--shm-size", "8m"],
        &[Prints("stat -f -c '%S %b' /dev/shm | { read s b; echo $((s * b)); }", "8388608")],
    ),
    row(
        "--storage-opt size",
        &["--storage-opt", "size=16m"],
        &[Prints("dd if=/dev/zero of=/tmp/x bs=1M count=32 2> /dev/null || echo full", "full")],
    ),
];

/// All limits that `run --help` lists: what takes room, and what stands under the head of limits.
pub fn options(place: &Place) -> Vec<String> {
    let help = out(&place.containerception(&["run", "--help"]));
    let (_, limits) = help.split_once("\nLimits:\n").expect("a head");
    let lines = limits.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
    let words = lines.filter(|line| line.trim_start().starts_with('-'));
    let option = |line: &str| line.split([' ', ',']).find(|word| word.starts_with("--")).map(str::to_owned);
    words.filter_map(option).collect()
}
