//! Step by step: each actor stops before each of its steps, and a person at the terminal says how it goes on.
//!
//! Whoever is to perform the step asks, with its own eyes: what it shows of namespaces, mounts and ids is what it sees
//! itself, and a shell that it starts is where it is. Everything that is said was made before the clone.

use crate::board::Board;
use plan::{Plan, Tell};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat, readlink};
use rustix::io::{fcntl_dupfd_cloexec, read, write};
use rustix::process::{Pid, WaitOptions, waitpid};
use spec::Namespaces;
use std::ffi::{CStr, CString};
use std::thread::sleep;
use std::time::Duration;
use sys::clone::{exit, fork};
use sys::exec::{CStringArray, execve};
use sys::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, Set, SignalFd};
use sys::{Errno, Result};

/// How long a process whose turn has not come sleeps before it looks again.
const LOOK: Duration = Duration::from_millis(1);

const KEYS: &[u8] =
    b"    Enter: do it   w: why   i: what there is now   s: a shell right here   46: go on to that step   c: to the end   q: give up\n";

/// What is said to an answer that is none.
const NONE: &[u8] = b"    Enter, w, i, s, c, q, or the number of a step\n";

/// By these, too, somebody gives up.
const ENDING: [i32; 4] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];

/// The shells that are tried, in turn.
const SHELLS: [&CStr; 2] = [c"/bin/sh", c"/usr/bin/sh"];

/// What stops before each step.
#[derive(Debug)]
pub(crate) struct Stepper {
    terminal: OwnedFd,
    signals: SignalFd,
    /// What is said before each step, and why it is there.
    steps: Vec<(String, String)>,
    shell: CStringArray,
    environment: CStringArray,
}

impl Stepper {
    /// For a plan, at the terminal that is stdin.
    ///
    /// # Errors
    /// EBADF: stdin is closed; EMFILE.
    pub fn new(plan: &Plan) -> Result<Self> {
        let own =
            std::env::vars_os().filter(|(name, _)| matches!(name.to_str(), Some("PATH" | "TERM" | "HOME")));
        let mut environment: Vec<CString> = own
            .filter_map(|(name, value)| {
                CString::new([name.as_encoded_bytes(), b"=", value.as_encoded_bytes()].concat()).ok()
            })
            .collect();
        environment.push(c"PS1=(half-built container) # ".to_owned());
        Ok(Stepper {
            terminal: fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?,
            signals: SignalFd::new(&Set::of(&ENDING))?,
            steps: (0..plan.steps.len()).map(|index| words(plan, index)).collect(),
            // Without job control: it could not give the terminal back to a group that its PID namespace does not know.
            shell: CStringArray::new(
                ["sh", "-i", "+m"].iter().filter_map(|word| CString::new(*word).ok()).collect(),
            ),
            environment: CStringArray::new(environment),
        })
    }

    /// Waits for the steps before `index`, and then for what the person wants.
    ///
    /// # Errors
    /// ECANCELED: to give up; or another side has failed.
    pub fn before(&self, board: &Board, index: usize) -> Result<()> {
        while !(0..index).all(|earlier| board.went(earlier).is_some()) {
            if board.failure().is_some() {
                return Err(Errno::CANCELED);
            }
            sleep(LOOK);
        }
        if board.is_free(index) {
            return Ok(());
        }
        let Some((head, why)) = self.steps.get(index) else { return Ok(()) };
        loop {
            self.say(head.as_bytes());
            self.say(KEYS);
            let mut line = [0; 64];
            match self.answer(&mut line) {
                None | Some(b"q") => return Err(Errno::CANCELED),
                Some(b"") => return Ok(()),
                Some(b"c") => {
                    board.set_free(usize::MAX);
                    return Ok(());
                }
                Some(b"w") => self.say(why.as_bytes()),
                Some(b"i") => self.look_around(),
                Some(b"s") => self.shell(),
                Some(other) => match number(other) {
                    Some(number) if number > index + 1 => {
                        board.set_free(number - 1);
                        return Ok(());
                    }
                    _ => self.say(NONE),
                },
            }
        }
    }

    fn say(&self, text: &[u8]) {
        // Whoever looks away misses it.
        let _ = write(&self.terminal, text);
    }

    /// A line without its end; nothing at the end of the input, or when somebody ends this program.
    fn answer<'a>(&self, line: &'a mut [u8; 64]) -> Option<&'a [u8]> {
        self.say(b"    ? ");
        let mut fds = [PollFd::new(&self.terminal, PollFlags::IN), PollFd::new(&self.signals, PollFlags::IN)];
        while poll(&mut fds, None) == Err(Errno::INTR) {}
        if !fds[1].revents().is_empty() {
            return None;
        }
        match read(&self.terminal, &mut line[..]) {
            Ok(length @ 1..) => Some(line[..length].trim_ascii()),
            _ => None,
        }
    }

    /// What this process is, sees and may do now.
    fn look_around(&self) {
        for name in Namespaces::NAMES {
            self.link(name);
        }
        for (head, path) in [
            (&b"    users (inside outside count):\n"[..], c"/proc/self/uid_map"),
            (b"    groups of processes:\n", c"/proc/self/cgroup"),
            (b"    ids and rights:\n", c"/proc/self/status"),
            (b"    mounts:\n", c"/proc/self/mounts"),
        ] {
            self.say(head);
            self.file(path, path == c"/proc/self/status");
        }
    }

    /// A namespace, by the number that the kernel has for it.
    fn link(&self, name: &str) {
        let mut buffer = [0; 64];
        let path = crate::procfs::path_in(&mut buffer, format_args!("/proc/self/ns/{name}"));
        if let Some(target) = path.ok().and_then(|path| readlink(path, Vec::with_capacity(64)).ok()) {
            self.say(b"    ");
            self.say(target.as_bytes());
            self.say(b"\n");
        }
    }

    /// A file; of `/proc/self/status` the lines on ids and rights alone.
    fn file(&self, path: &CStr, chosen: bool) {
        let mut text = [0; 16 << 10];
        let file = openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        let mut length = 0;
        if let Ok(file) = &file {
            while let Ok(more @ 1..) = read(file, &mut text[length..]) {
                length += more;
            }
        }
        let kept = [&b"Uid:"[..], b"Gid:", b"Groups:", b"CapEff:", b"NoNewPrivs:", b"Seccomp:"];
        for line in text[..length].split_inclusive(|byte| *byte == b'\n') {
            if !chosen || kept.iter().any(|begin| line.starts_with(begin)) {
                self.say(b"      ");
                self.say(line);
            }
        }
    }

    /// A shell where this process is, with its rights and its eyes; until it ends.
    fn shell(&self) {
        match fork() {
            Ok(None) => self.become_shell(),
            Ok(Some(pid)) => {
                let _ = Pid::from_raw(pid).map(|pid| waitpid(Some(pid), WaitOptions::empty()));
                // Ctrl-C in there was for what ran in there, and has reached all of the foreground (termios(3)).
                while self.signals.next().is_some() {}
            }
            Err(_) => self.say(b"    no process can be made here\n"),
        }
    }

    fn become_shell(&self) -> ! {
        let terminal = self.terminal.as_fd();
        let _ = rustix::stdio::dup2_stdin(terminal);
        let _ = rustix::stdio::dup2_stdout(terminal);
        let _ = rustix::stdio::dup2_stderr(terminal);
        let _ = sys::signal::reset_all();
        for shell in SHELLS {
            execve(shell, &self.shell, &self.environment);
        }
        self.say(b"    there is no shell here\n");
        exit(127)
    }
}

/// The number of a step.
fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// What is said before a step, and what when someone asks why.
fn words(plan: &Plan, index: usize) -> (String, String) {
    let (step, total) = (&plan.steps[index], plan.steps.len());
    let lesson = step.op.lesson();
    let head = format!("\nstep {} of {total}  {}: {}\n", index + 1, step.actor, step.op.title());
    let calls: String = plan
        .record(index)
        .into_iter()
        .chain(step.op.calls())
        .map(|call| format!("    {}({}){}\n", call.name, call.arguments, call.count))
        .collect();
    let why = format!(
        "{calls}    here because: {}\n    why: {}\n    without it: {}\n    read: {}\n",
        step.why, lesson.why, lesson.without, lesson.man
    );
    (head, why)
}
