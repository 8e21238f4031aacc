//! How long a start takes where there are a thousand mounts more: the kernel copies all of them for each container, and
//! `/proc/self/mountinfo` is read once. A measurement, and no failure.

use crate::bench::statistics::{median, milliseconds, ratio};
use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::caller;

const MOUNTS: usize = 1000;
const ROUNDS: usize = 40;
/// Long enough for the kernel's grace periods to end.
const IDLE: Duration = Duration::from_millis(40);
/// What a start among the mounts may take of one without.
const AT_MOST: f64 = 2.0;

/// Binds the directory `$1` on each directory in it, says so, and keeps the namespace until stdin ends.
const HOLD: &str =
    r#"for point in "$1"/*; do [ -d "$point" ] && mount --bind "$1" "$point"; done; echo ready; read end"#;

/// Measures both in turn, and prints medians and ratio. As root, whose containers can be started in any namespace.
pub fn measure(program: &Path, scratch: &Path) -> Result<(), Box<dyn Error>> {
    if !caller::is_root()? {
        println!("\nSKIPPED  a start among {MOUNTS} mounts: only root can make them");
        return Ok(());
    }
    let (none, many) = (scratch.join("none"), scratch.join("many"));
    fs::create_dir(&none)?;
    (0..MOUNTS).try_for_each(|number| fs::create_dir_all(many.join(number.to_string())))?;
    let (mut plain, mut crowded) = (Vec::new(), Vec::new());
    let (without, with) = (Holder::of(&none)?, Holder::of(&many)?);
    for _ in 0..ROUNDS {
        plain.push(Some(without.time(program)?));
        crowded.push(Some(with.time(program)?));
    }
    let [plain_ms, crowded_ms] =
        [&plain, &crowded].map(|times| median(milliseconds(times)).unwrap_or_default());
    let ratio = ratio(&crowded, &plain).unwrap_or_default();
    let verdict = if ratio <= AT_MOST { "holds" } else { "MISSED" };
    println!("\nrun true, {ROUNDS} rounds in turn, 40 ms of idleness before each, medians");
    println!(
        "  {:<36}{plain_ms:>8.2} ms\n  {:<36}{crowded_ms:>8.2} ms",
        "as it is",
        format!("with {MOUNTS} mounts more")
    );
    println!("  ratio {ratio:.2}; at most {AT_MOST:.1}: {verdict}");
    Ok(())
}

/// A process that keeps a mount namespace.
struct Holder(Child);

impl Holder {
    fn of(directory: &Path) -> io::Result<Holder> {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", HOLD, "sh"]).arg(directory);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut said = [0; 6];
        child.stdout.as_mut().map(|out| io::Read::read_exact(out, &mut said)).transpose()?;
        Ok(Holder(child))
    }

    /// Starts a container there. To enter the namespace takes the same time with the mounts and without.
    fn time(&self, program: &Path) -> Result<Duration, Box<dyn Error>> {
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.0.id())).arg(program).args(["run", "true"]);
        command.stdin(Stdio::null());
        sleep(IDLE);
        let before = Instant::now();
        let status = command.status()?;
        let time = before.elapsed();
        if status.success() { Ok(time) } else { Err(format!("run true among many mounts: {status}").into()) }
    }
}

impl Drop for Holder {
    /// The end of its stdin ends it, and with it its namespace.
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
