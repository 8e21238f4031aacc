//! PID 1 of the container: reaps, forwards signals, dies with the runtime, ends with the command.

use crate::context::Context;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use sys::clone::exit;
use sys::signal::{Set, SignalFd, kill_all};

/// The status of a process that SIGKILL ended: 128 + 9.
pub(crate) const KILLED: u8 = 137;

/// The signals that are passed on to the command, in the runtime and in init. The rest is not meant for it (SIGCHLD),
/// cannot be caught, or says that the program itself is broken.
pub(crate) const FORWARDED: [i32; 10] = [
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGWINCH,
    libc::SIGALRM,
    libc::SIGTSTP,
    libc::SIGCONT,
];

/// The newborn lets go of what is the runtime's: its end of the bell first of all, so that the inner end hears of the
/// runtime's death.
pub(crate) fn begin(ctx: &mut Context<'_>) {
    ctx.bell = ctx.other_bell.take();
    ctx.proc = None;
    ctx.journal = None;
    ctx.range = None;
}

/// Supervises the command until it ends, and ends with its status; all that is left in the PID namespace dies then.
pub(crate) fn supervise(ctx: &mut Context<'_>) -> ! {
    ctx.clear();
    let Ok(signals) = signals() else { exit(spec::error::ENGINE_FAILED) };
    let (Some(command), Ok(bell)) = (ctx.command.and_then(Pid::from_raw), ctx.bell()) else {
        exit(spec::error::ENGINE_FAILED)
    };
    // The kernel dropped the SIGCHLD of a command that ended before the signal was blocked.
    reap(command);
    loop {
        // Of the bell only its end matters: the runtime's death, which POLLHUP tells without being asked for.
        let mut fds = [PollFd::new(&signals, PollFlags::IN), PollFd::new(bell, PollFlags::RDHUP)];
        let _ = poll(&mut fds, None);
        if fds[1].revents().intersects(PollFlags::HUP | PollFlags::RDHUP) {
            exit(KILLED);
        }
        while let Some(info) = signals.next() {
            match info.signal {
                libc::SIGCHLD => reap(command),
                // A stopped job is a stopped container: all of its processes, whatever group they are in.
                libc::SIGTSTP => drop(kill_all(libc::SIGSTOP)),
                libc::SIGCONT => drop(kill_all(libc::SIGCONT)),
                other => drop(Signal::from_named_raw(other).map(|signal| kill_process(command, signal))),
            }
        }
    }
}

/// Signals are blocked, not ignored: the kernel drops a signal to PID 1 that has its default action, unless it is
/// blocked (`pid_namespaces(7)`).
fn signals() -> sys::Result<SignalFd> {
    let mut all = [libc::SIGCHLD; FORWARDED.len() + 1];
    all[1..].copy_from_slice(&FORWARDED);
    let set = Set::of(&all);
    set.block()?;
    SignalFd::new(&set)
}

/// Waits for all that have ended, orphans among them.
fn reap(command: Pid) {
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid == command {
            exit(status_of(status));
        }
    }
}

/// The exit status as shells have it: the command's own, or 128 and the signal.
fn status_of(status: WaitStatus) -> u8 {
    let status = status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal));
    status.and_then(|status| u8::try_from(status).ok()).unwrap_or(KILLED)
}
