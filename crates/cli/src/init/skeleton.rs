//! The part of the tree that is the same everywhere: directories, and the few files of `/etc`.

use super::manifest::{Entry, Manifest};

/// Directories and their permission bits (hier(7), file-hierarchy(7)).
const DIRECTORIES: &[(&str, u32)] = &[
    ("/dev", 0o755),
    ("/etc", 0o755),
    ("/home", 0o755),
    ("/mnt", 0o755),
    ("/proc", 0o555),
    ("/root", 0o700),
    ("/run", 0o755),
    ("/sys", 0o555),
    ("/tmp", 0o1777),
    ("/usr", 0o755),
    ("/usr/bin", 0o755),
    ("/usr/local", 0o755),
    ("/usr/local/bin", 0o755),
    ("/var", 0o755),
    ("/var/tmp", 0o1777),
];

/// Files that the C library and the programs open. Small and our own: the host's would tell who works there.
const FILES: &[(&str, &str)] = &[
    // nobody is what the kernel shows for an id that is not mapped (overflowuid, user_namespaces(7)).
    ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"),
    // tty owns terminals: devpts is mounted with gid=5.
    ("/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
];

/// Sets the directories and files that every tree has.
pub fn set(manifest: &mut Manifest) {
    for (path, mode) in DIRECTORIES {
        manifest.set(path, Entry::Directory { mode: *mode });
    }
    for (path, content) in FILES {
        manifest.set(path, Entry::Text { content });
    }
}

/// Names at the top that are links into `/usr` where a system has merged them, and directories where not.
pub const ALIASES: &[&str] = &["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
