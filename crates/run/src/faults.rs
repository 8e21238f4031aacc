//! For the build of `cargo xtask crash` and `fault`: kills an actor, or has a step fail.
//!
//! `CONTAINERCEPTION_CRASH=ACTOR@STEP`, steps counted from 1. An actor kills itself where the step is its own. Where it
//! is another's, that one stands still at the step until a watcher, a child of the runtime's outside all namespaces,
//! has killed the actor; then it goes on as it would have.
//!
//! `CONTAINERCEPTION_FAULT=STEP:ERRNO`, the errno by its name, has the step fail with it instead of being performed. What
//! replaces the step on that errno is performed.

use crate::board::Board;
use crate::diagnose::errno_name;
use plan::Actor;
use rustix::process::{Pid, Signal, getpid, getppid, kill_process};
use std::time::{Duration, Instant};
use sys::Errno;
use sys::clone::{Fork, clone3, exit};

/// How long one waits for another; a test fails long after that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts the watcher, if an actor is to be killed. It must not inherit the bell, which would keep the container alive.
pub(crate) fn watch(board: &Board) {
    let Some((who, _)) = wanted() else { return };
    let runtime = getpid();
    if let Ok(Fork::Child) = clone3(0, None) {
        while getppid() == Some(runtime) {
            if board.is_stopped() {
                let _ = victim(board, who, runtime).map(|pid| kill_process(pid, Signal::KILL));
                board.resume();
                break;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        exit(0);
    }
}

/// Who is killed from outside, if it is there.
fn victim(board: &Board, who: Actor, runtime: Pid) -> Option<Pid> {
    match who {
        Actor::Runtime => Some(runtime),
        Actor::Init => Pid::from_raw(board.init()),
        // It ends when it has forked the command; by then its number may be somebody else's.
        Actor::Joiner => Pid::from_raw(board.init()).filter(|_| board.command().is_none()),
        // A joiner's. An init's has a number that is true inside alone.
        Actor::Command => Pid::from_raw(board.command()?),
    }
}

/// Called before each step.
pub(crate) fn before(board: &Board, actor: Actor, index: usize) {
    match wanted() {
        Some((who, step)) if step == index + 1 && who == actor => {
            let _ = kill_process(getpid(), Signal::KILL);
            // PID 1 of a namespace cannot kill itself (pid_namespaces(7)).
            exit(crate::init::KILLED);
        }
        Some((_, step)) if step == index + 1 => stand_still(board),
        _ => {}
    }
}

/// With which errno the step is to fail.
pub(crate) fn forced(index: usize) -> Option<Errno> {
    let value = std::env::var("CONTAINERCEPTION_FAULT").ok()?;
    let (step, name) = value.split_once(':')?;
    let errno = (1..134).find(|errno| errno_name(*errno) == name)?;
    (step.parse() == Ok(index + 1)).then(|| Errno::from_raw_os_error(errno))
}

fn stand_still(board: &Board) {
    board.stop();
    let deadline = Instant::now() + PATIENCE;
    while board.is_stopped() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn wanted() -> Option<(Actor, usize)> {
    let value = std::env::var("CONTAINERCEPTION_CRASH").ok()?;
    let (who, step) = value.split_once('@')?;
    let all = [Actor::Runtime, Actor::Init, Actor::Joiner, Actor::Command];
    let who = all.into_iter().find(|actor| actor.to_string() == who)?;
    Some((who, step.parse().ok()?))
}
