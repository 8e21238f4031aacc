//! Takes rights away.

use crate::context::Context;
use plan::security::Op;
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, remove_capability_from_bounding_set,
    set_capabilities, set_no_new_privs,
};
use spec::Capabilities;
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::Bound { keep } => bound(*keep),
        Op::NoNewPrivileges => set_no_new_privs(true),
        Op::Filter { .. } => sys::seccomp::set_mode_filter(&ctx.filter),
        Op::Limit { keep } => limit(*keep),
    }
}

/// Drops all others from the bounding set, up to the last that the kernel knows, which answers EINVAL beyond.
fn bound(keep: Capabilities) -> Result<()> {
    for number in 0..64 {
        let one = CapabilitySet::from_bits_retain(1 << number);
        if keep.0 & (1 << number) == 0 {
            match remove_capability_from_bounding_set(one) {
                Err(Errno::INVAL) if number > 0 => break,
                other => other?,
            }
        }
    }
    Ok(())
}

fn limit(keep: Capabilities) -> Result<()> {
    clear_ambient_capability_set()?;
    let (keep, none) = (CapabilitySet::from_bits_retain(keep.0), CapabilitySet::empty());
    set_capabilities(None, CapabilitySets { effective: keep, permitted: keep, inheritable: none })
}
