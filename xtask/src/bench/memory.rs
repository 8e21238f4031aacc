//! How much memory `run` and its init hold.
//!
//! Taken from `VmHWM` in `/proc/PID/status`, `proc_pid_status(5)`: the peak of this program's own memory. `ru_maxrss` of
//! `wait4(2)` would tell the larger of that and what the process that spawned it held.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::processes::init_of_sleeper;

/// What each of the two may hold, in KiB.
pub const AT_MOST: u64 = 2560;

/// Peaks in KiB, while the command runs.
pub struct Peaks {
    /// Of the process that the user started.
    pub run: u64,
    /// Of its init.
    pub init: u64,
}

/// Starts `words`, which must run `sleep 0.2` in a container, and looks at its processes meanwhile.
pub fn peaks(words: &[OsString]) -> io::Result<Peaks> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut run = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let peaks = look(&mut run);
    run.wait()?;
    peaks
}

/// Waits until the container's command sleeps: then everything that both processes do before it is done.
fn look(run: &mut Child) -> io::Result<Peaks> {
    let deadline = Instant::now() + Duration::from_secs(2);
    while Instant::now() < deadline && run.try_wait()?.is_none() {
        if let Some(init) = init_of_sleeper(run.id()) {
            return Ok(Peaks { run: peak(run.id())?, init: peak(init)? });
        }
        sleep(Duration::from_millis(5));
    }
    Err(io::Error::other("no `sleep` was seen in the container"))
}

fn peak(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok());
    number.ok_or_else(|| io::Error::other(format!("/proc/{pid}/status tells no VmHWM")))
}
