//! The runtime while the container runs: forwards signals, relays the terminal, waits for the end.

use crate::context::Context;
use crate::init::FORWARDED;
use crate::terminal::Raw;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::process::{Signal, WaitId, WaitIdOptions, kill_process, pidfd_send_signal, waitid};
use sys::Result;
use sys::signal::{Info, Set, SignalFd, is_ignored};

/// Signals that the runtime reads instead of dying of them.
#[derive(Debug)]
pub(crate) struct Signals {
    fd: SignalFd,
    /// Whether a terminal's keys are for others: a shell without job control has the jobs that it starts in the
    /// background ignore INT, since they stay in the foreground's process group (POSIX, XCU 2.11). A signal that is
    /// blocked comes even if it is ignored.
    in_background: bool,
}

impl Signals {
    /// Blocks them. Done before the clone, so that none is lost and none kills the runtime half-way. A hang-up that is
    /// ignored stays so, as `nohup(1)` has it.
    pub fn block() -> Result<Self> {
        let mut all = FORWARDED.to_vec();
        all.retain(|signal| *signal != libc::SIGHUP || !is_ignored(*signal));
        let set = Set::of(&all);
        set.block()?;
        Ok(Signals { fd: SignalFd::new(&set)?, in_background: is_ignored(libc::SIGINT) })
    }

    /// A key's signal goes to the whole foreground group, and so to the command as well if it is in it.
    fn are_for_others(&self, info: &Info, shares_session: bool) -> bool {
        let key = matches!(info.signal, libc::SIGINT | libc::SIGQUIT);
        info.code == SI_KERNEL && (shares_session || (self.in_background && key))
    }
}

/// Waits until the container has ended; returns its exit status, 128 + n for a signal.
pub(crate) fn supervise(ctx: &mut Context<'_>, signals: &Signals, shares_session: bool) -> Result<u8> {
    let mut relay = ctx.terminal.take();
    let pidfd = ctx.pidfd()?;
    loop {
        let ready = wait(&signals.fd, pidfd, relay.as_ref());
        if let Some(relay) = &mut relay {
            relay.pump(ready.output, ready.input);
        }
        if ready.signal {
            forward(signals, pidfd, relay.as_mut(), shares_session);
        }
        if ready.ended {
            if let Some(relay) = &mut relay {
                relay.drain();
            }
            return reap(pidfd);
        }
    }
}

/// What there is to do.
struct Ready {
    signal: bool,
    ended: bool,
    output: bool,
    input: bool,
}

fn wait(signals: &SignalFd, pidfd: BorrowedFd<'_>, relay: Option<&Raw>) -> Ready {
    let output = relay.and_then(Raw::output);
    let input = relay.and_then(Raw::input);
    let all = [Some(signals.as_fd()), Some(pidfd), output, input];
    let mut fds: Vec<PollFd<'_>> =
        all.iter().flatten().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    let _ = poll(&mut fds, None);
    let mut results = fds.iter().map(|fd| !fd.revents().is_empty());
    let [signal, ended, output, input] = all.map(|fd| fd.is_some() && results.next().unwrap_or(false));
    Ready { signal, ended, output, input }
}

fn forward(signals: &Signals, pidfd: BorrowedFd<'_>, mut relay: Option<&mut Raw>, shares_session: bool) {
    while let Some(info) = signals.fd.next() {
        match info.signal {
            libc::SIGWINCH if relay.is_some() => {
                if let Some(relay) = &mut relay {
                    relay.resize();
                }
            }
            libc::SIGTSTP => stop(pidfd, relay.as_deref_mut()),
            _ if signals.are_for_others(&info, shares_session) => {}
            signal => {
                if let Some(relay) = &mut relay
                    && signal == libc::SIGCONT
                {
                    relay.resume();
                }
                if let Some(signal) = Signal::from_named_raw(signal) {
                    let _ = pidfd_send_signal(pidfd, signal);
                }
            }
        }
    }
}

/// `si_code` of a signal that the kernel itself sent, such as a terminal's (`sigaction(2)`).
const SI_KERNEL: i32 = 0x80;

/// Stops as a job of the caller's shell does, with all of the container's processes, until SIGCONT.
fn stop(pidfd: BorrowedFd<'_>, relay: Option<&mut Raw>) {
    if let Some(relay) = relay {
        relay.restore();
    }
    let _ = pidfd_send_signal(pidfd, Signal::TSTP);
    let _ = kill_process(rustix::process::getpid(), Signal::STOP);
}

fn reap(pidfd: BorrowedFd<'_>) -> Result<u8> {
    let status = waitid(WaitId::PidFd(pidfd), WaitIdOptions::EXITED)?;
    let status =
        status.and_then(|s| s.exit_status().or_else(|| s.terminating_signal().map(|signal| 128 + signal)));
    Ok(status.and_then(|status| u8::try_from(status).ok()).unwrap_or(crate::init::KILLED))
}

/// Kills the container and waits until it is gone.
pub(crate) fn kill(ctx: &Context<'_>) {
    if let Ok(pidfd) = ctx.pidfd() {
        let _ = pidfd_send_signal(pidfd, Signal::KILL);
        let _ = waitid(WaitId::PidFd(pidfd), WaitIdOptions::EXITED);
    }
}
