//! Performs steps on processes.

use crate::context::Context;
use crate::next::Next;
use crate::rule;
use plan::Op as AnyOp;
use plan::process::Op;
use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, chdir, getpid, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setpgid, setrlimit, setsid, umask,
};
use rustix::stdio::{stderr, stdin};
use rustix::termios::{isatty, tcsetpgrp};
use spec::Namespaces;
use spec::error::{ENGINE_FAILED, NOT_EXECUTABLE, NOT_FOUND};
use std::ffi::CStr;
use sys::clone::{Fork, clone3, is_single_threaded};
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<Next> {
    match op {
        Op::Clone { namespaces, group } => return clone(ctx, namespaces, *group),
        Op::Fork => return fork(ctx),
        Op::LimitBeforeClone { limit, .. } | Op::LimitInside { limit } => limit_processes(*limit)?,
        Op::SetLimits { rlimits } => rlimits.iter().try_for_each(|rlimit| crate::rlimit::set(ctx, rlimit))?,
        Op::SetOomScore { score } => crate::rlimit::rate(ctx, *score)?,
        Op::DieWithParent => die_with_parent(ctx)?,
        Op::NotDumpable if rule::holds("dumpable") => set_dumpable_behavior(DumpableBehavior::NotDumpable)?,
        Op::NewSession { terminal } => new_session(ctx, *terminal)?,
        Op::NewJob { terminal } => new_job(ctx, *terminal)?,
        Op::ChangeDirectory { path } => change_directory(path)?,
        Op::CloseFiles if rule::holds("close-files") => sys::fd::close_on_exec_from(3)?,
        Op::NotDumpable | Op::CloseFiles => {}
        Op::Report => ctx.report(),
        Op::Execute { candidates, .. } => return Err(execute(ctx, candidates)),
    }
    Ok(Next::Step)
}

/// The exit status of an actor that failed: 126 and 127 for the command itself, as shells have it.
pub(crate) fn status_of(op: &AnyOp, errno: Errno) -> u8 {
    match (op, errno) {
        (AnyOp::Process(Op::Execute { .. }), Errno::NOENT | Errno::NOTDIR) => NOT_FOUND,
        (AnyOp::Process(Op::Execute { .. }), _) => NOT_EXECUTABLE,
        _ => ENGINE_FAILED,
    }
}

fn clone(ctx: &mut Context<'_>, namespaces: &Namespaces, group: Option<plan::Slot>) -> Result<Next> {
    let flags = [
        (namespaces.user, libc::CLONE_NEWUSER),
        (namespaces.mount, libc::CLONE_NEWNS),
        (namespaces.pid, libc::CLONE_NEWPID),
        (namespaces.uts, libc::CLONE_NEWUTS),
        (namespaces.ipc, libc::CLONE_NEWIPC),
    ];
    let flags = flags.iter().filter(|(new, _)| *new).fold(0, |all, (_, flag)| all | *flag as u64);
    clone_first(ctx, flags, group, plan::Actor::Init)
}

/// Clones the first process of the inside, a child of the runtime, which keeps its pidfd.
pub(crate) fn clone_first(
    ctx: &mut Context<'_>,
    flags: u64,
    group: Option<plan::Slot>,
    actor: plan::Actor,
) -> Result<Next> {
    if !is_single_threaded()? {
        return Err(Errno::BUSY);
    }
    let group = group.map(|slot| ctx.get(slot)).transpose()?;
    match clone3(flags, group)? {
        Fork::Child => Ok(Next::Born(actor)),
        Fork::Parent(pid, pidfd) => {
            #[cfg(feature = "faults")]
            ctx.board.keep_init(pid);
            ctx.init = Some((pid, pidfd));
            ctx.other_bell = None;
            Ok(Next::Step)
        }
    }
}

/// Both sides will hand the terminal to a group, as shells do, and may be of a background one then: the kernel would stop
/// them for it, were SIGTTOU not blocked (`tcsetpgrp(3)`).
fn fork(ctx: &mut Context<'_>) -> Result<Next> {
    sys::signal::Set::of(&[libc::SIGTTOU]).block()?;
    ctx.command = sys::clone::fork()?;
    Ok(if ctx.command.is_some() { Next::Step } else { Next::Born(plan::Actor::Command) })
}

/// The kernel tells of a death that is yet to come (`prctl(2)`, PR_SET_PDEATHSIG); of one that came before, the bell.
fn die_with_parent(ctx: &Context<'_>) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if ctx.bell()?.is_hung_up()? {
        sys::clone::exit(crate::init::KILLED);
    }
    Ok(())
}

/// Lowers the limit of processes; one that is lower already stays.
fn limit_processes(limit: u32) -> Result<()> {
    let limit = u64::from(limit);
    let now = getrlimit(Resource::Nproc);
    let lower = |old: Option<u64>| Some(old.map_or(limit, |old| old.min(limit)));
    setrlimit(Resource::Nproc, Rlimit { current: lower(now.current), maximum: lower(now.maximum) })
}

fn new_session(ctx: &mut Context<'_>, terminal: Option<plan::Slot>) -> Result<()> {
    setsid()?;
    if let Some(slot) = terminal {
        let terminal = ctx.take(slot)?;
        rustix::process::ioctl_tiocsctty(&terminal)?;
        rustix::stdio::dup2_stdin(&terminal)?;
        rustix::stdio::dup2_stdout(&terminal)?;
        // Errors that were sent to a file go there, as they do without a container.
        if isatty(stderr()) {
            rustix::stdio::dup2_stderr(&terminal)?;
        }
    }
    Ok(())
}

/// As a shell starts a job, but that it is the job of a session inside what runs in the foreground if the runtime does.
fn new_job(ctx: &Context<'_>, terminal: bool) -> Result<()> {
    setpgid(None, None)?;
    if terminal && ctx.board.is_foreground() {
        tcsetpgrp(stdin(), getpid())?;
    }
    Ok(())
}

/// Goes to `path` and checks that the kernel finds itself below the root: `getcwd(2)` answers `(unreachable)…` for a
/// directory outside, into which a path such as `/proc/self/fd/7` can lead (R4, CVE-2024-21626).
fn change_directory(path: &CStr) -> Result<()> {
    chdir(path)?;
    let mut buffer = [0; 4096];
    // rustix would allocate.
    let length = sys::fd::getcwd(&mut buffer)?;
    if length > 0 && buffer[0] == b'/' || !rule::holds("cwd") { Ok(()) } else { Err(Errno::XDEV) }
}

/// Tries each candidate in turn, as `execvp(3)` does; returns with the errno that tells most.
fn execute(ctx: &Context<'_>, candidates: &[std::ffi::CString]) -> Errno {
    umask(Mode::from_raw_mode(0o022));
    if let Err(errno) = sys::signal::reset_all() {
        return errno;
    }
    let mut result = Errno::NOENT;
    for (index, candidate) in candidates.iter().enumerate() {
        let errno = match crate::origin::verify(candidate) {
            Ok(()) => sys::exec::execve(candidate, &ctx.arguments, &ctx.environment),
            Err(errno) => errno,
        };
        let missing = matches!(errno, Errno::NOENT | Errno::NOTDIR);
        if missing && !exists(candidate) {
            continue;
        }
        ctx.board.item(index);
        keep_head(ctx, candidate);
        // EACCES goes on, for a later directory may have a program of that name; all else is final.
        result = if missing { Errno::LIBACC } else { errno };
        if errno != Errno::ACCESS {
            break;
        }
    }
    result
}

fn exists(path: &CStr) -> bool {
    rustix::fs::stat(path).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile
    })
}

/// Keeps the first bytes of what could not be executed: the runtime tells the cause from them.
fn keep_head(ctx: &Context<'_>, path: &CStr) {
    let mut head = [0; 1024];
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::CLOEXEC | rustix::fs::OFlags::NONBLOCK;
    if exists(path)
        && let Ok(file) = rustix::fs::open(path, flags, Mode::empty())
        && let Ok(length) = rustix::io::read(&file, &mut head)
    {
        ctx.board.keep_head(&head[..length]);
    }
}
