//! Decides the host name.

use super::Builder;
use crate::namespace::Op;
use crate::{Actor, Loss, Why};
use spec::Root;
use std::ffi::CString;

pub(crate) fn host_name(b: &mut Builder<'_>) {
    if b.spec.namespaces.uts {
        let name = CString::new(b.spec.hostname.as_str()).unwrap_or_default();
        let keep = Op::GoWithout { what: "a host name of its own" };
        b.step_or_lose(Op::HostName { name }, Why::Container, keep, Loss::HostName);
    }
}

/// Root of the host may look into every process (CAP_SYS_PTRACE), and so join it by its pidfd.
pub(crate) fn hold(b: &mut Builder<'_>) {
    if !b.facts.caller.can_mount && b.spec.init && b.spec.root != Root::Host {
        let mut namespaces = b.spec.namespaces;
        namespaces.user = b.ids.is_some();
        let why = Why::Host("an ordinary user may not look into init");
        b.step(Actor::Init, Op::Hold { namespaces }, why);
    }
}
