//! OCI bundles for crun and runc: about what the floor does, so without a filter (libseccomp compiles docker's for
//! 10 ms) and, for root, without a user namespace. Both leave more out than we do.

use super::json;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use testbed::caller;
use testbed::kind::Kind;

/// A container of `runtime`: its name, and its command as JSON has it.
pub struct Bundle<'a> {
    /// crun or runc.
    pub runtime: &'a str,
    /// The container's name, also that of its directory and of its group.
    pub id: &'a str,
    /// The words of its command, quoted, with commas.
    pub command: &'a str,
    /// The inside of `linux.resources`; without, there is no group. Root's alone.
    pub resources: Option<&'a str>,
}

impl Bundle<'_> {
    /// Makes the bundle of `root` below `home`; returns the words after the program's name that run it.
    pub fn make(&self, kind: Kind, home: &Path, root: &Path) -> io::Result<Vec<OsString>> {
        let directory = home.join(self.id);
        fs::create_dir_all(&directory)?;
        fs::write(directory.join("config.json"), self.config(kind, root)?)?;
        let mut words = globals(self.runtime, self.resources.is_some(), home);
        words.extend(["run".into(), "--bundle".into(), directory.into(), self.id.into()]);
        Ok(words)
    }

    fn config(&self, kind: Kind, root: &Path) -> io::Result<String> {
        let root = json::string(&root.display().to_string());
        let (terminal_group, linux) = match kind {
            Kind::Root => (",\"gid=5\"", of_root(self.id, self.resources)),
            Kind::Range => (
                ",\"gid=5\"",
                of_user(caller::subordinate("/etc/subuid")?, caller::subordinate("/etc/subgid")?)?,
            ),
            Kind::Single => ("", of_user(None, None)?),
        };
        Ok(CONFIG
            .replace("@COMMAND@", self.command)
            .replace("@CAPABILITIES@", CAPABILITIES)
            .replace("@ROOT@", &root)
            .replace("@TERMINAL_GROUP@", terminal_group)
            .replace("@LINUX@", &linux))
    }
}

/// What is said to `runtime` before any verb on a container, which has a group or has none.
pub fn globals(runtime: &str, in_group: bool, home: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["--root".into(), home.join(format!("state-{runtime}")).into()];
    if runtime == "crun" && !in_group {
        words.extend(["--cgroup-manager", "disabled"].map(OsString::from));
    }
    words
}

/// The group of our own, in every hierarchy, in which the runtimes make theirs.
pub fn group() -> String {
    format!("containerception-bench-{}", std::process::id())
}

/// What the runtimes leave of [`group`] in each hierarchy of cgroup v1; removed on drop. (What they wrote where a hybrid
/// host has its unified one went into a tmpfs that covers it, and goes with that.)
pub struct Groups;

impl Drop for Groups {
    fn drop(&mut self) {
        let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
        for hierarchy in hierarchies.filter(|entry| entry.file_name() != "unified") {
            remove(&hierarchy.path().join(group()));
        }
    }
}

fn remove(parent: &Path) {
    for child in fs::read_dir(parent).into_iter().flatten().flatten() {
        // Files of a group can be neither removed nor need be.
        let _ = fs::remove_dir(child.path());
    }
    if parent.exists()
        && let Err(error) = fs::remove_dir(parent)
    {
        eprintln!("xtask: left behind: {}: {error}", parent.display());
    }
}

/// The limit that a container of ours has where nothing is said.
pub const PIDS: &str = r#""pids":{"limit":2048}"#;

/// What limits a container of theirs where nothing is said.
pub fn resources(kind: Kind) -> Option<&'static str> {
    (kind == Kind::Root).then_some(PIDS)
}

/// A group with limits, and a namespace for it.
fn of_root(id: &str, resources: Option<&str>) -> String {
    let Some(resources) = resources else {
        return format!(r#""namespaces":[{NAMESPACES}]"#);
    };
    let path = json::string(&format!("/{}/{id}", group()));
    format!(
        r#""namespaces":[{NAMESPACES},{{"type":"cgroup"}}],"cgroupsPath":{path},"resources":{{{resources}}}"#
    )
}

/// A user namespace: root inside is the caller, and the subordinate ids follow.
fn of_user(uids: Option<u32>, gids: Option<u32>) -> io::Result<String> {
    let own = caller::uid()?;
    let map = |first: Option<u32>| {
        let own = format!(r#"{{"containerID":0,"hostID":{own},"size":1}}"#);
        let rest = first.map(|first| format!(r#",{{"containerID":1,"hostID":{first},"size":65535}}"#));
        own + &rest.unwrap_or_default()
    };
    let (uids, gids) = (map(uids), map(gids));
    Ok(format!(
        r#""namespaces":[{NAMESPACES},{{"type":"user"}}],"uidMappings":[{uids}],"gidMappings":[{gids}]"#
    ))
}

const NAMESPACES: &str =
    r#"{"type":"pid"},{"type":"network"},{"type":"ipc"},{"type":"uts"},{"type":"mount"}"#;

const CONFIG: &str = r#"{
  "ociVersion": "1.0.2",
  "process": {
    "user": { "uid": 0, "gid": 0 },
    "args": [@COMMAND@],
    "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    "cwd": "/",
    "capabilities": { "bounding": [@CAPABILITIES@], "effective": [@CAPABILITIES@], "permitted": [@CAPABILITIES@] },
    "noNewPrivileges": true
  },
  "root": { "path": @ROOT@ },
  "hostname": "containerception",
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"] },
    { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
      "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"@TERMINAL_GROUP@] },
    { "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
      "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=64m"] },
    { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"] },
    { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"] }
  ],
  "linux": {
    @LINUX@,
    "maskedPaths": ["/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
      "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats"],
    "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
  }
}
"#;

const CAPABILITIES: &str = concat!(
    r#""CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "#,
    r#""CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "#,
    r#""CAP_SETFCAP""#
);
