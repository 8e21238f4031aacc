//! A whole exec: one more command in a container that runs, from the plan's first step to the command's end.

use crate::board::Board;
use crate::context::{Context, Narrator};
use crate::diagnose::{Case, diagnose, unprepared};
use crate::end::End;
use crate::events;
use crate::interpreter::{Stopped, walk_outside};
use crate::signals::Signals;
use crate::supervise::{Watch, kill, supervise};
use ::cgroup::death::oom_kills;
use ::cgroup::{Controller, Group};
use plan::{Container, Plan};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, waitid};
use spec::catalogue::ACTOR_DIED;
use spec::error::{Error, Result};
use std::time::Duration;

/// Performs `plan` in `container` and waits for the command to end. `goes_by` is the locked record that the plan was made
/// from.
///
/// # Errors
/// The step that failed, with its likely cause.
pub fn exec(
    plan: &Plan,
    container: &Container,
    goes_by: OwnedFd,
    narrator: Option<Narrator<'_>>,
    timeout: Option<Duration>,
) -> Result<End> {
    let killed_before = kills(container);
    let board = Board::new().map_err(unprepared)?;
    #[cfg(feature = "faults")]
    crate::faults::watch(&board);
    let mut ctx = Context::new(plan, &board).map_err(unprepared)?;
    ctx.narrator = narrator;
    let signals = Signals::block().map_err(unprepared)?;
    let walked = walk_outside(&mut ctx);
    // Who gives the container another group has waited until the joiner is in those that were known.
    drop(goes_by);
    if matches!(walked, Err(Stopped::Failed)) {
        kill(&ctx);
    }
    let ended = match command_of(&ctx) {
        Some(command) => {
            let watch = Watch { first: &command, timeout, settled: None, journal: None, ending: None };
            Some(supervise(&mut ctx, &signals, watch).map_err(unprepared)?)
        }
        None => None,
    };
    let status = judge(&mut ctx, container, ended)?;
    if kills(container) == killed_before {
        return Ok(End { status, killed: None, counted: false, by_somebody: false });
    }
    Ok(End::of(status, &container.groups, events::was_ended(&container.journal)))
}

/// How many processes of the container the kernel has ended for want of memory, if that is counted.
fn kills(container: &Container) -> Option<u64> {
    let counts = |group: &Group| group.controllers.contains(&Controller::Memory);
    if container.groups.iter().any(counts) { oom_kills(&container.groups) } else { None }
}

/// The command, once the joiner has ended. It is a child of this process, whatever number stands on the board: nobody else's
/// can be waited for.
fn command_of(ctx: &Context<'_>) -> Option<OwnedFd> {
    let joiner = ctx.pidfd().ok()?;
    let _ = waitid(WaitId::PidFd(joiner), WaitIdOptions::EXITED);
    let command = pidfd_open(Pid::from_raw(ctx.board.command()?)?, PidfdFlags::empty()).ok()?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::PidFd(rustix::fd::AsFd::as_fd(&command)), options).ok()?;
    Some(command)
}

fn judge(ctx: &mut Context<'_>, container: &Container, ended: Option<u8>) -> Result<u8> {
    let (plan, board) = (ctx.plan, ctx.board);
    if let Some(failure) = board.failure() {
        ctx.report();
        let (message, error) = (ctx.message.take(), ctx.error.take());
        return Err(diagnose(&Case {
            plan,
            name: &container.name,
            state: None,
            failure,
            head: board.head(),
            message,
            error,
            not_recorded: false,
        }));
    }
    match ended {
        // Executing is the one step that cannot say that it is done.
        Some(status) if board.done() + 1 >= plan.steps.len() => Ok(status),
        _ => {
            ctx.report();
            let at = format!("after step {} of {}", board.done(), plan.steps.len());
            Err(Error::new(ACTOR_DIED, "a process died on its way into the container")
                .step(at)
                .why("the container ended meanwhile, or somebody killed it")
                .fix("containerception ps shows what runs"))
        }
    }
}
