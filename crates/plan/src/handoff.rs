//! Where one process waits for another: it follows from the order of the steps.

use crate::{Actor, Handoff, Op, Slot, Step, Tell, cgroup, join, namespace, network, process};
use std::ops::Range;

/// Wherever the next step belongs to the other side, the bell is rung. The two sides are the runtime and the container;
/// init and the command need none between them, since the command is born when its turn has come. Descriptors that
/// were made after the clone, and are used on the other side, go along.
///
/// [`alongside`] stands outside of this: nobody waits for these steps, and they wait for nobody.
pub(crate) fn derive(steps: &[Step]) -> Vec<Handoff> {
    let outside = |step: &Step| step.actor == Actor::Runtime;
    let (birth, alongside) = (birth(steps), alongside(steps));
    let in_turn: Vec<usize> = (birth..steps.len()).filter(|index| !alongside.contains(index)).collect();
    let mut passed: Vec<Slot> = Vec::new();
    let mut all = Vec::new();
    for pair in in_turn.windows(2) {
        let (after, before) = (pair[0], pair[1]);
        let (this, next) = (&steps[after], &steps[before]);
        if outside(this) == outside(next) {
            continue;
        }
        let made = |step: &&Step| outside(step) == outside(this);
        let mut slots: Vec<Slot> =
            steps[birth + 1..=after].iter().filter(made).flat_map(|step| step.op.fills()).collect();
        slots.retain(|slot| !passed.contains(slot) && used_by_other(&steps[before..], *slot, outside(this)));
        passed.extend(&slots);
        all.push(Handoff { after, before, slots });
    }
    all
}

/// What init does as soon as it is born, while the runtime goes on with its own next steps: those of init's that come
/// directly after the clone and concern nothing but the namespaces that it was born with, and the group that was made
/// before. A network namespace alone takes a tenth of a start.
pub(crate) fn alongside(steps: &[Step]) -> Range<usize> {
    let first = birth(steps) + 1;
    let apart = |step: &&Step| step.actor == Actor::Init && concerns_init_alone(&step.op);
    first..first + steps.iter().skip(first).take_while(apart).count()
}

fn concerns_init_alone(op: &Op) -> bool {
    matches!(
        op,
        Op::Cgroup(cgroup::Op::Join { .. } | cgroup::Op::Namespace | cgroup::Op::EnterPayload { .. })
            | Op::Namespace(namespace::Op::HostName { .. })
            | Op::Network(network::Op::Namespace | network::Op::LoopbackUp)
    )
}

/// The index of the step that clones the first process inside.
pub(crate) fn birth(steps: &[Step]) -> usize {
    let clones =
        |op: &Op| matches!(op, Op::Process(process::Op::Clone { .. }) | Op::Join(join::Op::Clone { .. }));
    steps.iter().position(|step| clones(&step.op)).unwrap_or(0)
}

fn used_by_other(steps: &[Step], slot: Slot, outside: bool) -> bool {
    steps.iter().any(|step| (step.actor == Actor::Runtime) != outside && step.op.uses().contains(&slot))
}
