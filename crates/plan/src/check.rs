//! The laws that every plan obeys, and the hand-offs that follow from its order.

use crate::identity::{self, Ids};
use crate::{Actor, Handoff, Op, Plan, Slot, Step, Tell, cgroup, mount, namespace, process, security};
use spec::catalogue::INTERNAL;
use spec::error::{Error, Result};

/// Makes a plan of `steps`, if they obey the laws.
pub(crate) fn finish(steps: Vec<Step>, slots: u16, notes: Vec<String>, ids: Option<Ids>) -> Result<Plan> {
    let plan = Plan { handoffs: handoffs(&steps), steps, slots, notes, ids };
    plan.check().map_err(|law| Error::new(INTERNAL, format!("this plan breaks a law: {law}")))?;
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
        in_order(&self.steps)
    }
}

/// An actor is born before it acts, the command takes over for good, and executing is the end.
fn born_before_acting(steps: &[Step]) -> std::result::Result<(), String> {
    let (mut init, mut command) = (false, false);
    for (index, step) in steps.iter().enumerate() {
        match (&step.op, step.actor) {
            (Op::Process(process::Op::Clone { .. }), Actor::Runtime) if !init => init = true,
            (Op::Process(process::Op::Fork), Actor::Init) if init && !command => command = true,
            (Op::Process(process::Op::Clone { .. } | process::Op::Fork), _) => {
                return Err(format!("step {} makes an actor twice, or is made by the wrong one", index + 1));
            }
            (_, Actor::Init) if !init => {
                return Err(format!("step {} is init's, before it is born", index + 1));
            }
            (_, Actor::Command) if !command => {
                return Err(format!("step {} is the command's, before it is born", index + 1));
            }
            (Op::Process(process::Op::Report), Actor::Runtime) => {}
            (_, Actor::Init | Actor::Runtime) if command => {
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

/// Whether an op is of a kind.
type Is = fn(&Op) -> bool;

/// What comes before what, and why:
/// the group is joined before it becomes the root of what is seen; ids are mapped before anything is mounted by them;
/// all mounts are made before the old root goes; the filter is installed while there is the right to (without
/// no_new_privs, `seccomp(2)` needs CAP_SYS_ADMIN); groups and user change before the capabilities that this takes go.
fn in_order(steps: &[Step]) -> std::result::Result<(), String> {
    let laws: &[(&str, Is, &str, Is)] = &[
        ("joining the group", is_join, "the cgroup namespace", |op| {
            matches!(op, Op::Cgroup(cgroup::Op::Namespace))
        }),
        ("mapping ids", is_map, "becoming root inside", |op| {
            matches!(op, Op::Identity(identity::Op::BecomeRoot { .. }))
        }),
        ("mapping ids", is_map, "mounting", |op| matches!(op, Op::Mount(mount::Op::New { .. }))),
        (
            "making mounts private",
            |op| matches!(op, Op::Mount(mount::Op::MakePrivate)),
            "mounting",
            is_placing,
        ),
        (
            "visiting",
            |op| matches!(op, Op::Namespace(namespace::Op::VisitMounts { .. })),
            "returning",
            |op| matches!(op, Op::Namespace(namespace::Op::Return { .. })),
        ),
        ("mounting", is_placing, "pivot_root", is_pivot),
        ("pivot_root", is_pivot, "no_new_privs", |op| {
            matches!(op, Op::Security(security::Op::NoNewPrivileges))
        }),
        ("pivot_root", is_pivot, "the filter", is_filter),
        ("the filter", is_filter, "giving up capabilities", |op| {
            matches!(op, Op::Security(security::Op::Limit { .. }))
        }),
        ("pivot_root", is_pivot, "becoming the user", is_user),
        (
            "a new session",
            |op| matches!(op, Op::Process(process::Op::NewSession { .. })),
            "becoming the user",
            is_user,
        ),
    ];
    for (earlier, first, later, second) in laws {
        let last = steps.iter().rposition(|step| first(&step.op));
        let next = steps.iter().position(|step| second(&step.op));
        if let (Some(last), Some(next)) = (last, next)
            && last >= next
        {
            return Err(format!("{earlier} (step {}) comes before {later} (step {})", last + 1, next + 1));
        }
    }
    confined_after_becoming_the_user(steps)
}

/// The command's own capabilities are the last right that it gives up: becoming a user needs some of them.
fn confined_after_becoming_the_user(steps: &[Step]) -> std::result::Result<(), String> {
    let user = steps.iter().rposition(|step| is_user(&step.op));
    let limit = steps.iter().rposition(|step| matches!(step.op, Op::Security(security::Op::Limit { .. })));
    match (user, limit) {
        (Some(user), Some(limit)) if user > limit => {
            Err("becoming the user comes before giving up capabilities".to_owned())
        }
        _ => Ok(()),
    }
}

fn is_join(op: &Op) -> bool {
    matches!(op, Op::Cgroup(cgroup::Op::Join { .. }) | Op::Process(process::Op::Clone { .. }))
}

fn is_map(op: &Op) -> bool {
    matches!(op, Op::Identity(identity::Op::WriteMaps { .. } | identity::Op::AwaitHelpers))
}

fn is_placing(op: &Op) -> bool {
    matches!(
        op,
        Op::Mount(
            mount::Op::New { .. }
                | mount::Op::Bind { .. }
                | mount::Op::BindEach { .. }
                | mount::Op::Put { .. }
                | mount::Op::Mask { .. }
                | mount::Op::Lock { .. }
        )
    )
}

fn is_pivot(op: &Op) -> bool {
    matches!(op, Op::Mount(mount::Op::PivotRoot))
}

fn is_filter(op: &Op) -> bool {
    matches!(op, Op::Security(security::Op::Filter { .. }))
}

fn is_user(op: &Op) -> bool {
    matches!(op, Op::Identity(identity::Op::BecomeUser { .. }))
}

/// Wherever the next step belongs to the other side, the bell is rung. The two sides are the runtime and the container;
/// init and the command need none between them, since the command is born when its turn has come. Descriptors that
/// were made after the clone, and are used on the other side, go along.
fn handoffs(steps: &[Step]) -> Vec<Handoff> {
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
