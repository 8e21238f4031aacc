//! Decides the host name.

use super::Builder;
use crate::namespace::Op;
use crate::{Actor, Why};
use std::ffi::CString;

pub(crate) fn host_name(b: &mut Builder<'_>) {
    if b.spec.namespaces.uts {
        let name = CString::new(b.spec.hostname.as_str()).unwrap_or_default();
        b.step(Actor::Init, Op::HostName { name }, Why::Container);
    }
}
