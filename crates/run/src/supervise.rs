//! The runtime while the container runs: forwards signals, relays the terminal, waits for the end.

use crate::context::Context;
use crate::init::FORWARDED;
use crate::terminal::Raw;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::process::{Signal, WaitId, WaitIdOptions, kill_process, pidfd_send_signal, waitid};
use sys::Result;
use sys::signal::{Set, SignalFd};

/// Signals that the runtime reads instead of dying of them.
#[derive(Debug)]
pub(crate) struct Signals(SignalFd);

impl Signals {
    /// Blocks them. Done before the clone, so that none is lost and none kills the runtime half-way.
    pub fn block() -> Result<Self> {
        let set = Set::of(&FORWARDED);
        set.block()?;
        SignalFd::new(&set).map(Signals)
    }
}

/// Waits until the container has ended; returns its exit status, 128 + n for a signal.
pub(crate) fn supervise(ctx: &mut Context<'_>, signals: &Signals, shares_session: bool) -> Result<u8> {
    let mut relay = ctx.terminal.take();
    let pidfd = ctx.pidfd()?;
    loop {
        let ready = wait(&signals.0, pidfd, relay.as_ref());
        if let Some(relay) = &mut relay {
            relay.pump(ready.output, ready.input);
        }
        if ready.signal {
            forward(&signals.0, pidfd, relay.as_mut(), shares_session);
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

fn forward(signals: &SignalFd, pidfd: BorrowedFd<'_>, mut relay: Option<&mut Raw>, shares_session: bool) {
    while let Some(info) = signals.next() {
        match info.signal {
            libc::SIGWINCH if relay.is_some() => {
                if let Some(relay) = &mut relay {
                    relay.resize();
                }
            }
            libc::SIGTSTP => stop(pidfd, relay.as_deref_mut()),
            // A key's signal went to the whole foreground group, and so to the command as well if it is in it.
            _ if shares_session && info.code == SI_KERNEL => {}
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
