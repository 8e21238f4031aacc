//! The runtime while the container runs: forwards signals, relays the terminal, waits for the end.

use crate::bell::{Bell, NAMESPACES};
use crate::board::Board;
use crate::context::Context;
use crate::deadline::Deadline;
use crate::journal::thaw;
use crate::signals::{Signals, shares_session};
use crate::terminal::Relay;
use plan::{Op, namespace, process};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::process::{
    Signal, WaitId, WaitIdOptions, getpid, kill_current_process_group, kill_process, pidfd_send_signal,
    waitid,
};
use std::ffi::CStr;
use std::time::{Duration, Instant};
use sys::Result;
use sys::signal::{Info, Set};

/// How often a job in the background looks whether it has become the foreground one: a shell does not tell a job that
/// never stopped.
const LOOK: Duration = Duration::from_millis(250);

/// How long a container lives before it is written down for others: one that ends sooner is spared the time.
const SETTLED: Duration = Duration::from_millis(20);

/// What is done once a container has lived for a while, with the namespaces that its init has handed over.
type Settled<'a> = Box<dyn FnOnce(&[OwnedFd]) + 'a>;

/// What is watched.
pub(crate) struct Watch<'a> {
    /// A child: the container's first process, or the command of an exec.
    pub first: &'a OwnedFd,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// What is done once it has lived for a while.
    pub settled: Option<Settled<'a>>,
    /// Its journal.
    pub journal: Option<&'a CStr>,
    /// What is done when it has ended, before its pid may be the next process's.
    pub ending: Option<Box<dyn FnOnce() + 'a>>,
}

/// Waits until what is watched has ended; returns its exit status, 128 + n for a signal.
pub(crate) fn supervise<'a>(ctx: &'a mut Context<'_>, signals: &'a Signals, watch: Watch<'a>) -> Result<u8> {
    let relay = ctx.terminal.take();
    let has_init = ctx.plan.steps.iter().any(|step| matches!(step.op, Op::Process(process::Op::Fork)));
    let mut supervisor = Supervisor {
        signals,
        shares_session: shares_session(ctx.plan),
        container: watch.first.as_fd(),
        deadline: Deadline::new(watch.timeout),
        journal: watch.journal,
        settled: watch.settled.map(|settled| (Instant::now() + SETTLED, settled)),
        // Executing is the one step that cannot say that it is done.
        built: ctx.plan.steps.len().saturating_sub(1),
        holds: ctx.plan.steps.iter().any(|step| matches!(step.op, Op::Namespace(namespace::Op::Hold { .. }))),
        handing: None,
        held: Vec::new(),
        bell: has_init.then(|| ctx.bell()).transpose()?,
        board: ctx.board,
        relay,
        ended: false,
    };
    while !supervisor.is_over() {
        let ready = supervisor.wait();
        supervisor.act(&ready);
    }
    if let Some(ending) = watch.ending {
        ending();
    }
    reap(supervisor.container).map(|status| supervisor.deadline.status(status))
}

struct Supervisor<'a> {
    signals: &'a Signals,
    /// Whether the command gets the terminal's signals itself.
    shares_session: bool,
    /// The container's first process, or the command of an exec.
    container: BorrowedFd<'a>,
    /// How long it may take.
    deadline: Deadline,
    /// Its journal.
    journal: Option<&'a CStr>,
    /// When it has lived for a while, and what is done then.
    settled: Option<(Instant, Settled<'a>)>,
    /// Where init tells that the command has stopped, while there is an init.
    bell: Option<&'a Bell>,
    /// Where init finds whether this is the foreground job.
    board: &'a Board,
    /// How many steps are done when the command is about to execute.
    built: usize,
    /// Whether init holds the namespaces, and must be asked for them.
    holds: bool,
    /// What is done when it has handed them over.
    handing: Option<Settled<'a>>,
    /// The namespaces, open for those who join.
    held: Vec<OwnedFd>,
    relay: Option<Relay>,
    /// Whether the container has ended. What it has printed may still be on its way.
    ended: bool,
}

/// What there is to do.
struct Ready {
    signal: bool,
    ended: bool,
    bell: bool,
    output: bool,
    input: bool,
}

impl<'a> Supervisor<'a> {
    fn is_over(&self) -> bool {
        self.ended && self.relay.as_ref().is_none_or(Relay::is_over)
    }

    fn wait(&self) -> Ready {
        let readable = |fd| PollFd::from_borrowed_fd(fd, PollFlags::IN);
        let relay = self.relay.as_ref();
        let all = [
            Some(readable(self.signals.as_fd())),
            (!self.ended).then(|| readable(self.container)),
            self.bell.map(|bell| readable(bell.as_fd())),
            relay.and_then(Relay::awaits_output),
            relay.filter(|_| !self.ended).and_then(Relay::awaits_input),
        ];
        let mut fds: Vec<PollFd<'_>> = all.iter().flatten().cloned().collect();
        let _ = poll(&mut fds, self.patience().as_ref());
        let mut results = fds.iter().map(|fd| !fd.revents().is_empty());
        let [signal, ended, bell, output, input] =
            all.map(|fd| fd.is_some() && results.next().unwrap_or(false));
        Ready { signal, ended, bell, output, input }
    }

    /// How long nothing else may happen before there is something to do.
    fn patience(&self) -> Option<Timespec> {
        if self.ended {
            return None;
        }
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        let looks = self.relay.as_ref().is_some_and(Relay::is_waiting);
        let all = [
            looks.then_some(LOOK),
            self.deadline.next().map(left),
            self.settled.as_ref().map(|(until, _)| left(*until)),
        ];
        // Longer than a number of seconds can say is for ever.
        all.into_iter().flatten().min().and_then(|shortest| shortest.try_into().ok())
    }

    /// Does what it is time for.
    fn keep_time(&mut self) {
        let now = Instant::now();
        if let Some((until, _)) = self.settled.as_mut().filter(|(until, _)| *until <= now)
            && self.board.done() < self.built
        {
            // It is still being made.
            *until = now + SETTLED;
        }
        if let Some((_, settled)) = self.settled.take_if(|(until, _)| *until <= now) {
            self.settle(settled);
        }
        if let Some(signal) = self.deadline.due() {
            let _ = pidfd_send_signal(self.container, signal);
            // A command that has stopped hears of nothing else.
            let _ = pidfd_send_signal(self.container, Signal::CONT);
            // What v1 has frozen dies when it is thawed.
            if let Some(journal) = self.journal.filter(|_| signal == Signal::KILL) {
                thaw(journal);
            }
        }
    }

    fn settle(&mut self, settled: Settled<'a>) {
        match self.bell.filter(|_| self.holds) {
            Some(bell) => {
                bell.say(NAMESPACES);
                self.handing = Some(settled);
            }
            None => settled(&[]),
        }
    }

    /// Signals come first: after a stop, what else is ready may no longer be this job's.
    fn act(&mut self, ready: &Ready) {
        self.ended |= ready.ended;
        if !self.ended {
            self.keep_time();
        }
        if ready.signal {
            self.forward_all();
        }
        if ready.bell {
            self.hear();
        }
        let Some(relay) = &mut self.relay else { return };
        if ready.output {
            relay.print();
        }
        if ready.input {
            relay.type_in();
        }
        if relay.is_called() {
            self.go_on();
        }
    }

    /// Returns whether this job was continued meanwhile.
    fn forward_all(&mut self) -> bool {
        let mut continued = false;
        while let Some(info) = self.signals.next() {
            match (info.signal, &mut self.relay) {
                (libc::SIGWINCH, Some(relay)) => relay.resize(),
                (libc::SIGCONT, _) => {
                    continued = true;
                    self.go_on();
                }
                (libc::SIGCHLD, _) if info.code != libc::CLD_STOPPED => {}
                (libc::SIGCHLD, _) => self.check_on_command(),
                // What the container printed last waits for a terminal that takes nothing: no longer.
                (libc::SIGINT | libc::SIGQUIT | libc::SIGTERM | libc::SIGHUP, _) if self.ended => {
                    self.relay = None;
                }
                _ => self.forward(&info),
            }
        }
        continued
    }

    fn forward(&self, info: &Info) {
        if let Some(signal) = Signal::from_named_raw(info.signal)
            && !self.signals.is_for_others(info, self.shares_session)
        {
            let _ = pidfd_send_signal(self.container, signal);
        }
    }

    /// Without init the command is a child of the runtime, which finds out itself whether it has stopped.
    fn check_on_command(&mut self) {
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
        if self.bell.is_none()
            && let Ok(Some(status)) = waitid(WaitId::PidFd(self.container), options)
            && let Some(signal) = status.stopping_signal()
        {
            self.stop_with(signal);
        }
    }

    /// Init tells that the command has stopped, and by which signal; or hands over its namespaces.
    fn hear(&mut self) {
        let mut fds = Vec::new();
        match self.bell.and_then(|bell| bell.hear(|fd| fds.push(fd))) {
            Some(NAMESPACES) => {
                self.held = fds;
                if let Some(settled) = self.handing.take() {
                    settled(&self.held);
                }
            }
            Some(signal) => self.stop_with(signal.into()),
            None => self.bell = None,
        }
    }

    /// Does as the command has done.
    fn stop_with(&mut self, signal: i32) {
        match (signal, &mut self.relay) {
            // It wants the terminal, which this job may have got by now.
            (libc::SIGTTIN | libc::SIGTTOU, Some(relay)) => {
                relay.claim();
                self.after_stop();
            }
            (libc::SIGTSTP | libc::SIGSTOP | libc::SIGTTIN | libc::SIGTTOU, _) => self.stop(),
            _ => {}
        }
    }

    /// Stops as a job of the caller's shell does; with a terminal in raw mode, which does not tell the rest of the job
    /// itself, all of it. The kernel drops the signal for a job that no shell could continue.
    fn stop(&mut self) {
        let _ = match &mut self.relay {
            Some(relay) => {
                relay.finish();
                kill_current_process_group(Signal::TSTP)
            }
            None => kill_process(getpid(), Signal::TSTP),
        };
        let stop = Set::of(&[libc::SIGTSTP]);
        let _ = stop.unblock().and_then(|()| stop.block());
        self.after_stop();
    }

    /// Goes on once: by the signal of whoever has continued this job, else by itself.
    fn after_stop(&mut self) {
        if !self.forward_all() {
            self.go_on();
        }
    }

    /// Takes up the own terminal, and continues the container.
    fn go_on(&mut self) {
        if let Some(relay) = &mut self.relay {
            self.board.set_foreground(relay.resume());
        }
        let _ = pidfd_send_signal(self.container, Signal::CONT);
    }
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
