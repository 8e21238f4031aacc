//! Processes that tests start: heard while they run, bounded in time, gone in the end.

use rustix::process::{Pid, Signal, kill_process};
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

/// What takes longer than this hangs. Generous: other tests share the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process with its output in pipes. It is killed if the test ends first.
pub struct Running {
    child: Child,
    stdout: Heard,
    stderr: Heard,
}

impl Running {
    /// Starts `command`.
    pub fn start(command: &mut Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let (stdout, stderr) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
        Running { stdout: Heard::listen(stdout), stderr: Heard::listen(stderr), child }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("a child that was not waited for can be signalled");
    }

    /// Whether it has printed `text` on stdout by now.
    pub fn has_printed(&self, text: &str) -> bool {
        self.stdout.text().contains(text)
    }

    /// Waits until it has printed `text` on stdout.
    ///
    /// # Panics
    /// It does not, however long one waits.
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.stdout.text().contains(text) {
            let ended = self.child.try_wait().expect("a child can be waited for");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "{text:?} was not printed ({ended:?}): {:?} {:?}",
                self.stdout.text(),
                self.stderr.text()
            );
            sleep(Duration::from_millis(2));
        }
    }

    /// Waits until it has printed `text` on stdout, or has ended without; says whether it was printed.
    pub fn prints(&mut self, text: &str) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while !self.stdout.text().contains(text) {
            let ended = self.child.try_wait().expect("a child can be waited for").is_some();
            if ended && self.stdout.ended() {
                return self.stdout.text().contains(text);
            }
            assert!(Instant::now() < deadline, "neither {text:?} was printed nor did it end");
            sleep(Duration::from_millis(2));
        }
        true
    }

    /// Waits for its end, and for the end of all it has printed.
    ///
    /// # Panics
    /// It does not end, or somebody whom it has left behind keeps its output open.
    pub fn finish(mut self) -> Output {
        let deadline = Instant::now() + PATIENCE;
        let status = self.wait_until(deadline);
        while !(self.stdout.ended() && self.stderr.ended()) {
            assert!(Instant::now() < deadline, "{status}, but its output is still open");
            sleep(Duration::from_millis(1));
        }
        Output { status, stdout: self.stdout.bytes(), stderr: self.stderr.bytes() }
    }

    fn wait_until(&mut self, deadline: Instant) -> ExitStatus {
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end: {:?} {:?}",
                self.stdout.text(),
                self.stderr.text()
            );
            sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came out of a pipe so far.
struct Heard {
    bytes: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

impl Heard {
    fn listen(mut pipe: impl Read + Send + 'static) -> Heard {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&bytes);
        let listener = spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                heard.lock().expect("nobody panics while writing").extend_from_slice(&buffer[..count]);
            }
        });
        Heard { bytes, listener }
    }

    fn ended(&self) -> bool {
        self.listener.is_finished()
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().expect("nobody panics while writing").clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

/// Asks again and again until `is_so`.
///
/// # Panics
/// It is not, however long one waits; `what` says what was waited for.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        sleep(Duration::from_millis(5));
    }
}
