//! The root filesystem and the kernel's filesystems in it.

use crate::Container;
use crate::during::During;
use crate::ids::{Ids, write};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FileType, Mode, mkdirat, mknodat, symlinkat};
use rustix::mount::{
    MountFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_bind, mount_remount, move_mount,
    open_tree, unmount,
};
use rustix::process::{fchdir, pivot_root};
use std::ffi::CStr;
use std::io;

/// What none of these may carry: set-user-ID programs, devices, programs.
const INERT: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV).union(MountFlags::NOEXEC);

/// Directories and files of `/proc` that docker hides, and those that it makes read-only.
const HIDDEN_DIRECTORIES: [&CStr; 3] = [c"proc/acpi", c"proc/asound", c"proc/scsi"];
const HIDDEN_FILES: [&CStr; 7] = [
    c"proc/interrupts",
    c"proc/kcore",
    c"proc/keys",
    c"proc/latency_stats",
    c"proc/sched_debug",
    c"proc/timer_list",
    c"proc/timer_stats",
];
const READ_ONLY: [&CStr; 5] = [c"proc/bus", c"proc/fs", c"proc/irq", c"proc/sys", c"proc/sysrq-trigger"];

/// The nodes of the host that are bound: `mknod(2)` makes no devices in a user namespace.
const NODES: [(&CStr, &CStr); 6] = [
    (c"/dev/null", c"dev/null"),
    (c"/dev/zero", c"dev/zero"),
    (c"/dev/full", c"dev/full"),
    (c"/dev/random", c"dev/random"),
    (c"/dev/urandom", c"dev/urandom"),
    (c"/dev/tty", c"dev/tty"),
];
const LINKS: [(&CStr, &CStr); 5] = [
    (c"/proc/self/fd", c"dev/fd"),
    (c"/proc/self/fd/0", c"dev/stdin"),
    (c"/proc/self/fd/1", c"dev/stdout"),
    (c"/proc/self/fd/2", c"dev/stderr"),
    (c"pts/ptmx", c"dev/ptmx"),
];

/// The directory `root` as a detached mount.
pub fn tree(root: &str) -> io::Result<OwnedFd> {
    open_tree(CWD, root, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC).during(root)
}

/// Makes the container's root and everything in it, and leaves the host's behind.
///
/// `/` need not be made private first: mounts copied into a user namespace of its own receive, but do not send.
pub fn enter(container: &Container) -> io::Result<()> {
    let made_here = if container.tree.is_none() { Some(tree(&container.root)?) } else { None };
    if let Some(tree) = container.tree.as_ref().or(made_here.as_ref()) {
        move_mount(tree, c"", CWD, c"/", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
            .during("attach the root")?;
        fchdir(tree).during("enter the root")?;
    }
    std::mem::forget(made_here);
    dev(&container.ids)?;
    proc(&container.ids)?;
    sys(container.limit.group())?;
    // Both in one place: the old root lies on the new one, and the working directory is already the latter.
    pivot_root(c".", c".").during("pivot_root")?;
    unmount(c".", UnmountFlags::DETACH).during("detach the old root")
}

fn dev(ids: &Ids) -> io::Result<()> {
    let no_programs = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount(c"tmpfs", c"dev", c"tmpfs", no_programs, c"mode=755,size=64k").during("dev")?;
    for (outer, inner) in NODES {
        mknodat(CWD, inner, FileType::RegularFile, Mode::RUSR, 0).during("a place for a node")?;
        mount_bind(outer, inner).during("bind a node")?;
    }
    for (target, link) in LINKS {
        symlinkat(target, CWD, link).during("a link in dev")?;
    }
    // Group 5 is tty; a single id has no such group.
    let pts = match ids {
        Ids::Single(..) => c"newinstance,ptmxmode=0666,mode=0620",
        Ids::Shifted | Ids::Range(..) => c"newinstance,ptmxmode=0666,mode=0620,gid=5",
    };
    directory(c"dev/pts")?;
    mount(c"devpts", c"dev/pts", c"devpts", no_programs, pts).during("dev/pts")?;
    directory(c"dev/shm")?;
    mount(c"shm", c"dev/shm", c"tmpfs", INERT, c"mode=1777,size=64m").during("dev/shm")?;
    directory(c"dev/mqueue")?;
    hidden_proc()?;
    mount(c"mqueue", c"dev/mqueue", c"mqueue", INERT, c"").during("dev/mqueue")
}

/// One without masks, which the next mount hides: a nested container may mount its own `/proc` only where the kernel
/// sees one whole.
fn hidden_proc() -> io::Result<()> {
    directory(c"dev/mqueue/proc")?;
    mount(c"proc", c"dev/mqueue/proc", c"proc", INERT, c"").during("a hidden proc")
}

/// `/proc` with docker's masks.
fn proc(ids: &Ids) -> io::Result<()> {
    mount(c"proc", c"proc", c"proc", INERT, c"").during("proc")?;
    let groups = match ids {
        Ids::Single(..) => "0 0",
        Ids::Shifted | Ids::Range(..) => "0 65535",
    };
    write("proc/sys/net/ipv4/ping_group_range", groups)?;
    for path in HIDDEN_DIRECTORIES {
        if_present(
            mount(c"tmpfs", path, c"tmpfs", INERT | MountFlags::RDONLY, c"size=0k")
                .during("hide a directory"),
        )?;
    }
    for path in HIDDEN_FILES {
        if_present(mount_bind(c"/dev/null", path).during("hide a file"))?;
    }
    for path in READ_ONLY {
        if_present(mount_bind(path, path).during("bind a part of proc"))?;
        let remounted = mount_remount(path, MountFlags::BIND | MountFlags::RDONLY | INERT, c"");
        if_present(remounted.during("a part of proc read-only"))?;
    }
    Ok(())
}

/// `/sys` read-only, with the container's own group, where it has one.
fn sys(group: Option<&str>) -> io::Result<()> {
    mount(c"sysfs", c"sys", c"sysfs", INERT | MountFlags::RDONLY, c"").during("sys")?;
    let Some(group) = group else { return Ok(()) };
    mount(c"tmpfs", c"sys/fs/cgroup", c"tmpfs", INERT, c"mode=755,size=64k").during("sys/fs/cgroup")?;
    directory(c"sys/fs/cgroup/pids")?;
    mount_bind(group, c"sys/fs/cgroup/pids").during("bind the own group")?;
    for path in [c"sys/fs/cgroup/pids", c"sys/fs/cgroup"] {
        mount_remount(path, MountFlags::BIND | MountFlags::RDONLY | INERT, c"").during("groups read-only")?;
    }
    Ok(())
}

fn directory(path: &CStr) -> io::Result<()> {
    mkdirat(CWD, path, Mode::from_raw_mode(0o755)).during("mkdir")
}

/// Kernels are built with more or fewer of these files.
fn if_present(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
