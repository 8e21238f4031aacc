//! The programs that tests use.

use crate::packages::{Package, package};

/// Where one of them is missing, the tests that need it skip themselves.
pub const PACKAGES: [Package; 13] = [
    package("attr", "setfattr", "extended attributes"),
    package("bash", "bash", "job control in a container's terminal"),
    package("busybox-static", "busybox", "root filesystems of one program"),
    package("fish", "fish", "its completion script"),
    package("hostname", "hostname", "what a container calls itself"),
    package("mandoc", "mandoc", "mistakes in the man pages"),
    package("passwd", "useradd", "throw-away users with subordinate ids and without"),
    package("procps", "ps", "what a container sees of processes"),
    package("strace", "strace", "holding the narration against the calls that are made"),
    package("tmux", "tmux", "a terminal as people have it"),
    package("uidmap", "newuidmap", "id maps of users with subordinate ids"),
    package("util-linux", "unshare", "nested namespaces, other users"),
    package("zsh", "zsh", "its completion script"),
];
