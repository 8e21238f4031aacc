//! Where one process waits for another: it follows from the order of the steps.

use crate::{Actor, Handoff, Op, Slot, Step, Tell, process};

/// Wherever the next step belongs to the other side, the bell is rung. The two sides are the runtime and the container;
/// init and the command need none between them, since the command is born when its turn has come. Descriptors that
/// were made after the clone, and are used on the other side, go along.
pub(crate) fn derive(steps: &[Step]) -> Vec<Handoff> {
    let outside = |step: &Step| step.actor == Actor::Runtime;
    let birth =
        steps.iter().position(|step| matches!(step.op, Op::Process(process::Op::Clone { .. }))).unwrap_or(0);
    let mut passed: Vec<Slot> = Vec::new();
    let mut all = Vec::new();
    for after in birth..steps.len().saturating_sub(1) {
        let (this, next) = (&steps[after], &steps[after + 1]);
        if outside(this) == outside(next) {
            continue;
        }
        let made = |step: &&Step| outside(step) == outside(this);
        let mut slots: Vec<Slot> =
            steps[birth + 1..=after].iter().filter(made).flat_map(|step| step.op.fills()).collect();
        slots.retain(|slot| {
            !passed.contains(slot) && used_by_other(&steps[after + 1..], *slot, outside(this))
        });
        passed.extend(&slots);
        all.push(Handoff { after, slots });
    }
    all
}

fn used_by_other(steps: &[Step], slot: Slot, outside: bool) -> bool {
    steps.iter().any(|step| (step.actor == Actor::Runtime) != outside && step.op.uses().contains(&slot))
}
