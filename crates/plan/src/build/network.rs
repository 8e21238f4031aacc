//! Decides the network.

use super::Builder;
use crate::network::Op;
use crate::{Actor, Why};

/// A network of its own, with loopback up.
pub(crate) fn own(b: &mut Builder<'_>) {
    if b.spec.namespaces.net {
        b.step(Actor::Init, Op::Namespace, Why::Container);
        b.step(Actor::Init, Op::LoopbackUp, Why::Container);
    }
}

/// A new network namespace lets no group ping; the sysctl takes only groups that the user namespace has.
pub(crate) fn ping(b: &mut Builder<'_>) {
    if b.spec.namespaces.net {
        let last =
            b.ids.as_ref().map_or(i32::MAX as u32, |ids| ids.gids.iter().map(|e| e.count).sum::<u32>() - 1);
        b.step(Actor::Init, Op::PingGroups { last: last.min(i32::MAX as u32) }, Why::Container);
    }
}
