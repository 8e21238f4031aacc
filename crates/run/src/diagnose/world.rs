//! Whose container is around this process, told by the marks that each engine leaves, and how that engine lifts what is in
//! the way. A mark can be forged; it decides about words only.

use super::outer::Obstacles;
use crate::probe;
use std::path::Path;

/// Who has made the container around.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum World {
    Docker,
    Podman,
    /// The kubelet, or who else speaks containerd's CRI.
    Kubernetes,
    Nspawn,
    Lxc,
    Bubblewrap,
    Unknown,
}

impl World {
    /// That of the caller.
    pub(super) fn here() -> Self {
        let manager = probe::read("/run/host/container-manager", 64).unwrap_or_default();
        let manager = String::from_utf8_lossy(&manager).trim().to_owned();
        let told = std::env::var("container").unwrap_or(manager);
        let mountinfo = probe::read("/proc/self/mountinfo", 16 << 20).unwrap_or_default();
        let exists = |path: &str| Path::new(path).exists();
        let kubelet = std::env::var_os("KUBERNETES_SERVICE_HOST").is_some();
        Self::of(exists, kubelet, &told, &String::from_utf8_lossy(&mountinfo))
    }

    /// By files, the environment (systemd.io/CONTAINER_INTERFACE), and what the list of mounts tells of the paths outside.
    fn of(exists: impl Fn(&str) -> bool, kubelet: bool, told: &str, mountinfo: &str) -> Self {
        let roots =
            || mountinfo.lines().filter_map(|line| line.split(' ').nth(3).zip(line.split(' ').nth(4)));
        let is_from = |part: &str| roots().any(|(root, _)| root.contains(part));
        match told {
            _ if kubelet || is_from("/io.containerd.grpc.v1.cri/") => World::Kubernetes,
            "podman" => World::Podman,
            _ if exists("/run/.containerenv") => World::Podman,
            _ if exists("/.dockerenv") || is_from("/docker/containers/") => World::Docker,
            "systemd-nspawn" => World::Nspawn,
            "lxc" | "lxc-libvirt" => World::Lxc,
            _ if roots().any(|mount| mount == ("/newroot", "/")) => World::Bubblewrap,
            _ => World::Unknown,
        }
    }

    /// Its name, if it has one.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            World::Docker => Some("docker"),
            World::Podman => Some("podman"),
            World::Kubernetes => Some("Kubernetes, or containerd's CRI"),
            World::Nspawn => Some("systemd-nspawn"),
            World::Lxc => Some("LXC"),
            World::Bubblewrap => Some("bubblewrap"),
            World::Unknown => None,
        }
    }

    /// How it is to be started so that nothing of `obstacles` is in the way; `None` where there are none.
    pub(super) fn fix(self, obstacles: &Obstacles) -> Option<String> {
        if *obstacles == Obstacles::default() {
            return None;
        }
        let docker = || obstacles.options("--security-opt ", DOCKER).join(" ");
        let podman = || obstacles.options("--security-opt ", PODMAN).join(" ");
        Some(match self {
            World::Docker => format!("start the outer one with  {}", docker()),
            World::Podman => format!("start the outer one with  {}", podman()),
            World::Kubernetes => {
                format!("in the securityContext of the outer one:  {}", obstacles.options("", KUBERNETES).join("; "))
            }
            World::Bubblewrap => {
                "start the outer one as an ordinary user, or with  --bind /proc /proc  in place of --proc".to_owned()
            }
            World::Nspawn => "start the outer one without what covers /proc, and with  --system-call-filter=@mount  if calls are filtered".to_owned(),
            World::Lxc | World::Unknown if docker() == podman() => format!("start the outer one with  {}", docker()),
            World::Lxc | World::Unknown => {
                format!("start the outer one with  {}  (docker) or  {}  (podman)", docker(), podman())
            }
        })
    }
}

/// What lifts a filter, a profile of AppArmor, a label of SELinux, and covers over `/proc`.
pub(super) type Lifts = [&'static str; 4];

const DOCKER: Lifts =
    ["seccomp=unconfined", "apparmor=unconfined", "label=disable", "systempaths=unconfined"];
const PODMAN: Lifts = ["seccomp=unconfined", "apparmor=unconfined", "label=disable", "unmask=ALL"];
const KUBERNETES: Lifts = [
    "seccompProfile: {type: Unconfined}",
    "appArmorProfile: {type: Unconfined}",
    "seLinuxOptions: {type: spc_t}",
    "procMount: Unmasked (with hostUsers: false in the pod)",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn world(files: &[&str], told: &str, mountinfo: &str) -> World {
        World::of(|path| files.contains(&path), false, told, mountinfo)
    }

    #[test]
    fn each_leaves_its_mark() {
        assert_eq!(world(&[], "", "22 28 0:21 / /proc rw - proc proc rw\n"), World::Unknown);
        assert_eq!(world(&["/.dockerenv"], "", ""), World::Docker);
        assert_eq!(world(&["/run/.containerenv"], "", ""), World::Podman);
        assert_eq!(world(&[], "systemd-nspawn", ""), World::Nspawn);
        assert_eq!(world(&[], "", "65 42 0:40 /newroot / rw - tmpfs tmpfs rw\n"), World::Bubblewrap);
        let sandbox = "9 8 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/1f/hostname /etc/hostname rw - ext4 /dev/a rw\n";
        assert_eq!(world(&[], "", sandbox), World::Kubernetes);
        assert_eq!(World::of(|_| false, true, "", ""), World::Kubernetes);
    }

    #[test]
    fn what_is_in_the_way_is_lifted_in_the_words_of_each() {
        let obstacles = Obstacles { filter: true, covered: true, ..Obstacles::default() };
        let fix = |world: World| world.fix(&obstacles).expect("there are obstacles");
        assert_eq!(
            fix(World::Docker),
            "start the outer one with  --security-opt seccomp=unconfined --security-opt systempaths=unconfined"
        );
        assert!(fix(World::Podman).ends_with("seccomp=unconfined --security-opt unmask=ALL"));
        assert!(fix(World::Kubernetes).contains("seccompProfile: {type: Unconfined}; procMount: Unmasked"));
        assert!(fix(World::Unknown).ends_with(" --security-opt unmask=ALL  (podman)"));
        assert_eq!(World::Docker.fix(&Obstacles::default()), None);
    }
}
