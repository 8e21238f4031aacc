//! A child with the namespaces of a container, that mounts what shows whether mounts are allowed, and exits. All that it
//! made was its own, and goes with it.

use crate::bell::Bell;
use crate::diagnose::{namespaces_refused, outer, proc_refused};
use crate::mount::{new, put};
use crate::procfs::ProcFs;
use plan::mount::Attributes;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{MountPropagationFlags, mount_change};
use rustix::process::{WaitId, WaitIdOptions, waitid};
use spec::error::Error;
use sys::clone::{Fork, clone3, exit, is_single_threaded};
use sys::{Errno, Result};

/// What came of trying something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It works.
    Works,
    /// The kernel refuses it: the likely cause, and what to do.
    Refused(Error),
    /// What must come before is refused.
    Untried,
}

/// What a child with namespaces of its own could do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trial {
    /// To be born with them, to be mapped, and to have a network of its own.
    pub namespaces: Outcome,
    /// To mount a file system in memory.
    pub mounts: Outcome,
    /// To mount a fresh `/proc`.
    pub proc: Outcome,
}

/// The namespaces that a container is born with (`plan::process::Op::Clone`).
const NAMESPACES: i32 =
    libc::CLONE_NEWUSER | libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWUTS | libc::CLONE_NEWIPC;

impl Trial {
    /// Tries it as the user with these ids. The process must have one thread ([`clone3`] says why): else nothing is
    /// tried.
    pub(super) fn run(uid: u32, gid: u32) -> Self {
        let untried =
            Trial { namespaces: Outcome::Untried, mounts: Outcome::Untried, proc: Outcome::Untried };
        if !is_single_threaded().unwrap_or(false) {
            return untried;
        }
        match attempts(uid, gid) {
            Err(errno) => Trial { namespaces: refused(errno, namespaces_refused), ..untried },
            Ok([network, mounts, proc]) => Trial {
                namespaces: outcome(network, namespaces_refused),
                mounts: outcome(mounts, mount_refused),
                proc: outcome(proc, |errno| match errno {
                    libc::EPERM => proc_refused(),
                    errno => mount_refused(errno),
                }),
            },
        }
    }
}

/// What a user namespace gives the right to do is refused from outside of it: by what is around this process, or by what
/// AppArmor does to user namespaces instead of refusing them.
fn mount_refused(errno: i32) -> Error {
    outer::refused(errno).unwrap_or_else(|| namespaces_refused(errno))
}

fn outcome(errno: i32, error: impl Fn(i32) -> Error) -> Outcome {
    if errno == 0 { Outcome::Works } else { refused(Errno::from_raw_os_error(errno), error) }
}

fn refused(errno: Errno, error: impl Fn(i32) -> Error) -> Outcome {
    Outcome::Refused(error(errno.raw_os_error()))
}

/// The errnos of the child's attempts, 0 for those that worked: the network, a mount, a `/proc`.
///
/// # Errors
/// The child could not be made, or not be mapped.
fn attempts(uid: u32, gid: u32) -> Result<[i32; 3]> {
    let (proc, (outer, inner)) = (ProcFs::open()?, Bell::pair()?);
    match clone3(NAMESPACES as u64, None)? {
        Fork::Child => {
            drop(outer);
            child(&inner)
        }
        Fork::Parent(pid, pidfd) => {
            drop(inner);
            let mapped = map(&proc, pid, uid, gid);
            let rang = mapped.and_then(|()| outer.ring(&[]));
            let said = rang.map(|()| [0; 3].map(|_| outer.hear(drop).map(i32::from)));
            // Without a ring, it reads the end of the bell, and exits as well.
            drop(outer);
            let _ = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED);
            Ok(said?.map(|errno| errno.unwrap_or(libc::ECHILD)))
        }
    }
}

/// One id is enough, and the one that every user may map (`user_namespaces(7)`).
fn map(proc: &ProcFs, pid: i32, uid: u32, gid: u32) -> Result<()> {
    proc.write(pid, "setgroups", "deny")?;
    proc.write(pid, "uid_map", &format!("0 {uid} 1\n"))?;
    proc.write(pid, "gid_map", &format!("0 {gid} 1\n"))
}

/// The child: as every process between `clone3` and its end, it allocates nothing.
fn child(bell: &Bell) -> ! {
    if bell.wait(drop).is_ok() {
        for attempt in [sys::clone::unshare_network, mount, fresh_proc] {
            let errno = attempt().err().map_or(0, Errno::raw_os_error);
            bell.say(u8::try_from(errno).unwrap_or(u8::MAX));
        }
    }
    exit(0)
}

/// Over `/proc`, since that is everywhere, in the child's own mount namespace.
fn mount() -> Result<()> {
    mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    let point = openat(CWD, c"/proc", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    put(new(c"tmpfs", &[], Attributes::INERT)?.as_fd(), &point)
}

/// It need not be attached: the kernel looks at what is covered when it makes the mount (`mount_too_revealing()` in its
/// fs/namespace.c).
fn fresh_proc() -> Result<()> {
    new(c"proc", &[], Attributes::INERT).map(drop::<OwnedFd>)
}
