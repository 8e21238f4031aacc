//! Decides what init and the command give up.

use super::Builder;
use crate::security::Op;
use crate::{Actor, Why};
use spec::Capabilities;

/// What init gives up before it forks the command, which inherits it. The filter comes before the capabilities: where
/// no_new_privs is off, `seccomp(2)` needs CAP_SYS_ADMIN. So PID 1 lives under the filter, too.
pub(crate) fn confine_init(b: &mut Builder<'_>) {
    if let Some(keep) = b.spec.capabilities {
        b.step(Actor::Init, Op::Bound { keep }, Why::Rule("R7"));
    }
    if b.spec.no_new_privileges {
        b.step(Actor::Init, Op::NoNewPrivileges, Why::Rule("R7"));
    }
    if b.spec.filter {
        let profile =
            if b.root_is_the_hosts() || !b.spec.nest { seccomp::HOST_IDS } else { seccomp::DEFAULT };
        let program = seccomp::compile(&profile);
        b.step(Actor::Init, Op::Filter { program }, Why::Rule("R18"));
    }
    if let (Some(keep), true) = (b.spec.capabilities, b.spec.init) {
        b.step(Actor::Init, Op::Limit { keep: keep.with(Capabilities::FOR_INIT) }, Why::Rule("R7"));
    }
}

/// What the command keeps. A user other than root keeps nothing: the kernel empties its sets when it leaves root.
pub(crate) fn confine_command(b: &mut Builder<'_>) {
    if let Some(keep) = b.spec.capabilities {
        let keep = if b.facts.user.uid == 0 { keep } else { Capabilities::NONE };
        b.step(b.payload, Op::Limit { keep }, Why::Rule("R7"));
    }
}
