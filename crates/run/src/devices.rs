//! Holds rules for devices, and makes sure that they are held.

use ::cgroup::devices::{program, v1};
use ::cgroup::{Version, group};
use plan::cgroup::below;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Mode, OFlags, open};
use spec::device::Rule;
use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use sys::{Errno, Result, bpf};

/// What our programs are called, by which an update finds them.
const NAME: &str = "cception_device";

/// The most programs that a group may have (`BPF_CGROUP_MAX_PROGS`).
const MOST: usize = 64;

/// Gives a group its rules.
///
/// # Errors
/// ERANGE: the kernel has taken them, and shows others.
pub(crate) fn hold(directory: &CStr, version: Version, rules: &[Rule]) -> Result<()> {
    match version {
        Version::V1 => {
            let writes = v1::writes(rules).map_err(|_| Errno::INVAL)?;
            write_all(directory, &writes)?;
        }
        Version::V2 => {
            let program = load(rules)?;
            bpf::attach(opened(directory)?.as_fd(), program.as_fd())?;
        }
    }
    if are_held(directory, version, rules)? { Ok(()) } else { Err(Errno::RANGE) }
}

/// Gives a group other rules, while processes are in it.
///
/// # Errors
/// As [`hold`].
pub(crate) fn change(directory: &CStr, version: Version, rules: &[Rule]) -> Result<()> {
    match version {
        Version::V1 => {
            let changes = v1::changes(&list(directory)?, rules).map_err(|_| Errno::INVAL)?;
            write_all(directory, &changes)?;
        }
        Version::V2 => {
            let (group, program) = (opened(directory)?, load(rules)?);
            match own(&group)? {
                Some(old) => bpf::replace(group.as_fd(), old.as_fd(), program.as_fd())?,
                None => bpf::attach(group.as_fd(), program.as_fd())?,
            }
        }
    }
    if are_held(directory, version, rules)? { Ok(()) } else { Err(Errno::RANGE) }
}

/// Whether the kernel shows that rules are held. A program of v2 is shown as being there; what it answers is known from
/// how it was made.
pub(crate) fn are_held(directory: &CStr, version: Version, rules: &[Rule]) -> Result<bool> {
    match version {
        Version::V1 => Ok(v1::list_matches(&list(directory)?, rules)),
        Version::V2 => Ok(own(&opened(directory)?)?.is_some()),
    }
}

fn write_all(directory: &CStr, writes: &[v1::Write]) -> Result<()> {
    writes.iter().try_for_each(|write| group::set(&below(directory, write.file), write.text.as_bytes()))
}

fn list(directory: &CStr) -> Result<String> {
    let file = below(directory, "devices.list");
    std::fs::read_to_string(OsStr::from_bytes(file.to_bytes()))
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
}

fn load(rules: &[Rule]) -> Result<OwnedFd> {
    let program = program::compile(rules).map_err(|_| Errno::INVAL)?;
    let convert = |i: &program::Instruction| {
        bpf::Instruction::new(i.code, i.destination, i.source, i.offset, i.immediate)
    };
    bpf::load(&program.iter().map(convert).collect::<Vec<_>>(), NAME)
}

fn opened(directory: &CStr) -> Result<OwnedFd> {
    open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Our program among those of a group.
fn own(group: &OwnedFd) -> Result<Option<OwnedFd>> {
    let mut ids = [0; MOST];
    let count = bpf::query(group.as_fd(), &mut ids)?;
    for id in ids.iter().take(count) {
        let program = bpf::open(*id)?;
        if bpf::info(program.as_fd())?.name.starts_with(NAME.as_bytes()) {
            return Ok(Some(program));
        }
    }
    Ok(None)
}
