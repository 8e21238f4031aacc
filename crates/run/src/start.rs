//! A whole start: what comes before the plan's first step, and what comes after its last.

use crate::board::{Board, Failure};
use crate::context::{Context, Narrator};
use crate::diagnose::cgroup::too_little_memory;
use crate::diagnose::{Case, diagnose, outer, unprepared};
use crate::end::End;
use crate::interpreter::{Stopped, walk_outside};
use crate::journal::Left;
use crate::record::Made;
use crate::signals::Signals;
use crate::step::Stepper;
use crate::supervise::{Watch, kill, supervise};
use crate::{context, events, namespace, record};
use ::cgroup::Group;
use plan::limit::NotHeld;
use plan::{Facts, Loss, Op, Plan, Tell};
use rustix::fd::OwnedFd;
use spec::Spec;
use spec::catalogue::ACTOR_DIED;
use spec::error::{Error, Result};
use std::ffi::CStr;
use std::time::Duration;

/// How a start ended.
#[derive(Debug)]
pub enum Started {
    /// The command ran and ended.
    Ended(End),
    /// The host has changed since it was probed, by what other containers did: probe and plan again.
    Outdated,
}

/// What somebody should hear of a run that goes on.
#[derive(Debug)]
pub enum Warning<'a> {
    /// Something stays behind.
    Left(&'a Left),
    /// A limit is not held.
    NotHeld(&'a NotHeld),
    /// The world around has refused parts that the container goes without; and how that would have to be started.
    Lost(&'a [Loss], Option<String>),
}

/// What is started.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// What the container should be.
    pub spec: &'a Spec,
    /// The host.
    pub facts: &'a Facts,
    /// The plan of that.
    pub plan: &'a Plan,
    /// How long the command may take.
    pub timeout: Option<Duration>,
    /// Whether each actor stops before each step.
    pub stepwise: bool,
    /// Whether nobody will probe again: then it is an error that the host has changed.
    pub last: bool,
}

/// Performs a plan, waits for the command to end, and undoes what would be left.
///
/// `warn` hears what could not be undone, of this run or of dead ones.
///
/// # Errors
/// The step that failed, with its likely cause; nothing is left behind then.
pub fn start(
    wish: &Wish<'_>,
    narrator: Option<Narrator<'_>>,
    warn: &mut dyn FnMut(&Warning<'_>),
) -> Result<Started> {
    let Wish { spec, facts, plan, timeout, stepwise, last } = *wish;
    let board = Board::new().map_err(unprepared)?;
    #[cfg(feature = "faults")]
    crate::faults::watch(&board);
    let mut ctx = Context::new(plan, &board).map_err(unprepared)?;
    ctx.narrator = narrator;
    ctx.stepper = stepwise.then(|| Stepper::new(plan)).transpose().map_err(unprepared)?;
    let signals = Signals::block().map_err(unprepared)?;
    let walked = walk_outside(&mut ctx);
    std::mem::take(&mut ctx.left).iter().for_each(|left| warn(&Warning::Left(left)));
    ctx.not_held.iter().for_each(|not_held| warn(&Warning::NotHeld(not_held)));
    namespace::end_visit(&mut ctx);
    if matches!(walked, Err(Stopped::Failed)) {
        kill(&ctx);
    }
    let started = ctx.init.take().filter(|_| !matches!(walked, Err(Stopped::Failed)));
    let (mut groups, mut told) = (None, false);
    let ended = if let Some((pid, first)) = &started {
        let not_held: Vec<NotHeld> = plan.not_held.iter().chain(&ctx.not_held).cloned().collect();
        let settled = Box::new(|held: &[OwnedFd]| {
            record::write(&Made { spec, facts, plan, not_held: &not_held }, *pid, held);
            tell_losses(plan, &board, &mut told, warn);
        });
        let ending = Box::new(|| groups = record::take_away(&facts.state.journal));
        let journal = Some(&*facts.state.journal);
        let watch = Watch { first, timeout, settled: Some(settled), journal, ending: Some(ending) };
        let ended = supervise(&mut ctx, &signals, watch).map(Some);
        if board.failure().is_none() {
            tell_losses(plan, &board, &mut told, warn);
        }
        ended
    } else {
        Ok(None)
    };
    let outdated = !last && board.failure().is_some_and(|failure| is_outdated(plan, &failure));
    let result = match ended {
        _ if outdated => Ok(Started::Outdated),
        ended => ended.map_err(unprepared).and_then(|ended| judge(&mut ctx, facts, ended, groups)),
    };
    if let Ok(Started::Ended(end)) = &result {
        events::tell(&facts.state.journal, end);
    }
    fold(ctx, warn);
    result
}

/// Tells once what the container goes without.
fn tell_losses(plan: &Plan, board: &Board, told: &mut bool, warn: &mut dyn FnMut(&Warning<'_>)) {
    let refused = |index: usize| board.went(index).is_some_and(|went| went.otherwise);
    let loss = |(index, step): (usize, &plan::Step)| step.otherwise.as_ref()?.loss.filter(|_| refused(index));
    let lost: Vec<Loss> = plan.steps.iter().enumerate().filter_map(loss).collect();
    if !lost.is_empty() && !std::mem::replace(told, true) {
        warn(&Warning::Lost(&lost, outer::regain(&lost)));
    }
}

/// What the end means: the command's own status, or the error of a step. The groups are those that it had in the end, if
/// that was written down.
fn judge(
    ctx: &mut Context<'_>,
    facts: &Facts,
    ended: Option<u8>,
    groups: Option<Vec<Group>>,
) -> Result<Started> {
    let (plan, board) = (ctx.plan, ctx.board);
    if let Some(failure) = board.failure() {
        ctx.report();
        let (message, error) = (ctx.message.take(), ctx.error.take());
        let not_recorded = ctx.not_recorded;
        return Err(diagnose(&Case {
            plan,
            name: &facts.state.id,
            state: Some(&facts.state),
            failure,
            head: board.head(),
            message,
            error,
            not_recorded,
        }));
    }
    match ended {
        // Executing is the one step that cannot say that it is done.
        Some(status) if board.done() + 1 >= plan.steps.len() => {
            let groups = groups.unwrap_or_else(|| plan.groups());
            Ok(Started::Ended(End::of(status, &groups, events::was_ended(&facts.state.journal))))
        }
        _ => {
            ctx.report();
            let at = format!("after step {} of {}", board.done(), plan.steps.len());
            if let Some(error) = too_little_memory(plan) {
                return Err(error.step(at));
            }
            let died =
                Error::new(ACTOR_DIED, "a process of the container died while it was being built").step(at);
            Err(match limits_of_each(plan) {
                Some(limits) => died
                    .why(format!("it could not go on with the limits of --ulimit: {limits}; or somebody killed it"))
                    .fix("the start needs a few open files, some 16 MiB of address space and a second of CPU time"),
                None => died
                    .why("somebody killed it, or the kernel did for want of memory")
                    .fix("dmesg shows if it was the kernel"),
            })
        }
    }
}

/// The limits that each process has by itself, if some were asked for.
fn limits_of_each(plan: &Plan) -> Option<String> {
    plan.steps.iter().find_map(|step| match &step.op {
        op @ plan::Op::Process(plan::process::Op::SetLimits { .. }) => {
            op.title().rsplit_once(": ").map(|(_, limits)| limits.to_owned())
        }
        _ => None,
    })
}

/// Whether a step failed because of what others did since the host was probed: another container took the range of ids first;
/// or a group has gone in which this one's was to be, with the last container in it.
fn is_outdated(plan: &Plan, failure: &Failure) -> bool {
    use plan::cgroup::Op::{Enable, Make, MakeParent, Set};
    let is_own = |file: &CStr| {
        plan.groups().iter().any(|group| file.to_bytes().starts_with(group.directory.to_bytes()))
    };
    match (plan.steps.get(failure.step).map(|step| &step.op), failure.errno) {
        (Some(Op::State(plan::state::Op::ReserveIds { .. })), libc::EAGAIN) => true,
        // ENODEV: it was found, and was gone when it was locked (cgroup_mkdir in the kernel's cgroup.c).
        (Some(Op::Cgroup(op)), libc::ENOENT | libc::ENODEV) => match op {
            MakeParent { .. } | Make { .. } | Enable { .. } => true,
            Set { file, .. } => !is_own(file),
            _ => false,
        },
        _ => false,
    }
}

/// Undoes what the journal says. The lock on the range of ids goes first, since whoever removes it must hold it.
fn fold(mut ctx: Context<'_>, warn: &mut dyn FnMut(&Warning<'_>)) {
    ctx.range = None;
    ctx.clear();
    if let Some(Err(left)) = ctx.journal.take().map(context::Journal::fold) {
        warn(&Warning::Left(&left));
    }
}
