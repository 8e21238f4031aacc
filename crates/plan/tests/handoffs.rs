//! Hand-offs: where one side waits for the other, and which descriptors go along.

mod fixture;

use fixture::every::every_plan;
use fixture::{container, range, root, show, source};
use plan::facts::Facts;
use plan::{Actor, Op, Plan, Slot, Tell};
use spec::{Spec, Volume};
use std::collections::BTreeSet;
use std::ffi::OsStr;

/// The kernel takes no more descriptors in one message (SCM_MAX_FD); the bell has room for half of that.
const MOST: usize = 128;

/// Walks a plan as its two sides would, each with the descriptors that it has.
fn walk(plan: &Plan) -> Result<(), String> {
    let alongside = plan.alongside();
    let in_turn = |from: usize| (from..plan.steps.len()).find(|index| !alongside.contains(index));
    let (mut runtime, mut container) = (BTreeSet::new(), BTreeSet::new());
    let mut passed = BTreeSet::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let inside = step.actor != Actor::Runtime;
        let has = if inside { &mut container } else { &mut runtime };
        if let Some(slot) = step.op.uses().into_iter().find(|slot| !has.contains(slot)) {
            return Err(format!("step {} uses slot {}, which its side does not have", index + 1, slot.0));
        }
        has.extend(step.op.fills());
        if index == plan.birth() {
            // A clone has what its parent has.
            container.clone_from(&runtime);
        }
        // The newborn starts on the container's side.
        let next = in_turn(index + 1).filter(|_| index >= plan.birth() && !alongside.contains(&index));
        let turn = next.filter(|next| (plan.steps[*next].actor != Actor::Runtime) != inside);
        match (plan.handoff_after(index), turn) {
            (Some(handoff), Some(next)) => {
                if plan.handoff_before(next) != Some(handoff) {
                    return Err(format!("after step {} nobody waits", index + 1));
                }
                if handoff.slots.len() > MOST || !handoff.slots.iter().all(|slot| passed.insert(*slot)) {
                    return Err(format!("after step {} slots go along twice, or too many", index + 1));
                }
                pass(&handoff.slots, inside, &mut runtime, &mut container)?;
            }
            (None, None) => {}
            (handoff, _) => return Err(format!("after step {}: {handoff:?}", index + 1)),
        }
    }
    Ok(())
}

fn pass(
    slots: &[Slot],
    inside: bool,
    runtime: &mut BTreeSet<Slot>,
    container: &mut BTreeSet<Slot>,
) -> Result<(), String> {
    let (giver, taker) = if inside { (container, runtime) } else { (runtime, container) };
    for slot in slots {
        if !giver.contains(slot) || !taker.insert(*slot) {
            return Err(format!("slot {} is not the giver's, or is the taker's already", slot.0));
        }
    }
    Ok(())
}

#[test]
fn in_every_plan_each_side_has_what_its_steps_use() {
    every_plan(|name, plan| assert_eq!(walk(plan), Ok(()), "{name}\n{}", show(plan)));
}

#[test]
fn nothing_goes_along_that_the_other_side_does_not_use() {
    every_plan(|name, plan| {
        for handoff in &plan.handoffs {
            let inside = plan.steps[handoff.after].actor != Actor::Runtime;
            let later = plan.steps[handoff.after + 1..].iter();
            let used: Vec<Slot> = later
                .filter(|step| (step.actor != Actor::Runtime) != inside)
                .flat_map(|step| step.op.uses())
                .collect();
            assert!(handoff.slots.iter().all(|slot| used.contains(slot)), "{name}\n{}", show(plan));
        }
    });
}

#[test]
fn volumes_that_root_takes_go_along_and_those_of_a_user_are_inits_own() {
    let volumes = ["/a:/a", "/b:/b"].map(|text| Volume::parse(OsStr::new(text)).expect("a volume"));
    let spec = Spec { volumes: volumes.to_vec(), ..container() };
    let along = |facts: Facts| {
        let plan = plan::plan(&spec, &Facts { volumes: vec![source(), source()], ..facts }).expect("a plan");
        plan.handoffs.iter().flat_map(|handoff| handoff.slots.clone()).count()
    };
    assert_eq!((along(root()), along(range())), (2, 0));
}

#[test]
fn what_concerns_init_alone_is_done_alongside_and_nothing_else_is() {
    every_plan(|name, plan| {
        let alongside = plan.alongside();
        assert_eq!(alongside.start, plan.birth() + 1, "{name}");
        for index in alongside.clone() {
            let step = &plan.steps[index];
            let apart = matches!(step.op, Op::Cgroup(_) | Op::Namespace(_) | Op::Network(_));
            assert!(
                step.actor == Actor::Init && apart && step.op.fills().is_empty(),
                "{name}\n{}",
                show(plan)
            );
            let handed = plan.handoff_after(index).or(plan.handoff_before(index));
            assert_eq!(handed, None, "{name}: nobody waits for step {}, nor does it wait", index + 1);
        }
    });
    let plan = plan::plan(&container(), &root()).expect("a plan");
    let titles: Vec<String> = plan.steps[plan.alongside()].iter().map(|step| step.op.title()).collect();
    assert_eq!(titles.len(), 5, "{titles:?}");
}

#[test]
fn the_terminal_goes_out_and_the_report_comes_while_the_command_waits() {
    let spec = Spec { terminal: true, narrate: true, ..container() };
    let plan = plan::plan(&spec, &root()).expect("a plan");
    let after = |is: fn(&Op) -> bool| {
        let index = plan.steps.iter().position(|step| is(&step.op)).expect("such a step");
        plan.handoff_after(index).map(|handoff| handoff.slots.len())
    };
    assert_eq!(after(|op| matches!(op, Op::Terminal(plan::terminal::Op::Open { .. }))), Some(1));
    assert_eq!(after(|op| matches!(op, Op::Terminal(plan::terminal::Op::Relay { .. }))), Some(0));
    assert_eq!(after(|op| matches!(op, Op::Process(plan::process::Op::ChangeDirectory { .. }))), Some(0));
    assert_eq!(after(|op| matches!(op, Op::Process(plan::process::Op::Report))), Some(0));
}

#[test]
fn two_processes_do_with_one_turn_each_where_nothing_stands_between() {
    let plan = plan::plan(&container(), &root()).expect("a plan");
    assert_eq!(plan.handoffs.len(), 1, "{}", show(&plan));
}
