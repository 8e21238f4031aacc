//! Has systemd make a scope, and move processes there.

use crate::context::Context;
use ::cgroup::systemd::{self, Failure, Weights};
use ::cgroup::{Manager, Scope};
use plan::cgroup::below;
use spec::catalogue::SYSTEMD_REFUSED;
use spec::error::Error;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;
use sys::{Errno, Result};

/// How long systemd may take: it answers in milliseconds, but on a machine that is starting.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the scope, with the runtime in it.
pub(crate) fn start(ctx: &mut Context<'_>, scope: &Scope, weights: Weights) -> Result<()> {
    let asked = systemd::Scope {
        unit: &scope.unit,
        slice: &scope.slice,
        description: "a container of containerception",
        // Whoever asks; the number would be another's where the own PID namespace is not systemd's.
        pid: 0,
        controllers: &scope.controllers,
        weights,
    };
    let started = systemd::start(scope.manager, &asked, PATIENCE);
    told(ctx, started)?;
    let directory = Path::new(OsStr::from_bytes(scope.directory.to_bytes()));
    if directory.is_dir() {
        return Ok(());
    }
    let why = format!("its group is not where it was looked for: {}", directory.display());
    ctx.error = Some(error(why));
    Err(Errno::NOENT)
}

/// Moves the joiner into a group below that of the scope.
pub(crate) fn attach(ctx: &mut Context<'_>, scope: &Scope, group: &str) -> Result<()> {
    let joiner = ctx.init.as_ref().map(|(pid, _)| pid.unsigned_abs()).ok_or(Errno::SRCH)?;
    let attached = systemd::attach(scope.manager, &scope.unit, group, joiner, PATIENCE);
    told(ctx, attached)
}

/// What the scope of a container that runs weighs now, as far as that can be read.
pub(crate) fn weights(scope: &Scope) -> Weights {
    let read = |file: &str| {
        let file = below(&scope.directory, file);
        std::fs::read_to_string(OsStr::from_bytes(file.to_bytes())).unwrap_or_default()
    };
    let number = |text: String| text.trim().trim_start_matches("default ").lines().next()?.parse().ok();
    let idle = (read("cpu.idle").trim() == "1").then_some(Weights::IDLE);
    Weights { cpu: idle.or_else(|| number(read("cpu.weight"))), io: number(read("io.weight")) }
}

/// Changes what the scope of a container that runs weighs.
///
/// # Errors
/// `SYSTEMD_REFUSED`
pub(crate) fn set_weights(scope: &Scope, weights: Weights) -> std::result::Result<(), Error> {
    systemd::set_weights(scope.manager, &scope.unit, weights, PATIENCE).map_err(|failure| {
        Error::new(SYSTEMD_REFUSED, format!("systemd has not changed the weights of {}", scope.unit))
            .why(failure.to_string())
            .fix("journalctl shows what systemd says")
    })
}

/// Whether whoever joins the scope's group must be moved there by systemd: the caller's own group, and so the group above
/// both, is not the caller's.
pub(crate) fn must_attach(scope: &Scope) -> bool {
    scope.manager == Manager::User && !::cgroup::may_enter(&below(&scope.directory, "container"))
}

fn told(ctx: &mut Context<'_>, done: std::result::Result<(), Failure>) -> Result<()> {
    done.map_err(|failure| {
        ctx.error = Some(error(failure.to_string()));
        Errno::IO
    })
}

fn error(why: String) -> Error {
    Error::new(SYSTEMD_REFUSED, "systemd has made no scope for the container")
        .why(why)
        .fix("journalctl shows what systemd says; --cgroup-manager cgroupfs does without it")
}

/// Whether an instance of systemd would answer.
pub(crate) fn reachable(manager: Manager) -> std::result::Result<(), String> {
    systemd::reachable(manager)
}
