//! What `init` copies when nothing else is asked for, and why.

/// The shell. The one program without which `init` gives up: a tree without it can be neither entered nor looked at.
pub const REQUIRED: &str = "sh";

/// Everything that is copied where this machine has it.
pub const GROUPS: &[&[&str]] = &[
    // Scripts want sh, people want bash.
    &[REQUIRED, "bash"],
    // What a person looks at first: who is here, and what this place is called.
    &["ps", "hostname", "top", "free", "pgrep"],
    // Namespaces, mounts, capabilities and the network: to look at, and to make again inside.
    &["unshare", "nsenter", "lsns", "mount", "umount", "findmnt", "setpriv", "ip"],
    // What nearly every script leans on beside the coreutils.
    &["awk", "cmp", "diff", "find", "grep", "gzip", "sed", "tar", "which", "xargs"],
    // The terminal.
    &["clear", "less", "reset", "tput"],
    // As the tutorial had them, by copying /bin.
    COREUTILS,
];

/// The programs of GNU coreutils 9; busybox and others have most of them.
#[rustfmt::skip]
const COREUTILS: &[&str] = &[
    "[", "arch", "b2sum", "base32", "base64", "basename", "basenc", "cat", "chcon", "chgrp", "chmod",
    "chown", "chroot", "cksum", "comm", "cp", "csplit", "cut", "date", "dd", "df", "dir", "dircolors",
    "dirname", "du", "echo", "env", "expand", "expr", "factor", "false", "fmt", "fold", "groups", "head",
    "hostid", "id", "install", "join", "kill", "link", "ln", "logname", "ls", "md5sum", "mkdir", "mkfifo",
    "mknod", "mktemp", "mv", "nice", "nl", "nohup", "nproc", "numfmt", "od", "paste", "pathchk", "pinky",
    "pr", "printenv", "printf", "ptx", "pwd", "readlink", "realpath", "rm", "rmdir", "runcon", "seq",
    "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shred", "shuf", "sleep", "sort",
    "split", "stat", "stdbuf", "stty", "sum", "sync", "tac", "tail", "tee", "test", "timeout", "touch",
    "tr", "true", "truncate", "tsort", "tty", "uname", "unexpand", "uniq", "unlink", "uptime", "users",
    "vdir", "wc", "who", "whoami", "yes",
];

/// Files that programs open by a path of their own, copied where this machine has them.
pub const COMPANIONS: &[&str] = &[
    // `stdbuf` preloads it into the program that it runs; where it lies is up to the distribution.
    "/usr/libexec/coreutils/libstdbuf.so",
    "/usr/lib/coreutils/libstdbuf.so",
];

/// Libraries that the C library opens when it needs them, so that no program lists them.
pub const OPENED_LATER: &[&str] = &[
    // glibc before 2.34 reads passwd and group through it (nss(5)); later ones have it built in.
    "libnss_files.so.2",
    // pthread_cancel(3) and pthread_exit(3) unwind the stack with it, and abort without it.
    "libgcc_s.so.1",
];

/// Where terminfo(5) entries lie, and which are copied beside the one of the caller's own terminal.
pub const TERMINFO: &[&str] = &["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"];

/// The terminals that people and multiplexers have most often.
#[rustfmt::skip]
pub const TERMINALS: &[&str] = &[
    "dumb", "linux", "screen", "screen-256color", "tmux", "tmux-256color", "vt100", "xterm", "xterm-256color",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_name_stands_once() {
        let mut seen = BTreeSet::new();
        for name in GROUPS.iter().copied().flatten() {
            assert!(seen.insert(name), "{name} stands twice");
            assert!(!name.contains('/') && !name.is_empty());
        }
        assert!(seen.contains(&REQUIRED) && seen.contains(&"ps") && seen.contains(&"hostname"));
    }
}
