//! For the crash tests' own build: kills an actor just before a step.

use plan::Actor;

/// Kills this process if the environment has `CONTAINERCEPTION_CRASH=ACTOR@STEP` for it, steps counted from 1. The
/// runtime can be killed before any step, whoever's it is: it watches the board for that.
pub(crate) fn maybe_die(actor: Actor, index: usize) {
    // Reading the environment allocates nothing.
    let wanted = rustix::process::getpid();
    let Some((who, step)) = wanted_fault() else { return };
    if who == actor && step == index + 1 {
        let _ = rustix::process::kill_process(wanted, rustix::process::Signal::KILL);
        // PID 1 of a namespace cannot kill itself (pid_namespaces(7)).
        sys::clone::exit(crate::init::KILLED);
    }
}

fn wanted_fault() -> Option<(Actor, usize)> {
    let value = std::env::var("CONTAINERCEPTION_CRASH").ok()?;
    let (who, step) = value.split_once('@')?;
    let who =
        [Actor::Runtime, Actor::Init, Actor::Command].into_iter().find(|actor| actor.to_string() == who)?;
    Some((who, step.parse().ok()?))
}
