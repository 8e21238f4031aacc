//! Decides whether the command has a terminal of its own.

use super::Builder;
use crate::terminal::Op;
use crate::{Actor, Why};

pub(crate) fn open(b: &mut Builder<'_>) {
    if b.spec.terminal {
        let (master, slave) = (b.slot(), b.slot());
        b.terminal = Some(slave);
        b.step(
            Actor::Init,
            Op::Open { master, slave, owner: b.facts.user.uid },
            Why::Host("stdin and stdout are terminals"),
        );
        b.step(Actor::Runtime, Op::Relay { master }, Why::Host("stdin and stdout are terminals"));
    }
}
