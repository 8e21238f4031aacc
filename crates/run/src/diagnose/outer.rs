//! The container around this one: what shows that there is one, and with which options it would have to be started.

use crate::host::Outer;
use spec::catalogue::USER_NAMESPACE_REFUSED;
use spec::error::Error;

/// What keeps a process from making a container of its own.
#[derive(Default, PartialEq, Eq, Debug)]
struct Obstacles {
    /// A filter of system calls. Docker's and podman's look at the capabilities that the outer container was given, not
    /// at those of a user namespace inside.
    filter: bool,
    /// An AppArmor profile. Docker's denies every mount.
    profile: bool,
    /// SELinux's type for containers.
    label: bool,
    /// Mounts over parts of `/proc`.
    covered: bool,
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
    Outer { obstacles, fix: here.fix() }
}

/// How the outer container is to be started; `None` where nothing shows that there is one.
pub(super) fn fix() -> Option<String> {
    Obstacles::here().fix()
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

    /// The options that lift what is in the way, as docker and as podman call them.
    fn fix(&self) -> Option<String> {
        let options = |covered| {
            let all = [
                (self.filter, "seccomp=unconfined"),
                (self.profile, "apparmor=unconfined"),
                (self.label, "label=disable"),
                (self.covered, covered),
            ];
            let wanted = all.iter().filter(|(in_the_way, _)| *in_the_way);
            wanted.map(|(_, value)| format!("--security-opt {value}")).collect::<Vec<_>>().join(" ")
        };
        let (docker, podman) = (options("systempaths=unconfined"), options("unmask=ALL"));
        match (docker.is_empty(), docker == podman) {
            (true, _) => None,
            (_, true) => Some(format!("start the outer one with  {docker}")),
            _ => Some(format!("start the outer one with  {docker}  (docker) or  {podman}  (podman)")),
        }
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
        assert_eq!(seen.fix(), None);
    }

    #[test]
    fn every_obstacle_of_docker_is_named_at_once() {
        let mountinfo = "72 48 0:42 / /proc rw - proc proc rw\n53 72 0:48 / /proc/acpi ro - tmpfs tmpfs ro\n";
        let seen = Obstacles::seen("Seccomp:\t2\n", "docker-default (enforce)\n", mountinfo);
        assert_eq!(seen, Obstacles { filter: true, profile: true, label: false, covered: true });
        assert_eq!(
            seen.fix().as_deref(),
            Some(
                "start the outer one with  --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
                 --security-opt systempaths=unconfined  (docker) or  --security-opt seccomp=unconfined \
                 --security-opt apparmor=unconfined --security-opt unmask=ALL  (podman)"
            )
        );
    }

    #[test]
    fn selinux_calls_its_containers_by_a_type() {
        let seen = Obstacles::seen("", "system_u:system_r:container_t:s0:c1,c2\0", "");
        assert_eq!(seen, Obstacles { label: true, ..Obstacles::default() });
        assert_eq!(seen.fix().as_deref(), Some("start the outer one with  --security-opt label=disable"));
    }
}
