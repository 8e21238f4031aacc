//! Decides the network.

use super::Builder;
use crate::namespace::Op::GoWithout;
use crate::network::Op;
use crate::{Loss, Why};

/// A network of its own, with loopback up.
pub(crate) fn own(b: &mut Builder<'_>) {
    if b.spec.namespaces.net {
        b.step_or_lose(
            Op::Namespace,
            Why::Container,
            GoWithout { what: "a network of its own" },
            Loss::Network,
        );
        b.step_or_lose(Op::LoopbackUp, Why::Container, GoWithout { what: "loopback" }, Loss::Loopback);
    }
}

/// A new network namespace lets no group ping; the sysctl takes only groups that the user namespace has.
pub(crate) fn ping(b: &mut Builder<'_>) {
    if b.spec.namespaces.net {
        let last =
            b.ids.as_ref().map_or(i32::MAX as u32, |ids| ids.gids.iter().map(|e| e.count).sum::<u32>() - 1);
        let op = Op::PingGroups { last: last.min(i32::MAX as u32) };
        b.step_or_lose(op, Why::Container, GoWithout { what: "ping" }, None);
    }
}
