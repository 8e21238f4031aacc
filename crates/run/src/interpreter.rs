//! The interpreter: each actor walks the same list and performs the steps that are its own.
//!
//! There is no other synchronisation than the order of the list. Where the next step belongs to the other side of the
//! bell, the bell is rung; a process whose turn has not come waits for it.

use crate::board::Board;
use crate::context::Context;
use crate::next::Next;
use crate::{
    cgroup, file, identity, init, join, mount, namespace, network, process, quota, security, state, terminal,
};
use plan::{Actor, Op, Step};
use rustix::fd::AsFd;
use sys::{Errno, Result};

/// Why the runtime's walk ended early.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// One of its own steps failed.
    Failed,
    /// The container died before its turn came, or told that one of its steps failed.
    ContainerDied,
}

/// Walks the plan as the runtime. Returns when its last step is done and, while it told of every ring, the container
/// needs it no more.
///
/// # Errors
/// [`Stopped`]; the board says which step failed and how.
pub(crate) fn walk_outside(ctx: &mut Context<'_>) -> std::result::Result<(), Stopped> {
    for index in 0..ctx.plan.steps.len() {
        let step = &ctx.plan.steps[index];
        if step.actor != Actor::Runtime {
            continue;
        }
        await_container(ctx, index)?;
        match perform_recorded(ctx, index, step) {
            Ok(Next::Step) => {}
            Ok(Next::Born(actor)) => walk_inside(ctx, index, actor),
            Err(_) => return Err(Stopped::Failed),
        }
        if hand_off(ctx, index).is_err() {
            return Err(Stopped::ContainerDied);
        }
    }
    Ok(())
}

/// Waits for the container's ring, if the step before was its.
fn await_container(ctx: &mut Context<'_>, index: usize) -> std::result::Result<(), Stopped> {
    if !follows_handoff(ctx, index) {
        return Ok(());
    }
    // A joiner ends before the command whose turn it is; the bell hangs up when both have.
    let alive = if ctx.plan.born() == Actor::Init { ctx.pidfd().ok() } else { None };
    let rang = ctx.bell().and_then(|bell| bell.wait_or_death(alive));
    if rang.unwrap_or(false) && answer(ctx, index).is_ok() { Ok(()) } else { Err(Stopped::ContainerDied) }
}

/// Walks the rest of the plan inside, as init and then as the command, and never returns.
fn walk_inside(ctx: &mut Context<'_>, birth: usize, born: Actor) -> ! {
    let mut actor = born;
    init::begin(ctx);
    ctx.board.end(birth);
    for index in birth + 1..ctx.plan.steps.len() {
        let step = &ctx.plan.steps[index];
        match (actor, step.actor) {
            (Actor::Init, Actor::Command) => init::supervise(ctx, index - 1),
            // The runtime is the command's parent, and waits for it.
            (Actor::Joiner, Actor::Command) => sys::clone::exit(0),
            _ => {}
        }
        if step.actor != actor {
            continue;
        }
        if await_runtime(ctx, index).is_err() {
            // The runtime is dead.
            sys::clone::exit(init::KILLED);
        }
        match perform_recorded(ctx, index, step) {
            Ok(Next::Step) => {}
            Ok(Next::Born(newborn)) => {
                actor = newborn;
                ctx.board.end(index);
            }
            Err(errno) => sys::clone::exit(process::status_of(&step.op, errno)),
        }
        if hand_off(ctx, index).is_err() {
            sys::clone::exit(init::KILLED);
        }
    }
    // Executing is the last step, and it does not return.
    sys::clone::exit(spec::error::ENGINE_FAILED);
}

/// Waits for the runtime's ring, if the step before was its.
fn await_runtime(ctx: &mut Context<'_>, index: usize) -> Result<()> {
    if follows_handoff(ctx, index) { answer(ctx, index) } else { Ok(()) }
}

/// Each hand-off is one ring, and is answered once, however late.
fn follows_handoff(ctx: &Context<'_>, index: usize) -> bool {
    ctx.plan.handoff_before(index).is_some()
}

/// Reads one ring, and puts the descriptors that came along into their slots.
fn answer(ctx: &mut Context<'_>, index: usize) -> Result<()> {
    let (plan, bell) = (ctx.plan, ctx.bell.take().ok_or(Errno::BADF)?);
    let mut slots = plan.handoff_before(index).map_or(&[][..], |handoff| &handoff.slots).iter();
    let waited = bell.wait(|fd| {
        if let Some(slot) = slots.next() {
            ctx.fill(*slot, fd);
        }
    });
    ctx.bell = Some(bell);
    waited
}

/// Rings if the next step is the other side's.
fn hand_off(ctx: &Context<'_>, index: usize) -> Result<()> {
    let Some(handoff) = ctx.plan.handoff_after(index) else { return Ok(()) };
    // The array is filled with a descriptor that is there; only as many are sent as there are slots.
    let mut fds = [ctx.bell()?.as_fd(); crate::bell::MOST];
    for (place, slot) in fds.iter_mut().zip(&handoff.slots) {
        *place = ctx.get(*slot)?;
    }
    ctx.bell()?.ring(fds.get(..handoff.slots.len()).ok_or(Errno::TOOBIG)?)
}

/// Performs a step, or what replaces it, and keeps the board.
fn perform_recorded(ctx: &mut Context<'_>, index: usize, step: &Step) -> Result<Next> {
    let board: &Board = ctx.board;
    if let Some(stepper) = &ctx.stepper
        && let Err(errno) = stepper.before(board, index)
    {
        board.fail(index, errno.raw_os_error());
        return Err(errno);
    }
    #[cfg(feature = "faults")]
    crate::faults::before(board, step.actor, index);
    board.begin(index);
    let mut performed = record(ctx, &step.op).and_then(|()| attempt(ctx, index, &step.op));
    if let (Err(errno), Some(otherwise)) = (&performed, &step.otherwise)
        && otherwise.on.contains(&errno.raw_os_error())
    {
        board.otherwise(index);
        performed = perform(ctx, &otherwise.op);
    }
    match &performed {
        Ok(Next::Step) => board.end(index),
        // The newborn says so.
        Ok(Next::Born(_)) => {}
        Err(errno) => board.fail(index, errno.raw_os_error()),
    }
    performed
}

/// Writes down what `op` will leave, in the runtime.
fn record(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match (plan::Tell::residue(op), &mut ctx.journal) {
        (Some(residue), Some(journal)) => {
            let recorded = journal.record(&residue);
            ctx.not_recorded = recorded.is_err();
            recorded
        }
        _ => Ok(()),
    }
}

/// Performs an op, unless a test wants it to fail.
#[cfg_attr(not(feature = "faults"), expect(unused_variables, reason = "only faults are told by their steps"))]
fn attempt(ctx: &mut Context<'_>, index: usize, op: &Op) -> Result<Next> {
    #[cfg(feature = "faults")]
    if let Some(errno) = crate::faults::forced(index) {
        return Err(errno);
    }
    perform(ctx, op)
}

fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<Next> {
    match op {
        Op::Process(op) => return process::perform(ctx, op),
        Op::Join(op) => return join::perform(ctx, op),
        Op::State(op) => state::perform(ctx, op),
        Op::Quota(op) => quota::perform(ctx, op),
        Op::Cgroup(op) => cgroup::perform(ctx, op),
        Op::Identity(op) => identity::perform(ctx, op),
        Op::Namespace(op) => namespace::perform(ctx, op),
        Op::Mount(op) => mount::perform(ctx, op),
        Op::File(op) => file::perform(op),
        Op::Network(op) => network::perform(op),
        Op::Security(op) => security::perform(ctx, op),
        Op::Terminal(op) => terminal::perform(ctx, op),
    }
    .map(|()| Next::Step)
}
