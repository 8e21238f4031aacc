//! Namespaces of one's own, for verbs that count what there is: what others do on the machine meanwhile is neither seen
//! nor disturbed. Control groups and directories on disk are seen all the same, and told apart by names.

use crate::{Outcome, cargo};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Mounts a `/run` for what follows. The shell is PID 1, and so reaps what killed runs leave to it. The namespaces are
/// those of unshare(1), which takes all in them along when it dies.
const ALONE: &str = "mount -t tmpfs -o mode=755 none /run || exit; \"$@\"; exit $?";

/// Starts this program again with `words` and `--inside PROGRAM`, as root alone with its processes, mounts and `/run`.
pub fn again(words: &[String], program: &Path) -> Outcome {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", ALONE, "sh"]);
    command.arg(std::env::current_exe()?).args(words).arg("--inside").arg(program);
    let status = command.current_dir(cargo::root()).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether a thing that is left can be of a container whose name begins with `marker`: others have control groups, too,
/// and directories on disk.
pub fn is_ours(thing: &str, marker: &str) -> bool {
    let shared = ["group ", "file /var/lib/"].iter().any(|place| thing.starts_with(place));
    !shared || thing.contains(marker)
}
