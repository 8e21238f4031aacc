//! The laws that every plan obeys.

mod is;
mod order;
mod whole;

use crate::identity::Ids;
use crate::{Actor, Op, Plan, Slot, Step, Tell, handoff, join, process};
use spec::catalogue::INTERNAL;
use spec::error::{Error, REPORT, Result};

/// Makes a plan of `steps`, if they obey the laws.
pub(crate) fn finish(steps: Vec<Step>, slots: u16, notes: Vec<String>, ids: Option<Ids>) -> Result<Plan> {
    let plan = Plan { handoffs: handoff::derive(&steps), steps, slots, notes, not_held: Vec::new(), ids };
    plan.check().map_err(|law| Error::new(INTERNAL, format!("this plan breaks a law: {law}")).fix(REPORT))?;
    Ok(plan)
}

impl Plan {
    /// Whether the plan obeys the laws; if not, which one it breaks.
    ///
    /// # Errors
    /// The law, as a sentence.
    pub fn check(&self) -> std::result::Result<(), String> {
        born_before_acting(&self.steps)?;
        filled_before_used(&self.steps)?;
        order::in_order(&self.steps)?;
        whole::nothing_missing(self)?;
        whole::runtime_mounts_where_it_visits(&self.steps)
    }
}

/// An actor is born before it acts, the command takes over for good, and executing is the end.
fn born_before_acting(steps: &[Step]) -> std::result::Result<(), String> {
    let (mut inner, mut command) = (None, false);
    for (index, step) in steps.iter().enumerate() {
        match (born(&step.op), step.actor) {
            (Some((Actor::Runtime, born)), Actor::Runtime) if inner.is_none() => inner = Some(born),
            (Some((maker, Actor::Command)), actor) if maker == actor && inner == Some(maker) && !command => {
                command = true;
            }
            (Some(_), _) => {
                return Err(format!("step {} makes an actor twice, or is made by the wrong one", index + 1));
            }
            (None, actor @ (Actor::Init | Actor::Joiner)) if inner != Some(actor) => {
                return Err(format!("step {} is {actor}'s, before it is born", index + 1));
            }
            (None, Actor::Command) if !command => {
                return Err(format!("step {} is the command's, before it is born", index + 1));
            }
            (None, Actor::Runtime) if matches!(step.op, Op::Process(process::Op::Report)) => {}
            (None, Actor::Init | Actor::Joiner | Actor::Runtime) if command => {
                return Err(format!("step {} comes after the command took over", index + 1));
            }
            _ => {}
        }
    }
    let executes = |step: &Step| matches!(step.op, Op::Process(process::Op::Execute { .. }));
    match steps.iter().position(executes) {
        Some(last) if last + 1 == steps.len() => Ok(()),
        _ => Err("a plan ends with executing the command".to_owned()),
    }
}

/// Who makes whom by `op`, if anybody.
fn born(op: &Op) -> Option<(Actor, Actor)> {
    match op {
        Op::Process(process::Op::Clone { .. }) => Some((Actor::Runtime, Actor::Init)),
        Op::Process(process::Op::Fork) => Some((Actor::Init, Actor::Command)),
        Op::Join(join::Op::Clone { .. }) => Some((Actor::Runtime, Actor::Joiner)),
        Op::Join(join::Op::Fork) => Some((Actor::Joiner, Actor::Command)),
        _ => None,
    }
}

/// A slot is filled before it is used, and filled once.
fn filled_before_used(steps: &[Step]) -> std::result::Result<(), String> {
    let mut filled: Vec<Slot> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if let Some(slot) = step.op.uses().iter().find(|slot| !filled.contains(slot)) {
            return Err(format!("step {} uses slot {}, which nobody filled", index + 1, slot.0));
        }
        for slot in step.op.fills() {
            if filled.contains(&slot) {
                return Err(format!("step {} fills slot {} again", index + 1, slot.0));
            }
            filled.push(slot);
        }
    }
    Ok(())
}
