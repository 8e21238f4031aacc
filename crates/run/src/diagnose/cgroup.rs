//! What it means where a step on control groups fails.

use super::{cause, general};
use plan::cgroup::Op;
use plan::limit::{Setting, name_of, size};
use plan::{Plan, Tell};
use spec::catalogue::{CGROUP_REFUSED, LIMIT_REFUSED, PIDS_LIMIT_REFUSED};
use spec::error::Error;
use std::ffi::{CStr, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(crate) fn diagnose(op: &Op, errno: i32) -> Error {
    match op {
        // Each of these means more here than elsewhere.
        Op::Set { file, setting } => set(file, setting, errno),
        Op::Devices { .. } => devices(errno),
        _ => general(errno).filter(|_| errno != libc::ENOSPC).unwrap_or_else(|| refused(op, errno)),
    }
}

/// What a start takes of the container's memory: 600 KiB were measured, and pages are larger elsewhere.
const LEAST: u64 = 4 << 20;

/// That the limit of memory leaves too little to start in, if it may be so.
pub(crate) fn too_little_memory(plan: &Plan) -> Option<Error> {
    let limit = plan.steps.iter().find_map(|step| match &step.op {
        plan::Op::Cgroup(Op::Set { setting, .. }) => match &*setting.file {
            "memory.max" | "memory.limit_in_bytes" => setting.value.parse::<u64>().ok(),
            _ => None,
        },
        _ => None,
    })?;
    (limit < LEAST).then(|| {
        Error::new(LIMIT_REFUSED, format!("{} of memory are too little for a container", size(limit)))
            .why("its start takes some 600 KiB, and the command what it needs")
            .fix("give it more by --memory: 6m is little, 64m is much for a shell")
    })
}

/// What the group above has of a set, for the file of the set in a group.
fn above(file: &CStr) -> Option<String> {
    let file = Path::new(OsStr::from_bytes(file.to_bytes()));
    let name = file.file_name()?.to_str().filter(|name| ["cpuset.cpus", "cpuset.mems"].contains(name))?;
    let group = file.parent()?.parent()?;
    // That of v2 is empty where nothing was asked for, and the effective one is what there is.
    let names = [format!("{name}.effective"), format!("cpuset.effective_{}", &name["cpuset.".len()..])];
    let read = |name: &String| fs::read_to_string(group.join(name)).ok();
    Some(names.iter().find_map(read)?.trim().to_owned())
}

/// A value that is not taken.
pub(crate) fn set(file: &CStr, setting: &Setting, errno: i32) -> Error {
    let (option, name) = (setting.option, name_of(file));
    if let Some(error) = general(errno).filter(|_| !matches!(errno, libc::ENOSPC | libc::EBUSY)) {
        return error;
    }
    let error = if option == "--pids-limit" {
        Error::new(PIDS_LIMIT_REFUSED, "the limit of processes cannot be set")
    } else {
        Error::new(LIMIT_REFUSED, format!("{option} cannot be held here"))
    };
    let value = &setting.value;
    match errno {
        libc::ENOENT => {
            error.why(format!("this kernel has no {name} in such a group")).fix(missing_option(&name))
        }
        libc::EINVAL | libc::ERANGE | libc::ENODEV => {
            let above = above(file).map_or_else(String::new, |set| format!("; the group above has {set}"));
            error
                .why(format!("the kernel does not take {value:?} for {name}{above}"))
                .fix("choose a value that this machine and the groups above have; cat the file there")
        }
        libc::EBUSY => error
            .why(format!("more than {value} is in use, and nothing of it can be taken back"))
            .fix("end what uses it, or choose a higher limit"),
        libc::EACCES if setting.file.starts_with("cpuset.") => error
            .why(format!("the group above does not have all of {value}"))
            .fix("cat cpuset.cpus and cpuset.mems of the group above: a part of that can be given"),
        _ => error
            .why(format!("{name} was given {value:?}, and {}", cause(errno)))
            .fix("containerception explain CX5003 tells what each limit needs; --best-effort goes without"),
    }
}

fn devices(errno: i32) -> Error {
    let error = Error::new(LIMIT_REFUSED, "--device-cgroup-rule cannot be held here");
    match errno {
        libc::EPERM => error
            .why("a group above does not have all of these devices, or this process may load no program for them")
            .fix("allow only what cat /sys/fs/cgroup/devices/devices.list of your own group shows"),
        libc::EINVAL => error
            .why("this kernel has no programs for devices (CONFIG_CGROUP_BPF)")
            .fix("leave the rules out, or add --best-effort to go without"),
        _ => general(errno).filter(|_| errno != libc::ENOSPC).unwrap_or_else(|| {
            error.why(cause(errno)).fix("containerception explain CX5003 tells what each limit needs")
        }),
    }
}

/// What a kernel needs to have a file.
fn missing_option(file: &str) -> String {
    let needs = match file.split('.').take(2).collect::<Vec<_>>()[..] {
        ["io", "weight" | "bfq"] => "CONFIG_BLK_CGROUP_IOCOST or CONFIG_BFQ_GROUP_IOSCHED",
        ["blkio", "bfq"] => "CONFIG_BFQ_GROUP_IOSCHED",
        ["memory", "swap" | "memsw"] => "CONFIG_SWAP, and not swapaccount=0 on its command line",
        ["hugetlb", _] => "CONFIG_CGROUP_HUGETLB, and pages of that size",
        ["cpu", "rt_runtime_us" | "rt_period_us"] => "CONFIG_RT_GROUP_SCHED",
        ["cpu", "max" | "cfs_quota_us" | "cfs_period_us"] => "CONFIG_CFS_BANDWIDTH",
        ["cpu", "idle"] => "Linux 5.15 or newer",
        _ => return "leave it out, or add --best-effort to go without".to_owned(),
    };
    format!("it takes a kernel with {needs}; leave the limit out, or add --best-effort to go without")
}

fn refused(op: &Op, errno: i32) -> Error {
    let error = Error::new(CGROUP_REFUSED, format!("cannot {}", op.title()));
    let elsewhere =
        "name another group by --cgroup-parent, or have systemd make one: --cgroup-manager systemd";
    match (op, errno) {
        // A cpuset without CPUs or memory nodes takes nobody in (cpuset(7)).
        (Op::Join { .. }, libc::ENOSPC) => error
            .why("its cpuset has no CPUs or no memory nodes any more")
            .fix("cat cpuset.cpus and cpuset.mems of the group above shows what is left there"),
        // mem_cgroup_alloc in the kernel's memcontrol.c: 65,535 with memory.
        (_, libc::ENOSPC) => error
            .why("there are as many groups as the kernel takes: 65,535 of them can count memory")
            .fix("cat /proc/cgroups shows how many there are; remove those that nobody uses"),
        (_, libc::EAGAIN) => error
            .why("cgroup.max.descendants or cgroup.max.depth of a group above is reached")
            .fix("raise it there, or name another group by --cgroup-parent"),
        (Op::Enable { .. }, libc::EBUSY) => {
            error.why("a group of v2 that has processes passes on no controller").fix(elsewhere)
        }
        (_, libc::ENOENT | libc::ENODEV) => {
            error.why("it is gone, or does not have the controller itself").fix(elsewhere)
        }
        (_, libc::EROFS) => error.why("control groups are mounted read-only here").fix(elsewhere),
        (_, libc::EOPNOTSUPP) => {
            error.why("its group above is of another kind, threaded or not").fix(elsewhere)
        }
        _ => error.why(cause(errno)).fix(elsewhere),
    }
}
