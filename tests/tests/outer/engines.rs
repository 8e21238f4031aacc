//! The engines whose containers are around, each as Debian has it, with nothing left of any.

use crate::docker::{Daemon, apart, make_tree};
use end_to_end::{binary, skip};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::groups::named;
use testbed::scratch::Scratch;
use testbed::{caller, processes, tools};

/// How long a container of another engine may take for all that is tried in it, in seconds.
const PATIENCE: &str = "100";

/// Whose container is around.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Docker,
    Podman,
    Containerd,
    Nspawn,
    Bubblewrap,
    Unshare,
}

impl Engine {
    /// Its name, as its program is called.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Docker => "docker",
            Engine::Podman => "podman",
            Engine::Containerd => "ctr",
            Engine::Nspawn => "systemd-nspawn",
            Engine::Bubblewrap => "bwrap",
            Engine::Unshare => "unshare",
        }
    }

    /// What it takes, with the Debian package.
    fn needs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Engine::Docker => &[("dockerd", "docker.io")],
            Engine::Podman => &[("podman", "podman"), ("crun", "crun")],
            Engine::Containerd => &[("containerd", "containerd"), ("ctr", "containerd"), ("runc", "runc")],
            Engine::Nspawn => &[("systemd-nspawn", "systemd-container")],
            Engine::Bubblewrap => &[("bwrap", "bubblewrap")],
            Engine::Unshare => &[("unshare", "util-linux")],
        }
    }
}

/// The engines that are there, with what they need.
pub struct Engines {
    scratch: Scratch,
    daemon: Option<Daemon>,
    containerd: Option<Containerd>,
}

/// Started in a mount namespace of its own: what an engine writes to `/run` is not the host's, and crun, which takes a
/// hierarchy of v2 beside those of v1 for the only one, sees none.
const APART: &str = "mount -t tmpfs tmpfs /run
if test -d /sys/fs/cgroup/unified; then mount -t tmpfs tmpfs /sys/fs/cgroup/unified; fi
exec \"$@\"";

impl Engines {
    /// None where nobody could start any.
    pub fn new(test: &str) -> Option<Engines> {
        if !caller::is_root().expect("the caller is known") {
            skip(test, "only root can start all of them");
            return None;
        }
        let scratch = Scratch::new(test).expect("a scratch directory");
        let private = scratch.path().join("private");
        DirBuilder::new().mode(0o700).create(&private).expect("a private directory");
        make_tree(&private.join("tree"));
        // Of users who cannot go through the private one.
        fs::copy(binary(), scratch.path().join("containerception")).expect("a copy for users");
        let there = |engine: Engine| engine.needs().iter().all(|(program, _)| tools::find(program).is_some());
        let daemon = there(Engine::Docker).then(|| Daemon::start(&format!("{test}-docker"))).flatten();
        let containerd = there(Engine::Containerd).then(|| Containerd::start(scratch.path(), test)).flatten();
        Some(Engines { scratch, daemon, containerd })
    }

    /// Whether an engine can be used; else why not.
    pub fn has(&self, engine: Engine) -> Result<(), String> {
        let missing = engine.needs().iter().find(|(program, _)| tools::find(program).is_none());
        match (missing, engine) {
            (Some((program, package)), _) => Err(format!("{program} is missing (Debian: {package})")),
            (None, Engine::Docker) if self.daemon.is_none() => Err("its daemon does not start".to_owned()),
            (None, Engine::Containerd) if self.containerd.is_none() => Err("it does not start".to_owned()),
            (None, _) => Ok(()),
        }
    }

    /// Runs a script of the shell in a container of `engine`, as the user `uid`.
    pub fn run(&self, engine: Engine, options: &[&str], uid: u32, script: &str) -> Output {
        let user = uid.to_string();
        let tree = self.tree();
        let path = |name: &str| self.scratch.path().join(name).into_os_string();
        let mut command = Command::new("timeout");
        command.arg(PATIENCE).stdin(Stdio::null());
        match engine {
            Engine::Docker => {
                let daemon = self.daemon.as_ref().expect("it is there");
                return daemon.run(&[options, &["--user", &user]].concat(), &["sh", "-c", script]);
            }
            Engine::Podman => {
                command.args(["unshare", "--mount", "--propagation", "private", "sh", "-ec", APART, "sh"]);
                command.arg("podman").arg("--root").arg(path("podman"));
                command.args([
                    "--runroot",
                    "/run/podman",
                    "--cgroup-manager",
                    "cgroupfs",
                    "--runtime",
                    "crun",
                ]);
                command.args(["run", "--rm", "--network", "none", "--cgroups", "disabled", "--user", &user]);
                command.args(["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]);
                command.args(options).arg("--rootfs").arg(tree).args(["sh", "-c", script]);
            }
            Engine::Containerd => {
                let containerd = self.containerd.as_ref().expect("it is there");
                containerd.client(&mut command);
                command.args([
                    "run",
                    "--rm",
                    "--env",
                    "PATH=/usr/sbin:/usr/bin",
                    "--cgroup",
                    &format!("/{}", containerd.group),
                ]);
                command.args(options).arg("--rootfs").arg(tree).args(["matrix", "/usr/bin/sh", "-c", script]);
            }
            Engine::Nspawn => {
                command.args(["unshare", "--mount", "--propagation", "private", "sh", "-ec", APART, "sh"]);
                command.args(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2"]);
                command.arg("--directory").arg(tree).args(options).args(["sh", "-c", script]);
            }
            Engine::Bubblewrap => {
                become_user(&mut command, uid);
                command.arg("bwrap").args(["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]);
                for top in ["bin", "sbin", "lib", "lib64"] {
                    command.args(["--symlink", &format!("usr/{top}"), &format!("/{top}")]);
                }
                command.args(["--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run"]).args(options);
                let inside = "/srv/containerception";
                command.arg("--ro-bind").arg(path("containerception")).arg(inside);
                command.args(["--setenv", "PATH", "/srv:/usr/sbin:/usr/bin", "sh", "-c", script]);
            }
            Engine::Unshare => {
                become_user(&mut command, uid);
                let search = format!("{}:/usr/sbin:/usr/bin", self.scratch.path().display());
                command.arg("unshare").args(options).args(["sh", "-c", script]).env("PATH", search);
            }
        }
        command.output().expect("timeout starts")
    }

    fn tree(&self) -> PathBuf {
        // The link that `init` leaves there is not for engines that put something in its place.
        let tree = self.scratch.path().join("private/tree");
        fs::canonicalize(&tree).unwrap_or(tree)
    }
}

/// As somebody who is nobody here, with a home that cannot be written to.
fn become_user(command: &mut Command, uid: u32) {
    if uid != 0 {
        let (uid, gid) = (format!("--reuid={uid}"), format!("--regid={uid}"));
        command.args(["setpriv", &uid, &gid, "--clear-groups"]).env_remove("XDG_RUNTIME_DIR");
    }
}

/// A containerd of the test's own.
struct Containerd {
    unshare: Child,
    address: PathBuf,
    group: String,
}

impl Containerd {
    fn start(scratch: &Path, test: &str) -> Option<Containerd> {
        let directory = scratch.join("containerd");
        let address = directory.join("socket");
        let group = format!("containerception-{test}-ctr-{}", std::process::id());
        let mut unshare = apart();
        unshare.args(["sh", "-ec", APART, "sh", "containerd", "--address"]).arg(&address);
        unshare.arg("--root").arg(directory.join("root")).arg("--state").arg(directory.join("state"));
        unshare.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut containerd = Containerd { unshare: unshare.spawn().ok()?, address, group };
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline && matches!(containerd.unshare.try_wait(), Ok(None)) {
            let mut version = Command::new("timeout");
            version.arg("10");
            containerd.client(&mut version);
            if version.arg("version").output().is_ok_and(|output| output.status.success()) {
                return Some(containerd);
            }
            sleep(Duration::from_millis(100));
        }
        None
    }

    /// Its own `/run` is where containerd's shims listen.
    fn client(&self, command: &mut Command) {
        let inside = processes::child_of(self.unshare.id()).unwrap_or_default().to_string();
        command
            .args(["nsenter", "--target", &inside, "--mount", "--pid", "ctr", "--address"])
            .arg(&self.address);
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        // Told to take along what is inside.
        let _ = self.unshare.kill();
        let _ = self.unshare.wait();
        for group in named(&self.group).into_iter().rev() {
            let _ = fs::remove_dir(group);
        }
    }
}
