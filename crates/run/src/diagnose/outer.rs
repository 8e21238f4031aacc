//! The container around this one: what shows that there is one, and with which options it would have to be started.

use super::world::{Lifts, World};
use crate::host::Outer;
use crate::probe;
use plan::Loss;
use plan::loss::Cause;
use spec::catalogue::USER_NAMESPACE_REFUSED;
use spec::error::Error;

/// What keeps a process from making a container of its own.
#[derive(Default, PartialEq, Eq, Debug)]
pub(super) struct Obstacles {
    /// A filter of system calls. Docker's and podman's look at the capabilities that the outer container was given, not
    /// at those of a user namespace inside.
    pub(super) filter: bool,
    /// An AppArmor profile. Docker's denies every mount.
    pub(super) profile: bool,
    /// SELinux's type for containers.
    pub(super) label: bool,
    /// Mounts over parts of `/proc`.
    pub(super) covered: bool,
}

/// What shows that there is a container around this one, for people.
pub(crate) fn seen() -> Outer {
    let here = Obstacles::here();
    let all = [
        (here.filter, "a filter of system calls"),
        (here.profile, "an AppArmor profile"),
        (here.label, "SELinux's type for containers"),
        (here.covered, "covers over parts of /proc"),
    ];
    let obstacles = all.iter().filter(|(in_the_way, _)| *in_the_way).map(|(_, name)| *name).collect();
    let world = World::here();
    Outer { world: world.name(), obstacles, fix: world.fix(&here) }
}

/// How the outer container is to be started; `None` where nothing shows that there is one.
pub(super) fn fix() -> Option<String> {
    Obstacles::here().fix()
}

/// How the outer container is to be started so that nothing of `lost` is; `None` where that one is ours, and has lost it as
/// well.
pub(crate) fn regain(lost: &[Loss]) -> Option<String> {
    if probe::depth() > 0 {
        return None;
    }
    let here = Obstacles::here();
    let by = |cause| lost.iter().any(|loss| loss.cause() == cause);
    let (filter, covers) = (by(Cause::Filter), by(Cause::Covers));
    let wanted = Obstacles {
        filter: here.filter && filter,
        profile: here.profile,
        label: here.label,
        covered: here.covered && covers,
    };
    wanted.fix()
}

/// Whether the system calls of this process are filtered, as in a container of docker's.
pub(super) fn is_filtered() -> bool {
    Obstacles::here().filter
}

/// What it means where a step that only needs the rights of a user namespace is refused: something outside of it
/// refuses. `None` where nothing of that kind can be seen.
pub(crate) fn refused(errno: i32) -> Option<Error> {
    let here = Obstacles::here();
    let why = match (here.filter, here.profile, here.label) {
        _ if !matches!(errno, libc::EPERM | libc::EACCES) => return None,
        (_, true, _) => "an AppArmor profile is on this process",
        (_, _, true) => "SELinux confines this process as a container",
        (true, ..) => "the container around this one filters system calls",
        _ => return None,
    };
    let error = Error::new(USER_NAMESPACE_REFUSED, "a container cannot be made inside this one").why(why);
    Some(here.fix().into_iter().fold(error, Error::fix))
}

impl Obstacles {
    /// What `/proc/self` tells.
    fn here() -> Self {
        let read = |name: &str| {
            let bytes = std::fs::read(format!("/proc/self/{name}")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        // Where AppArmor is not the only module that labels, the second is another's.
        let label = read("attr/apparmor/current") + &read("attr/current");
        Self::seen(&read("status"), &label, &read("mountinfo"))
    }

    fn seen(status: &str, label: &str, mountinfo: &str) -> Self {
        let covers = |line: &str| {
            let point = line.split(' ').nth(4).unwrap_or_default();
            // A plain host may have this one.
            point.starts_with("/proc/") && point != "/proc/sys/fs/binfmt_misc"
        };
        Obstacles {
            filter: status.lines().any(|line| line.split_ascii_whitespace().eq(["Seccomp:", "2"])),
            profile: label.contains(" (enforce)"),
            label: label.contains(":container_t:"),
            covered: mountinfo.lines().any(covers),
        }
    }

    /// The options that lift what is in the way, each after `before`.
    pub(super) fn options(&self, before: &str, lifts: Lifts) -> Vec<String> {
        let all = [self.filter, self.profile, self.label, self.covered];
        let wanted = all.into_iter().zip(lifts).filter(|(in_the_way, _)| *in_the_way);
        wanted.map(|(_, lift)| format!("{before}{lift}")).collect()
    }

    fn fix(&self) -> Option<String> {
        World::here().fix(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_host_is_no_container() {
        let mountinfo =
            "22 28 0:21 / /proc rw - proc proc rw\n33 22 0:30 / /proc/sys/fs/binfmt_misc rw - autofs a rw\n";
        let seen = Obstacles::seen("Name:\tx\nSeccomp:\t0\n", "unconfined\n", mountinfo);
        assert_eq!(seen, Obstacles::default());
    }

    #[test]
    fn every_obstacle_of_docker_is_seen() {
        let mountinfo = "72 48 0:42 / /proc rw - proc proc rw\n53 72 0:48 / /proc/acpi ro - tmpfs tmpfs ro\n";
        let seen = Obstacles::seen("Seccomp:\t2\n", "docker-default (enforce)\n", mountinfo);
        assert_eq!(seen, Obstacles { filter: true, profile: true, label: false, covered: true });
    }

    #[test]
    fn selinux_calls_its_containers_by_a_type() {
        let seen = Obstacles::seen("", "system_u:system_r:container_t:s0:c1,c2\0", "");
        assert_eq!(seen, Obstacles { label: true, ..Obstacles::default() });
    }
}
