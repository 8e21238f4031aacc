//! Decides how the processes of a container are born, and how its command starts.

use super::Builder;
use crate::facts::Account;
use crate::process::Op;
use crate::{Actor, Why};
use ::cgroup::{Controller, Version};
use std::ffi::CString;

pub(crate) fn clone(b: &mut Builder<'_>) {
    let into = b.groups.iter().find(|(version, _)| *version == Version::V2).map(|(_, slot)| *slot);
    let mut namespaces = b.spec.namespaces;
    namespaces.user = b.ids.is_some();
    b.step(Actor::Runtime, Op::Clone { namespaces, group: into }, Why::Container);
    if let Some(score) = b.spec.oom_score {
        // While whoever cloned it may still look into it.
        b.step(Actor::Runtime, Op::SetOomScore { score }, Why::Asked("--oom-score-adj"));
    }
}

/// Limits of each process, as late as can be: what builds the container is not bound by them.
pub(crate) fn limits(b: &mut Builder<'_>) {
    let rlimits = b.spec.rlimits.clone();
    if !rlimits.is_empty() {
        b.step(Actor::Runtime, Op::SetLimits { rlimits }, Why::Asked("--ulimit"));
    }
}

/// After ids have changed: the kernel clears the death signal and the dumpable flag of a process whose ids change
/// (`prctl(2)`, PR_SET_PDEATHSIG), so that both are set when that is over.
pub(crate) fn harden_init(b: &mut Builder<'_>) {
    if b.spec.namespaces.pid {
        b.step(Actor::Init, Op::DieWithParent, Why::Container);
        b.step(Actor::Init, Op::NotDumpable, Why::Rule("R5"));
    }
}

/// The session is init's: neither its leader nor a group whose parent is of another session is stopped by a terminal
/// (`setpgid(2)`, orphaned process groups). Who has the host's files has the caller's session, too.
pub(crate) fn session(b: &mut Builder<'_>) {
    if has_session(b) {
        b.step(Actor::Init, Op::NewSession { terminal: b.terminal }, Why::Rule("R19"));
    }
}

fn has_session(b: &Builder<'_>) -> bool {
    b.spec.root != spec::Root::Host || b.terminal.is_some()
}

pub(crate) fn fork(b: &mut Builder<'_>) {
    if b.spec.init {
        b.step(Actor::Init, Op::Fork, Why::Container);
    }
}

/// Without init, the command leads the session itself.
pub(crate) fn job(b: &mut Builder<'_>) {
    if b.spec.init && has_session(b) {
        let terminal = b.terminal.is_some();
        b.step(Actor::Command, Op::NewJob { terminal }, Why::Container);
    }
}

/// The last steps: as the command's user, in its directory, with nothing open.
pub(crate) fn execute(b: &mut Builder<'_>) {
    if let (Some(limit), None) = (b.spec.processes(), b.facts.groups.version_of(Controller::Pids)) {
        b.step(b.payload, Op::LimitInside { limit }, Why::Host("no control group can be made here"));
    }
    b.step(b.payload, Op::CloseFiles, Why::Rule("R4"));
    let path = b.spec.workdir.clone();
    if b.spec.root != spec::Root::Host {
        b.step(b.payload, Op::ChangeDirectory { path }, Why::Container);
    }
    if b.spec.narrate {
        b.step(Actor::Runtime, Op::Report, Why::Asked("--explain"));
    }
    let op = Op::Execute {
        candidates: candidates(&b.spec.command[0], &b.spec.environment),
        arguments: b.spec.command.clone(),
        environment: environment(b),
    };
    b.step(b.payload, op, Why::Container);
}

/// The environment, with a HOME of the command's user where none was given.
fn environment(b: &Builder<'_>) -> Vec<CString> {
    with_home(b.spec.environment.clone(), &b.facts.user)
}

/// `all`, with a HOME of `user` where there is none.
pub(super) fn with_home(mut all: Vec<CString>, user: &Account) -> Vec<CString> {
    if !all.iter().any(|entry| entry.as_bytes().starts_with(b"HOME=")) {
        let default = if user.uid == 0 { c"/root" } else { c"/" };
        let home = user.home.as_deref().unwrap_or(default);
        all.extend(CString::new([b"HOME=", home.to_bytes()].concat()));
    }
    all
}

/// Where the command may be: itself if it has a slash, else each directory of the container's PATH (POSIX, XBD 8.3).
/// An empty name is nowhere: with a directory before it, it would be that directory.
pub(super) fn candidates(command: &CString, environment: &[CString]) -> Vec<CString> {
    if command.is_empty() || command.as_bytes().contains(&b'/') {
        return vec![command.clone()];
    }
    let path = environment.iter().rev().find_map(|entry| entry.as_bytes().strip_prefix(b"PATH="));
    let directories = path.unwrap_or(b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let join = |directory: &[u8]| {
        let directory = if directory.is_empty() { b"." } else { directory };
        CString::new([directory, b"/", command.as_bytes()].concat()).ok()
    };
    directories.split(|b| *b == b':').filter_map(join).collect()
}
