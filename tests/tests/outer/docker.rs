//! A docker of the test's own: its daemon lives in namespaces that take with them all that it leaves elsewhere.

use end_to_end::{binary, skip};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::groups::named;
use testbed::scratch::Scratch;
use testbed::{caller, processes, tools};

/// How long the daemon may take to answer, and to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Started by `unshare` in namespaces of its own. The daemon writes to `/run`, `/etc/docker`, `/opt/containerd` and the
/// host's sysctls, whatever it is told; none of that is the host's here. `$1` is the scratch directory.
const START: &str = "\
mount -t tmpfs tmpfs /run
mount -o bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
for top in etc opt; do
    mkdir -p $1/$top/upper $1/$top/work
    mount -t overlay -o lowerdir=/$top,upperdir=$1/$top/upper,workdir=$1/$top/work overlay /$top
done
shift
exec dockerd \"$@\"";

/// Stands before runc where root of this machine lacks CAP_SYS_RESOURCE, as in some virtual machines for tests: docker
/// does not ask, and hands out with `--privileged` what it does not have.
const RUNTIME: &str = r#"#!/bin/sh
for word; do
    [ "$previous" != --bundle ] || sed -i 's/"CAP_SYS_RESOURCE",//g' "$word/config.json"
    previous=$word
done
exec runc "$@"
"#;

/// `linux/capability.h`.
const CAP_SYS_RESOURCE: u32 = 24;

/// A running daemon, with an image called `image`: what `containerception init` makes, and `containerception`.
pub struct Daemon {
    unshare: Child,
    socket: String,
    /// The control group of its containers, in whatever hierarchies docker uses.
    group: String,
    scratch: Scratch,
}

impl Daemon {
    /// Starts one for `test`, or says why the test is skipped.
    pub fn start(test: &str) -> Option<Daemon> {
        let missing =
            ["dockerd", "docker", "runc", "unshare"].into_iter().find(|name| tools::find(name).is_none());
        if let Some(missing) = missing {
            skip(test, &format!("{missing} is missing (Debian: docker.io)"));
            return None;
        }
        if !caller::is_root().expect("the caller is known") {
            skip(test, "only root can start a docker daemon");
            return None;
        }
        let scratch = Scratch::new(test).expect("a scratch directory");
        let group = format!("containerception-{test}-{}", std::process::id());
        let socket = format!("unix://{}", scratch.path().join("socket").display());
        let unshare = spawn(scratch.path(), &socket, &group).expect("unshare starts");
        let mut daemon = Daemon { unshare, socket, group, scratch };
        if !daemon.answers() {
            let log = fs::read_to_string(daemon.scratch.path().join("log")).unwrap_or_default();
            skip(test, &format!("dockerd does not start: {}", log.lines().last().unwrap_or_default()));
            return None;
        }
        daemon.import();
        Some(daemon)
    }

    /// `docker run FLAGS image COMMAND`, for a minute at most.
    pub fn run(&self, flags: &[&str], command: &[&str]) -> Output {
        self.docker()
            .args(["run", "--rm", "--network", "none"])
            .args(flags)
            .arg("image")
            .args(command)
            .output()
            .expect("docker starts")
    }

    fn docker(&self) -> Command {
        let mut docker = Command::new("timeout");
        docker.args(["60", "docker", "--host", &self.socket]).stdin(Stdio::null());
        docker
    }

    fn answers(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && matches!(self.unshare.try_wait(), Ok(None)) {
            let version = self.docker().arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            if version.is_ok_and(|status| status.success()) {
                return true;
            }
            sleep(Duration::from_millis(100));
        }
        false
    }

    fn import(&self) {
        let private = self.scratch.path().join("private");
        fs::DirBuilder::new().mode(0o700).create(&private).expect("a private directory");
        let (tree, archive) = (private.join("tree"), private.join("image.tar"));
        make_tree(&tree);
        succeed(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(&tree).arg("."));
        succeed(self.docker().arg("import").arg(&archive).arg("image"));
    }
}

impl Drop for Daemon {
    /// Ends the daemon, with which all processes and mounts of its namespaces go, and removes its control groups.
    fn drop(&mut self) {
        let daemon = processes::child_of(self.unshare.id()).and_then(|pid| Pid::from_raw(pid.cast_signed()));
        if let Some(daemon) = daemon {
            let _ = kill_process(daemon, Signal::TERM);
        }
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.unshare.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                // Told to take the daemon along.
                let _ = self.unshare.kill();
            }
            sleep(Duration::from_millis(20));
        }
        // On v1 runc makes them below its own, wherever that is; those further down come last.
        for group in named(&self.group).into_iter().rev() {
            let _ = fs::remove_dir(group);
        }
    }
}

fn spawn(directory: &Path, socket: &str, group: &str) -> io::Result<Child> {
    let path = |name: &str| directory.join(name).into_os_string();
    fs::write(path("configuration"), "{}")?;
    let mut daemon = apart();
    daemon.args(["sh", "-ec", START, "sh"]).arg(directory);
    daemon.args([
        "--iptables=false",
        "--bridge=none",
        "--ip-forward=false",
        "--default-ulimit",
        "nofile=1024:1024",
    ]);
    daemon.args(["--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", group, "--host", socket]);
    for (option, name) in [
        ("--data-root", "data"),
        ("--exec-root", "exec"),
        ("--pidfile", "pid"),
        ("--config-file", "configuration"),
    ] {
        daemon.arg(option).arg(path(name));
    }
    if !root_has(CAP_SYS_RESOURCE)? {
        let runtime = directory.join("runtime");
        fs::write(&runtime, RUNTIME)?;
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o755))?;
        daemon
            .arg("--add-runtime")
            .arg(format!("less={}", runtime.display()))
            .args(["--default-runtime", "less"]);
    }
    // Debian leaves the directories of dockerd and runc out of an ordinary user's PATH, which root may have after su.
    let search = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let log = File::create(path("log"))?;
    daemon.env("PATH", search).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

/// Whether a capability is in the bounding set (`proc_pid_status(5)`, CapBnd).
fn root_has(capability: u32) -> io::Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    let bounding = status.lines().find_map(|line| line.strip_prefix("CapBnd:"));
    let bounding = bounding.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    Ok(bounding.is_some_and(|set| set >> capability & 1 == 1))
}

/// `unshare`, with namespaces for a daemon that take with them all that it leaves.
pub fn apart() -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args([
        "--mount",
        "--propagation",
        "private",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ]);
    unshare
}

/// Makes a root filesystem with `containerception` in it, and with bubblewrap where this machine has it.
pub fn make_tree(tree: &Path) {
    let bwrap = tools::find("bwrap").map(|_| "bwrap");
    succeed(Command::new(binary()).arg("init").arg(tree).args(bwrap));
    fs::copy(binary(), tree.join("usr/bin/containerception")).expect("a copy in the tree");
}

fn succeed(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
