//! What a person may want to know about this host, beyond the facts that a plan depends on: found by reading, and by one
//! [trial](Trial). It leaves no trace.

mod helper;
mod trial;

pub use helper::Helper;
pub use trial::{Outcome, Trial};

use crate::diagnose::outer;
use crate::probe;
use ::cgroup::Groups;
use plan::Facts;
use rustix::fs::{CWD, Mode, OFlags, openat};
use spec::error::Error;

/// The sysctls that can keep processes from making user namespaces: the kernel's, Debian's, Ubuntu's.
pub const SYSCTLS: [&str; 3] = [
    "user.max_user_namespaces",
    "kernel.unprivileged_userns_clone",
    "kernel.apparmor_restrict_unprivileged_userns",
];

/// A plain value.
#[derive(Debug)]
pub struct Host {
    /// What came of trying.
    pub trial: Trial,
    /// Those of [`SYSCTLS`] that this kernel has, with their values.
    pub sysctls: Vec<(&'static str, u64)>,
    /// The container around this process.
    pub outer: Outer,
    /// `newuidmap` and `newgidmap`.
    pub helpers: [Helper; 2],
    /// The type of the file system of `/usr`.
    pub usr: Option<String>,
    /// Whether the kernel has overlay at hand. Where it has not, it may load it when it is needed.
    pub overlay: bool,
    /// The groups that a container could have, if all were limited that a machine usually can limit.
    pub groups: Groups,
    /// Whether a disk shares its time by weights.
    pub disk_weights: bool,
    /// What is wrong with the state directory.
    pub state: Option<Error>,
}

/// What shows that there is a container around this process.
#[derive(PartialEq, Eq, Debug)]
pub struct Outer {
    /// Who has made it, if that can be told.
    pub world: Option<&'static str>,
    /// What is in the way of a container inside, in words.
    pub obstacles: Vec<&'static str>,
    /// How the outer container would have to be started.
    pub fix: Option<String>,
}

/// Looks at the host for whoever has these facts.
pub fn examine(facts: &Facts) -> Host {
    let uid = facts.caller.uid;
    Host {
        trial: Trial::run(uid, facts.caller.gid),
        sysctls: SYSCTLS.into_iter().filter_map(|name| Some((name, sysctl(name)?))).collect(),
        outer: outer::seen(),
        helpers: ["newuidmap", "newgidmap"].map(Helper::find),
        usr: file_system("/usr"),
        overlay: has_overlay(),
        groups: probe::groups(facts.caller.initial.then_some(uid)),
        disk_weights: probe::is_any_by_weights(),
        state: probe::state::usable(&facts.state.root, uid).err(),
    }
}

/// The value of a sysctl: its name has dots where the path has slashes (`sysctl(8)`).
fn sysctl(name: &str) -> Option<u64> {
    let text = probe::read(&format!("/proc/sys/{}", name.replace('.', "/")), 64).ok()?;
    std::str::from_utf8(&text).ok()?.trim().parse().ok()
}

fn has_overlay() -> bool {
    let list = probe::read("/proc/filesystems", 1 << 16).unwrap_or_default();
    list.split(|byte| *byte == b'\n').any(|line| line.ends_with(b"\toverlay"))
}

/// The type of the file system that holds `path`.
fn file_system(path: &str) -> Option<String> {
    let file = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let [kind, ..] = probe::disk::mount(file, &probe::read("/proc/self/mountinfo", 16 << 20).ok()?)?;
    Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_host_has_is_found() {
        assert_eq!(file_system("/proc").as_deref(), Some("proc"));
        assert_eq!(file_system("/does/not/exist"), None);
        assert!(sysctl("kernel.pid_max").is_some());
        assert_eq!(sysctl("kernel.ostype"), None, "it is no number");
        assert_eq!(sysctl("no.such.sysctl"), None);
    }
}
