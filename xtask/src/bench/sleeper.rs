//! A container that sleeps while others execute commands in it.

use super::bundle::group;
use super::measure::complaint;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::processes::descendants;

/// What ends a container: a shell that waits for the end of its input, which comes when the bench drops the container or
/// dies itself, however it does. Groups that are still in use stay.
const GUARD: &str = r#"
group=$1
shift
read -r nothing
"$@"
status=$?
rmdir /sys/fs/cgroup/*/"$group"/* /sys/fs/cgroup/*/"$group" 2>/dev/null
exit "$status"
"#;

/// One of them. It ends on drop.
pub struct Sleeper {
    /// The process that sleeps.
    pub command: u32,
    run: Child,
    guard: Child,
}

impl Sleeper {
    /// Starts one by the words `run`, which must sleep, and waits until it does. The words `end` end it.
    pub fn start(run: &[OsString], end: &[OsString]) -> io::Result<Sleeper> {
        let guard =
            apart("sh").args(["-c", GUARD, "sh", &group()]).args(end).stdin(Stdio::piped()).spawn()?;
        let (program, arguments) = run.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let run = apart(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut sleeper = Sleeper { command: 0, run, guard };
        sleeper.command = sleeper.await_sleep()?;
        Ok(sleeper)
    }

    fn await_sleep(&mut self) -> io::Result<u32> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if let Some(status) = self.run.try_wait()? {
                return Err(complaint(&mut self.run, &status.to_string()));
            }
            let family = descendants(self.run.id());
            if let Some(command) = family.into_iter().find(|process| process.name == "sleep") {
                return Ok(command.pid);
            }
            sleep(Duration::from_millis(5));
        }
        self.run.kill()?;
        Err(io::Error::other("no `sleep` was seen in the container"))
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // crun's `delete` fails where its `run` has cleaned up meanwhile; then there is nothing to kill, either.
        if !self.guard.wait().is_ok_and(|status| status.success()) {
            let _ = self.run.kill();
        }
        let _ = self.run.wait();
    }
}

/// In a process group of its own: whoever interrupts the bench does not interrupt what cleans up after it.
fn apart(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
