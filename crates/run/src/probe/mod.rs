//! Asks the host for its facts. Reads only: a probe leaves no trace.

pub(crate) mod account;
mod block;
pub(crate) mod disk;
mod etc;
mod group;
mod ids;
mod root;
pub mod state;

pub(crate) use block::{disks, is_any_by_weights};
pub(crate) use group::{budget, groups};
pub(crate) use ids::{helper, is_first_of_range, subordinate};
pub(crate) use root::mounts_below;

use crate::diagnose::general;
use plan::Facts;
use plan::facts::{Caller, Kernel};
use rustix::process::{getegid, geteuid};
use rustix::thread::{CapabilitySet, capabilities};
use spec::Spec;
use spec::catalogue::INTERNAL;
use spec::error::{Error, REPORT, Result, reason};
use std::fs::File;
use std::io::Read;

/// Finds out everything about the host that the plan of `spec` depends on.
///
/// # Errors
/// What the spec names does not exist, or is not what it must be; the state directory is unsafe.
pub fn probe(spec: &Spec) -> Result<Facts> {
    probe_for(spec, &state::draw_id())
}

/// The facts for each of two specs, with all that is a matter of chance, or of the moment, the same in both: so that what
/// differs in their plans comes from the specs.
///
/// # Errors
/// As [`probe()`].
pub fn alike([first, second]: [&Spec; 2]) -> Result<[Facts; 2]> {
    let id = state::draw_id();
    let (first, mut second) = (probe_for(first, &id)?, probe_for(second, &id)?);
    second.free_range = second.free_range.and(first.free_range.clone());
    if first.processes != 0 && second.processes != 0 {
        second.processes = first.processes;
    }
    Ok([first, second])
}

/// The facts for a container that is called `id`, if the spec has no name for it.
fn probe_for(spec: &Spec, id: &str) -> Result<Facts> {
    let uid_map = ids::own_map("/proc/self/uid_map")?;
    let gid_map = ids::own_map("/proc/self/gid_map")?;
    let caller = caller_of(&uid_map);
    let mountinfo = read("/proc/self/mountinfo", 16 << 20)?;
    let state = state::locate(caller.uid, spec.name.as_ref(), id)?;
    let rootfs = root::rootfs(spec, &caller, &mountinfo)?;
    let groups = group::probe(spec, &state.unique, caller.initial.then_some(caller.uid), &mountinfo)?;
    let bounded = spec.processes().is_some();
    let processes = if bounded { group::present_processes(&groups, caller.uid) } else { 0 };
    let subordinate = if caller.can_set_ids { None } else { ids::subordinate(&caller) };
    let disk = match &state.on_disk {
        Some(on_disk) if spec.storage.size().is_some() => disk::Disk::find(on_disk, &mountinfo),
        _ => None,
    };
    let is_free = |first: u32| disk.as_ref().is_none_or(|disk| disk.is_free(first));
    let free_range = if caller.can_set_ids && caller.initial {
        ids::free_range(&state::root(caller.uid)?, is_free)?
    } else {
        None
    };
    let programs = spec.root == spec::Root::Programs;
    let layers = if programs { root::layers(&caller, &mountinfo) } else { Vec::new() };
    Ok(Facts {
        kernel: kernel(),
        caller,
        uid_map,
        gid_map,
        subordinate,
        free_range,
        state,
        disk: disk.map(|disk| disk.file_system),
        groups,
        budget: group::budget(),
        disks: block::disks(&spec.resources)?,
        processes,
        depth: depth(),
        sysfs: has_sysfs(&mountinfo),
        program: if spec.nest && spec.root != spec::Root::Host { root::program() } else { None },
        layers,
        aliases: if programs { root::aliases() } else { Vec::new() },
        etc: if programs { etc::probe() } else { Vec::new() },
        volumes: root::volumes(spec, &mountinfo)?,
        user: account::look_up(spec, rootfs.as_ref())?,
        rootfs,
        memory: memory(),
    })
}

/// Who owns what belongs to somebody without an id here (`user_namespaces(7)`, overflowuid). A host that has another
/// number there looks like one whose root is among the ids, which errs on the safe side.
const OVERFLOW: u32 = 65_534;

/// How many containers say that they are around this process. What is no such number was written by somebody else.
pub fn depth() -> u8 {
    let told = read(plan::nest::DEPTH, 8).unwrap_or_default();
    std::str::from_utf8(&told).ok().and_then(|told| told.trim().parse().ok()).unwrap_or(0)
}

/// Who asks, without a spec.
pub(crate) fn caller() -> Result<Caller> {
    Ok(caller_of(&ids::own_map("/proc/self/uid_map")?))
}

fn caller_of(uid_map: &[plan::identity::Extent]) -> Caller {
    let effective = capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    Caller {
        uid: geteuid().as_raw(),
        gid: getegid().as_raw(),
        can_set_ids: effective.contains(CapabilitySet::SETUID | CapabilitySet::SETGID),
        can_set_groups: !read("/proc/self/setgroups", 16).is_ok_and(|text| text.starts_with(b"deny")),
        can_mount: effective.contains(CapabilitySet::SYS_ADMIN) && owns_mounts(),
        initial: ids::is_initial(uid_map),
        has_host_root: rustix::fs::stat(c"/proc").is_ok_and(|stat| stat.st_uid != OVERFLOW),
    }
}

/// Whether the mount namespace is of the user namespace or of one below: with capabilities above it alone nothing can be
/// mounted (`mount_namespaces(7)`). Where that cannot be asked, the capability decides.
fn owns_mounts() -> bool {
    let Ok(mounts) = File::open("/proc/self/ns/mnt") else { return true };
    !matches!(sys::namespace::owner(mounts), Err(sys::Errno::PERM))
}

fn kernel() -> Kernel {
    let uname = rustix::system::uname();
    let release = uname.release().to_string_lossy();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    Kernel(numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn memory() -> u64 {
    let info = rustix::system::sysinfo();
    (info.totalram as u64).saturating_mul(u64::from(info.mem_unit.max(1)))
}

/// Whether a sysfs is mounted on `/sys`: `ID PARENT DEVICE ROOT POINT … - TYPE …` (proc_pid_mountinfo(5)).
fn has_sysfs(mountinfo: &[u8]) -> bool {
    let is_sysfs = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ');
        fields.nth(4) == Some(b"/sys") && fields.skip_while(|field| *field != b"-").nth(1) == Some(b"sysfs")
    };
    mountinfo.split(|byte| *byte == b'\n').any(is_sysfs)
}

/// Reads a whole file of at most `most` bytes (R9).
pub(crate) fn read(path: &str, most: u64) -> Result<Vec<u8>> {
    // Room from the start spares the small reads by which a buffer grows: a file of /proc is made anew for each.
    let mut content = Vec::with_capacity(most.min(16 << 10) as usize);
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut content));
    read.map_err(|error| {
        let shortage = error.raw_os_error().and_then(general);
        shortage.unwrap_or_else(|| {
            Error::new(INTERNAL, format!("{path} cannot be read")).why(reason(&error)).fix(REPORT)
        })
    })?;
    Ok(content)
}
