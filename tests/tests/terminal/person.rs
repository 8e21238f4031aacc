//! A person at a terminal: a pseudo-terminal, with a program that has it as its own on the other side.

use end_to_end::{Somebody, eventually};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What takes longer than this hangs. Generous: other tests share the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a shell says when it waits for a line. It is not what the test types to set it.
pub const PROMPT: &str = "READY> ";

/// A person, who types and reads. The program is hung up on, and killed, if the test ends first.
pub struct Person {
    /// `None` once the person has left.
    terminal: Option<OwnedFd>,
    program: Child,
    /// What was printed, and how much of it was read.
    printed: String,
    read: usize,
}

impl Person {
    /// At a terminal of 24 lines and 250 columns, which no line of a test fills, on which `program` runs as `somebody`. Its
    /// pid is that of the program.
    pub fn at(somebody: &Somebody, program: &[&str]) -> Person {
        Person::sits(somebody, &[&["--ctty", "--"], program].concat())
    }

    fn sits(somebody: &Somebody, arguments: &[&str]) -> Person {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let terminal = openpt(flags).expect("a terminal");
        grantpt(&terminal).expect("it can be opened");
        unlockpt(&terminal).expect("it can be opened");
        tcsetwinsize(&terminal, size(24, 250)).expect("it has a size");
        fcntl_setfl(&terminal, OFlags::NONBLOCK).expect("a flag");
        let inside = ioctl_tiocgptpeer(&terminal, flags).expect("its inner side");
        let mut command = somebody.command("setsid");
        command.args(arguments).current_dir(somebody.home());
        command.env("TERM", "dumb").env("PS1", PROMPT).env("CX", somebody.program());
        command.stdin(Stdio::from(inside.try_clone().expect("a copy")));
        command.stdout(Stdio::from(inside.try_clone().expect("a copy")));
        let program = command.stderr(Stdio::from(inside)).spawn().expect("setsid starts");
        Person { terminal: Some(terminal), program, printed: String::new(), read: 0 }
    }

    /// At a terminal with an interactive shell, to which `$CX` is containerception.
    pub fn at_shell(somebody: &Somebody) -> Person {
        let mut person = Person::at(somebody, &["bash", "--norc", "--noprofile"]);
        person.reads(PROMPT);
        person
    }

    /// At a terminal on which `containerception run ARGUMENTS…` runs, without a shell.
    pub fn running(somebody: &Somebody, arguments: &[&str]) -> Person {
        Person::sits(somebody, &[&["--ctty", "--", &program(somebody), "run"], arguments].concat())
    }

    /// The same, but the terminal is not the controlling one of the program's session, and knows of no jobs.
    pub fn running_uncontrolled(somebody: &Somebody, arguments: &[&str]) -> Person {
        Person::sits(somebody, &[&["--", &program(somebody), "run"], arguments].concat())
    }

    /// The pid of the program.
    pub fn pid(&self) -> u32 {
        self.program.id()
    }

    /// Sends the program a signal.
    pub fn signals(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.program), signal).expect("a child that was not waited for");
    }

    /// Types keys, reading meanwhile what is printed.
    pub fn types(&mut self, keys: impl AsRef<[u8]>) {
        let (mut keys, deadline) = (keys.as_ref(), Instant::now() + PATIENCE);
        while !keys.is_empty() {
            match rustix::io::write(self.terminal.as_ref().expect("not left"), keys) {
                Ok(count) => keys = &keys[count..],
                Err(_) => self.listen(deadline, "the keys are taken"),
            }
        }
    }

    /// Types keys until the terminal takes no more, or all are typed, without reading.
    pub fn pastes(&mut self, mut keys: &[u8]) {
        let terminal = self.terminal.as_ref().expect("not left");
        let patience = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };
        while !keys.is_empty() && poll(&mut [PollFd::new(terminal, PollFlags::OUT)], Some(&patience)) == Ok(1)
        {
            keys = &keys[rustix::io::write(terminal, keys).unwrap_or(0)..];
        }
    }

    /// Types a line.
    pub fn enters(&mut self, line: &str) {
        self.types(format!("{line}\r"));
    }

    /// Types a line to a shell and reads until its next prompt; what was between the line and the prompt.
    pub fn asks(&mut self, line: &str) -> String {
        self.enters(line);
        self.reads(line);
        self.reads("\r\n");
        let answer = self.reads(PROMPT);
        answer.trim_end_matches(PROMPT).replace("\r\n", "\n")
    }

    /// Reads on until `text`, which is the end of what is returned.
    pub fn reads(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = &self.printed[self.read..];
            if let Some(at) = rest.find(text) {
                let found = rest[..at + text.len()].to_owned();
                self.read += found.len();
                return found;
            }
            self.listen(deadline, text);
        }
    }

    /// Waits for the program's end; what it printed, from where reading stopped.
    pub fn sees_end(&mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.program.try_wait().expect("a child can be waited for");
            while self.take() {}
            if let Some(status) = status {
                let rest = self.printed[self.read..].to_owned();
                self.read = self.printed.len();
                return (status, rest);
            }
            self.listen(Instant::now() + Duration::from_millis(5).min(deadline - Instant::now()), "");
            assert!(Instant::now() < deadline, "no end: {:?}", self.printed);
        }
    }

    /// Makes the window larger or smaller.
    pub fn resizes(&mut self, rows: u16, columns: u16) {
        tcsetwinsize(self.terminal.as_ref().expect("not left"), size(rows, columns)).expect("it has a size");
    }

    /// The mode of the terminal, as the program has set it.
    pub fn mode(&self) -> Termios {
        tcgetattr(self.terminal.as_ref().expect("not left")).expect("it has a mode")
    }

    /// Waits until the program has the keys as they are typed: no line is edited, no key makes a signal.
    pub fn finds_raw_mode(&self) {
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
        eventually("raw mode", || !self.mode().local_modes.intersects(cooked));
    }

    /// Closes the window: the terminal hangs up.
    pub fn leaves(&mut self) {
        self.terminal = None;
    }

    /// Waits until something is printed. An empty `wanted` need not come.
    fn listen(&mut self, deadline: Instant, wanted: &str) {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let Some(terminal) = &self.terminal else { return std::thread::sleep(Duration::from_millis(2)) };
        let _ = poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&left));
        let taken = self.take();
        let end = self.printed.len().saturating_sub(2000);
        let last = || String::from_utf8_lossy(&self.printed.as_bytes()[end..]).into_owned();
        assert!(
            taken || wanted.is_empty() || Instant::now() < deadline,
            "{wanted:?} is not printed: {:?}",
            last()
        );
        if !taken {
            // All have closed the other side, for now.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn take(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let Some(Ok(count)) = self.terminal.as_ref().map(|t| rustix::io::read(t, &mut buffer)) else {
            return false;
        };
        self.printed.push_str(&String::from_utf8_lossy(&buffer[..count]));
        count > 0
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.leaves();
        // A shell hangs up on its jobs before it ends.
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline && matches!(self.program.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn program(somebody: &Somebody) -> String {
    somebody.program().to_str().expect("a path in UTF-8").to_owned()
}

fn size(rows: u16, columns: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}
