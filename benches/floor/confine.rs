//! What the command may no longer do.

use crate::during::During;
use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set, set_no_new_privs};
use std::io;
use sys::fd::close_on_exec_from;
use sys::seccomp::{Instruction, set_mode_filter};

/// The fourteen capabilities that docker leaves to a container.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::NET_RAW)
    .union(CapabilitySet::SYS_CHROOT)
    .union(CapabilitySet::MKNOD)
    .union(CapabilitySet::AUDIT_WRITE)
    .union(CapabilitySet::SETFCAP);

/// `CAP_CHECKPOINT_RESTORE`, the last that Linux has (since 5.9).
const LAST: u32 = 40;

/// Capabilities, no_new_privs, filter, descriptors.
///
/// The bounding set is enough: `execve(2)` computes the other sets from it for root, and the inheritable and the
/// ambient set are empty in a new user namespace.
pub fn confine() -> io::Result<()> {
    for capability in (0..=LAST).map(|number| CapabilitySet::from_bits_retain(1 << number)) {
        if !KEPT.contains(capability) {
            remove_capability_from_bounding_set(capability).during("PR_CAPBSET_DROP")?;
        }
    }
    set_no_new_privs(true).during("no_new_privs")?;
    set_mode_filter(&filter()).during("seccomp")?;
    close_on_exec_from(3).during("close_range")
}

/// The product's own filter: another one would be a different job.
fn filter() -> Vec<Instruction> {
    let program = seccomp::compile(&seccomp::DEFAULT);
    program.iter().map(|i| Instruction { code: i.code, jt: i.jt, jf: i.jf, k: i.k }).collect()
}
