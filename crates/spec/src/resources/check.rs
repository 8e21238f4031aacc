//! What does not fit together, over all limits of a container.

use super::Resources;
use crate::catalogue::CONFLICT;
use crate::error::{Error, Result};

impl Resources {
    /// Whether what was asked for fits together: all of it, an update together with what holds already. Defaults are
    /// filled in afterwards; they give way to what was said.
    ///
    /// # Errors
    /// `CONFLICT`.
    pub fn check(&self) -> Result<()> {
        self.memory.check()?;
        self.cpu.check()?;
        match self.unified.iter().find(|(file, _)| self.writes(file)) {
            None => Ok(()),
            Some((file, _)) => Err(Error::new(CONFLICT, format!("{file} is set twice"))
                .why("another limit is written to the same control file")
                .fix("leave out one of the two")),
        }
    }

    /// Whether a limit other than the raw entries is written to this control file of cgroup v2.
    fn writes(&self, file: &str) -> bool {
        let Resources { memory, cpu, io, pids, hugetlb, rdma, .. } = self;
        let throttled = |device: &super::IoDevice| {
            device.read_bps.or(device.write_bps).or(device.read_iops).or(device.write_iops).is_some()
        };
        match file {
            "memory.max" => memory.max.is_some(),
            "memory.high" => memory.high.is_some(),
            "memory.low" => memory.low.is_some(),
            "memory.swap.max" => memory.with_swap.is_some(),
            "memory.oom.group" => memory.oom_group.is_some(),
            "cpu.max" => cpu.quota.is_some() || cpu.period.is_some(),
            "cpu.max.burst" => cpu.burst.is_some(),
            "cpu.weight" | "cpu.weight.nice" => cpu.shares.is_some(),
            "cpu.idle" => cpu.idle.is_some(),
            "cpuset.cpus" => cpu.cpus.is_some(),
            "cpuset.mems" => cpu.mems.is_some(),
            "io.weight" | "io.bfq.weight" => {
                io.weight.is_some() || io.devices.iter().any(|device| device.weight.is_some())
            }
            "io.max" => io.devices.iter().any(throttled),
            "pids.max" => pids.is_some(),
            "rdma.max" => !rdma.is_empty(),
            _ => hugetlb.iter().any(|pages| {
                let rest = file.strip_prefix("hugetlb.").and_then(|rest| rest.strip_prefix(&*pages.size));
                matches!(rest, Some(".max" | ".rsvd.max"))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{BlockDevice, Bound, Cpu, HugePages, Io, IoDevice, Memory, Rdma, Set};

    /// Every limit that has a control file of cgroup v2.
    fn everything() -> Resources {
        let at = Some(Bound::At(1_000_000));
        let device = IoDevice::new(BlockDevice::Number { major: 8, minor: 0 });
        Resources {
            memory: Memory {
                max: at,
                high: at,
                low: at,
                with_swap: at,
                oom_group: Some(true),
                ..Memory::default()
            },
            cpu: Cpu {
                quota: at,
                burst: Some(0),
                shares: Some(2),
                idle: Some(false),
                cpus: Some(Set(vec![(0, 0)])),
                mems: Some(Set(vec![(0, 0)])),
                ..Cpu::default()
            },
            io: Io { weight: Some(10), devices: vec![IoDevice { write_iops: at, ..device }] },
            pids: at,
            hugetlb: vec![HugePages { size: "2MB".into(), limit: Bound::At(0) }],
            rdma: vec![Rdma { device: "mlx5_1".into(), handles: at, objects: None }],
            ..Resources::default()
        }
    }

    #[test]
    fn a_control_file_is_set_once() {
        for file in [
            "memory.max",
            "memory.high",
            "memory.low",
            "memory.swap.max",
            "memory.oom.group",
            "cpu.max",
            "cpu.max.burst",
            "cpu.weight",
            "cpu.weight.nice",
            "cpu.idle",
            "cpuset.cpus",
            "cpuset.mems",
            "io.weight",
            "io.bfq.weight",
            "io.max",
            "pids.max",
            "rdma.max",
            "hugetlb.2MB.max",
            "hugetlb.2MB.rsvd.max",
        ] {
            let unified = vec![(file.to_owned(), "1".to_owned())];
            assert_eq!(
                Resources { unified: unified.clone(), ..Resources::default() }.check(),
                Ok(()),
                "{file}"
            );
            let error = Resources { unified, ..everything() }.check().unwrap_err();
            assert!(error.code == CONFLICT && error.what.contains(file), "{file}: {error}");
        }
    }

    #[test]
    fn other_control_files_may_be_set_beside() {
        let files =
            ["memory.min", "memory.swap.high", "hugetlb.1GB.max", "hugetlb.2MB", "misc.max", "io.latency"];
        let unified = files.map(|file| (file.to_owned(), "1".to_owned())).to_vec();
        assert_eq!(Resources { unified, ..everything() }.check(), Ok(()));
    }

    #[test]
    fn each_kind_of_limits_is_looked_at() {
        let memory = Memory { no_oom_kill: Some(true), ..Memory::default() };
        assert_eq!(Resources { memory, ..Resources::default() }.check().unwrap_err().code, CONFLICT);
        let cpu = Cpu { burst: Some(1), ..Cpu::default() };
        assert_eq!(Resources { cpu, ..Resources::default() }.check().unwrap_err().code, CONFLICT);
    }
}
