//! PID 1 of the container: reaps, forwards signals, dies with the runtime, ends with the command.

use crate::bell::{Bell, NAMESPACES};
use crate::board::Board;
use crate::context::Context;
use crate::signals::{FORWARDED, from_terminal, shares_session};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, kill_process_group, wait};
use rustix::stdio::stdin;
use rustix::termios::{tcgetpgrp, tcsetpgrp};
use spec::Namespaces;
use std::thread::sleep;
use std::time::Duration;
use sys::clone::exit;
use sys::signal::{Set, SignalFd};

/// The status of a process that SIGKILL ended: 128 + 9.
pub(crate) const KILLED: u8 = 137;

/// How long another who has the same end of the bell has time to answer it.
const WAIT: Duration = Duration::from_micros(100);

/// PID 1 leads the session, and so a process group of its own.
const SELF: Pid = Pid::INIT;

/// The newborn lets go of what is the runtime's: its end of the bell first of all, so that the inner end hears of the
/// runtime's death.
pub(crate) fn begin(ctx: &mut Context<'_>) {
    ctx.bell = ctx.other_bell.take();
    ctx.proc = None;
    ctx.journal = None;
    ctx.range = None;
}

/// Supervises the command until it ends, and ends with its status; all that is left in the PID namespace dies then. `fork` is
/// the step that made the command, which has failed if nobody can look after it.
pub(crate) fn supervise(ctx: &mut Context<'_>, fork: usize) -> ! {
    ctx.clear();
    let signals = signals().unwrap_or_else(|errno| {
        ctx.board.fail(fork, errno.raw_os_error());
        exit(spec::error::ENGINE_FAILED)
    });
    let mut held = std::mem::take(&mut ctx.held);
    let (Some(command), Ok(bell)) = (ctx.command.and_then(Pid::from_raw), ctx.bell()) else {
        exit(spec::error::ENGINE_FAILED)
    };
    let shares_session = shares_session(ctx.plan);
    // The kernel dropped the SIGCHLD of a command that ended before the signal was blocked.
    reap(command, bell);
    loop {
        let mut fds = [PollFd::new(&signals, PollFlags::IN), PollFd::new(bell, PollFlags::IN)];
        let _ = poll(&mut fds, None);
        if !fds[1].revents().is_empty() {
            match bell.listen() {
                Ok(Some(NAMESPACES)) => {
                    let _ = bell.hear(drop);
                    hand_over(bell, &mut held);
                }
                // A ring is for the command, which shares the bell until it executes.
                Ok(Some(_)) => sleep(WAIT),
                Ok(None) => {}
                // The runtime's death.
                Err(_) => exit(KILLED),
            }
        }
        while let Some(info) = signals.next() {
            match info.signal {
                libc::SIGCHLD => reap(command, bell),
                // The command has got it as well.
                _ if shares_session && from_terminal(&info) => {}
                libc::SIGCONT => go_on(command, ctx.board),
                other => pass_on(command, other),
            }
        }
    }
}

/// Hands the namespaces to the runtime, which keeps them for those who join.
fn hand_over(bell: &Bell, held: &mut [Option<OwnedFd>]) {
    let mut fds = [bell.as_fd(); Namespaces::NAMES.len()];
    let mut count = 0;
    for (place, fd) in fds.iter_mut().zip(held.iter().flatten()) {
        *place = fd.as_fd();
        count += 1;
    }
    let _ = bell.send(NAMESPACES, fds.get(..count).unwrap_or_default());
    held.fill_with(|| None);
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

/// Waits for all that have ended, orphans among them. A command that has stopped is told to the runtime, which does the
/// same in the caller's shell.
fn reap(command: Pid, bell: &Bell) {
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG | WaitOptions::UNTRACED) {
        match status.stopping_signal() {
            _ if pid != command => {}
            Some(signal) => bell.say(signal as u8),
            None => exit(status_of(status)),
        }
    }
}

/// The exit status as shells have it: the command's own, or 128 and the signal.
fn status_of(status: WaitStatus) -> u8 {
    let status = status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal));
    status.and_then(|status| u8::try_from(status).ok()).unwrap_or(KILLED)
}

/// What terminals and shells send to a whole job goes to the whole job, the rest to the command alone.
fn pass_on(command: Pid, signal: i32) {
    let Some(named) = Signal::from_named_raw(signal) else { return };
    let for_job = matches!(
        named,
        Signal::INT | Signal::QUIT | Signal::HUP | Signal::WINCH | Signal::TSTP | Signal::CONT
    );
    // The job's group is not there before the command has made it.
    if !for_job || kill_process_group(command, named).is_err() {
        let _ = kill_process(command, named);
    }
}

/// The runtime goes on: so does the command, in the foreground of its terminal or, where init's own group stands for
/// the outer shell, in the background. Where a shell inside has given the terminal to a job, it stays there.
fn go_on(command: Pid, board: &Board) {
    let (from, to) = if board.is_foreground() { (SELF, command) } else { (command, SELF) };
    if tcgetpgrp(stdin()) == Ok(from) {
        let _ = tcsetpgrp(stdin(), to);
    }
    pass_on(command, libc::SIGCONT);
}
