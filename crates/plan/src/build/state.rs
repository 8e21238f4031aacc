//! Decides what a container keeps of itself in the state directory.

use super::Builder;
use crate::identity::Source;
use crate::state::Op;
use crate::{Actor, Why};

/// Every container has a journal: what it leaves in the system stands there before it is made.
pub(crate) fn reserve(b: &mut Builder<'_>) {
    b.step(Actor::Runtime, Op::TidyUp { root: b.facts.state.root.clone() }, Why::Rule("R16"));
    b.step(Actor::Runtime, Op::MakeJournal { journal: b.facts.state.journal.clone() }, Why::Container);
    let reserved = b.ids.as_ref().is_some_and(|ids| ids.source == Source::Reserved);
    if let (true, Some(range)) = (reserved, &b.facts.free_range) {
        let op = Op::ReserveIds { lock: range.lock.clone(), first: range.first, count: range.count };
        b.step(Actor::Runtime, op, Why::Container);
    }
}
