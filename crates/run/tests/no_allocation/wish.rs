//! What is wished of containers.

use spec::{Bound, Capabilities, HostName, Namespaces, Resources, Root, Spec, Storage, Tmpfs, User, Volume};
use std::ffi::{CString, OsStr};

fn c(text: &str) -> CString {
    CString::new(text).expect("no NUL")
}

/// `run true`.
pub fn default() -> Spec {
    Spec {
        name: None,
        command: vec![c("true")],
        environment: vec![c("PATH=/missing:/usr/bin:/bin")],
        workdir: c("/"),
        user: User::ROOT,
        hostname: HostName::default(),
        root: Root::Programs,
        read_only: false,
        storage: Storage::Memory(None),
        volumes: Vec::new(),
        tmpfs: Vec::new(),
        shm: spec::limit::DEFAULT_SHM,
        namespaces: Namespaces::ALL,
        init: true,
        resources: Resources { pids: Some(Bound::At(2048)), ..Resources::default() },
        groups: Default::default(),
        rlimits: Vec::new(),
        oom_score: None,
        best_effort: false,
        capabilities: Some(Capabilities::DEFAULT),
        no_new_privileges: true,
        filter: true,
        nest: true,
        terminal: false,
        narrate: false,
    }
}

/// Processes that nobody waits for but init.
pub fn orphans() -> Spec {
    Spec { command: ["sh", "-c", "(true &); (sleep 0.1 &); sleep 0.2"].map(c).to_vec(), ..default() }
}

/// A terminal: the relaying side has none outside, which is the runtime's affair.
pub fn terminal() -> Spec {
    Spec { terminal: true, ..default() }
}

/// A command that does not exist.
pub fn missing() -> Spec {
    Spec { command: vec![c("missing")], ..default() }
}

/// A command that cannot be executed: a directory.
pub fn directory() -> Spec {
    Spec { command: vec![c("/usr")], ..default() }
}

/// `--rootfs rootfs`.
pub fn rootfs() -> Spec {
    Spec { root: Root::Directory(c("rootfs")), ..default() }
}

/// The same, copy-on-write.
pub fn ephemeral() -> Spec {
    Spec { root: Root::Ephemeral(c("rootfs")), ..default() }
}

/// Volumes on places that are missing, a file system in memory, nothing else to write to, another user.
pub fn volumes() -> Spec {
    let volume = |text: &str| Volume::parse(OsStr::new(text)).expect("a volume");
    Spec {
        volumes: vec![volume("/usr:/srv/deep/down:ro"), volume("/etc/passwd:/srv/file:ro")],
        tmpfs: vec![Tmpfs::parse(OsStr::new("/srv/memory:size=1m")).expect("a tmpfs")],
        read_only: true,
        user: User::parse("1234:100").expect("a user"),
        workdir: c("/srv/deep"),
        ..default()
    }
}

/// The command as PID 1.
pub fn no_init() -> Spec {
    Spec { init: false, ..default() }
}

/// The host's network.
pub fn network_host() -> Spec {
    Spec { namespaces: Namespaces { net: false, ..Namespaces::ALL }, ..default() }
}

/// The host's users.
pub fn userns_host() -> Spec {
    Spec { namespaces: Namespaces { user: false, ..Namespaces::ALL }, ..default() }
}

/// The first pass of the lesson: fork and exec.
pub fn pass1() -> Spec {
    Spec {
        root: Root::Host,
        init: false,
        resources: Resources::default(),
        namespaces: Namespaces::NONE,
        ..unconfined()
    }
}

/// The second: some namespaces.
pub fn pass2() -> Spec {
    let namespaces = Namespaces { uts: true, pid: true, mount: true, ..Namespaces::NONE };
    Spec { root: Root::Host, resources: Resources::default(), namespaces, ..unconfined() }
}

fn unconfined() -> Spec {
    Spec { capabilities: None, no_new_privileges: false, filter: false, ..default() }
}
