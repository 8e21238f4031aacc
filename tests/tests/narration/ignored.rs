//! The calls that belong to no step, each with its reason: they change nothing, or nothing but the process that makes
//! them, of which nothing is left when the command is executed.

use crate::trace::{Call, Who};

/// One kind of ignored calls.
struct Ignored {
    calls: &'static [&'static str],
    when: fn(&Call) -> bool,
    why: &'static str,
    /// Whether not every machine, or not every start, has them.
    rare: bool,
}

const IGNORED: &[Ignored] = &[
    Ignored {
        calls: &[
            "read",
            "readlink",
            "readlinkat",
            "fstat",
            "newfstatat",
            "statx",
            "faccessat2",
            "getdents64",
            "getxattr",
            "statfs",
            "fstatfs",
            "uname",
            "sysinfo",
            "getpid",
            "getpgrp",
            "gettid",
            "geteuid",
            "getegid",
            "getcwd",
            "capget",
            "sched_getaffinity",
            "getrandom",
        ],
        when: always,
        why: "asks, and changes nothing",
        rare: false,
    },
    Ignored {
        calls: &["flock"],
        when: |call| call.has(":state>, LOCK_SH"),
        why: "has who changes the record wait, and changes nothing",
        rare: true,
    },
    Ignored {
        calls: &["lseek"],
        when: |call| call.arguments.ends_with(", 0, SEEK_CUR"),
        why: "asks how much of a file is left to be read: of the processes of a dead run's group, if it has any",
        rare: true,
    },
    Ignored {
        calls: &["fcntl"],
        when: |call| call.has("F_GETFL"),
        why: "asks how a directory was opened",
        rare: true,
    },
    Ignored {
        calls: &["prctl"],
        when: |call| call.arguments.starts_with("0x41555856 /* PR_"),
        why: "asks for the auxiliary vector (PR_GET_AUXV of Linux 6.4, a name that strace learned later)",
        rare: true,
    },
    Ignored {
        calls: &["prctl"],
        when: |call| call.has("PR_GET_NO_NEW_PRIVS"),
        why: "asks whether newuidmap would have an effect",
        rare: true,
    },
    Ignored {
        calls: &["setfsuid", "setfsgid"],
        when: |call| call.arguments == "-1",
        why: "asks for the id that is in force; there is none of that number",
        rare: false,
    },
    Ignored {
        calls: &["prlimit64"],
        when: |call| call.arguments.split(", ").nth(2) == Some("NULL"),
        why: "asks for a limit, and sets none",
        rare: false,
    },
    Ignored {
        calls: &["ioctl"],
        when: |call| [", TCGETS", ", TCGETS2", ", TIOCGWINSZ", ", TIOCGPGRP"].iter().any(|ask| call.has(ask)),
        why: "asks a terminal",
        rare: false,
    },
    Ignored {
        calls: &["ioctl"],
        when: |call| call.has("NS_GET_USERNS"),
        why: "asks whose a namespace is",
        rare: false,
    },
    Ignored {
        calls: &["ioctl", "quotactl_fd"],
        when: |call| ["FS_IOC_FSGETXATTR", "Q_XGETQSTATV", "Q_GETQUOTA"].iter().any(|ask| call.has(ask)),
        why: "asks a file system about projects and their quotas",
        rare: true,
    },
    Ignored {
        calls: &["open", "openat", "openat2", "open_tree"],
        // Opening ptmx makes a terminal.
        when: |call| {
            !call.has("O_CREAT") && !call.has("O_TRUNC") && !call.has("_CLONE") && !call.has("ptmx\"")
        },
        why: "opens what is there; what is done to it by the descriptor is told",
        rare: false,
    },
    Ignored {
        calls: &["close", "socket", "socketpair", "pipe2", "signalfd4", "pidfd_open"],
        when: always,
        why: "a descriptor of the process's own; the step close_range sees to it that the command has none of them",
        rare: false,
    },
    Ignored {
        calls: &["brk", "mmap", "munmap", "mprotect"],
        when: |call| call.who == Who::Runtime,
        why: "the runtime's own memory; the shared mapping is the board. What it clones asks for none",
        rare: false,
    },
    Ignored {
        calls: &["arch_prctl", "set_tid_address", "set_robust_list", "rseq", "sigaltstack"],
        when: |call| call.who == Who::Runtime,
        why: "the C library and Rust's runtime set themselves up; executing resets all of it",
        rare: false,
    },
    Ignored {
        calls: &["poll", "ppoll", "sendmsg", "recvmsg"],
        when: always,
        why: "one of the own processes waits for another: the bell, which tells whose turn it is",
        rare: false,
    },
    Ignored {
        calls: &["openat", "write", "renameat", "sendto"],
        when: |call| call.has(":state") || call.name == "sendto" && call.has("\"\\377\""),
        why: "the record of a container that has lived for a while: here, of one that strace has made slow",
        rare: true,
    },
    Ignored {
        calls: &["waitid"],
        when: always,
        why: "the runtime waits for the joiner, whose child the command is not",
        rare: true,
    },
    Ignored {
        calls: &["recvfrom", "clock_nanosleep"],
        when: |call| call.name == "clock_nanosleep" || call.has("MSG_PEEK"),
        why: "init looks whether a ring is for the command, and leaves it that",
        rare: true,
    },
    Ignored {
        calls: &["wait4"],
        when: |call| call.who == Who::Init && call.has("WNOHANG"),
        why: "init at its work, which begins when the command is born: it asks who has ended",
        rare: false,
    },
    Ignored {
        calls: &["clock_nanosleep"],
        when: always,
        why: "gives the kernel time to let go of what a dead run had",
        rare: true,
    },
    Ignored {
        calls: &["rt_sigaction", "rt_sigprocmask"],
        when: |call| !call.becomes_command,
        why: "how the runtime and init hear of signals; what the command inherits is told by the step that executes it",
        rare: false,
    },
    Ignored {
        calls: &["write"],
        when: |call| call.who == Who::Runtime && call.arguments.starts_with("2<"),
        why: "tells the steps on stderr",
        rare: false,
    },
    Ignored {
        calls: &["dup2"],
        when: |call| call.who == Who::Helper,
        why: "stdin, stdout and stderr of newuidmap and newgidmap, which get none of the container's",
        rare: false,
    },
];

fn always(_: &Call) -> bool {
    true
}

/// The calls that changed something, and so must each belong to a step. One that failed changed nothing.
pub fn leave_out(calls: &[Call]) -> Vec<&Call> {
    calls.iter().filter(|call| !call.failed() && reason(call).is_none()).collect()
}

fn reason(call: &Call) -> Option<&'static Ignored> {
    IGNORED.iter().find(|ignored| ignored.calls.contains(&call.name.as_str()) && (ignored.when)(call))
}

/// The reasons on the list for which no call was met: the list would be longer than it need be.
pub fn unneeded(calls: &[Call]) -> Vec<&'static str> {
    let met = |ignored: &Ignored| {
        let is = |other: &Ignored| std::ptr::eq(other, ignored);
        calls.iter().any(|call| !call.failed() && reason(call).is_some_and(is))
    };
    IGNORED.iter().filter(|ignored| !ignored.rare && !met(ignored)).map(|ignored| ignored.why).collect()
}
