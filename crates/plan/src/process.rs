//! Processes: how the container's are born, what they inherit, and how the command starts.

use crate::Slot;
use crate::tell::{Call, Lesson, Tell, quote, quote_all, show};
use spec::rlimit::Rlimit;
use spec::{Bound, Namespaces};
use std::ffi::CString;

/// A step on processes.
#[derive(Clone, Debug)]
pub enum Op {
    /// Clones the container's first process into new namespaces.
    Clone {
        /// Which are new. The cgroup namespace is not among them: it is made after joining.
        namespaces: Namespaces,
        /// The group to be born in (cgroup v2).
        group: Option<Slot>,
    },
    /// Bounds the processes of the caller before the user namespace is made, which then inherits the bound.
    LimitBeforeClone {
        /// The caller's present processes and the limit of the container.
        limit: u32,
        /// The caller's present processes.
        present: u32,
    },
    /// Bounds the processes of the own user inside.
    LimitInside {
        /// The most processes.
        limit: u32,
    },
    /// Dies when the parent does.
    DieWithParent,
    /// Cannot be traced, and its `/proc` entries are out of reach.
    NotDumpable,
    /// Forks the command.
    Fork,
    /// Becomes the leader of a new session, with the terminal as its own if there is one.
    NewSession {
        /// The container's side of the terminal.
        terminal: Option<Slot>,
    },
    /// Becomes the leader of a new process group: a job of init's session, as a shell makes one.
    NewJob {
        /// Whether the session has a terminal.
        terminal: bool,
    },
    /// Sets limits of init, which what it forks from then on inherits.
    SetLimits {
        /// The limits.
        rlimits: Vec<Rlimit>,
    },
    /// Says how willingly the kernel ends init, and what it forks, where the whole machine lacks memory.
    SetOomScore {
        /// From -1000, never, to 1000, first.
        score: i16,
    },
    /// Goes to the working directory, which must lie inside the root.
    ChangeDirectory {
        /// The directory.
        path: CString,
    },
    /// Leaves no descriptor open but 0, 1 and 2.
    CloseFiles,
    /// Tells the steps so far, while the command waits.
    Report,
    /// Executes the command.
    Execute {
        /// The paths that are tried in turn.
        candidates: Vec<CString>,
        /// The command and its arguments.
        arguments: Vec<CString>,
        /// The environment.
        environment: Vec<CString>,
    },
}

/// `nofile 1024:2048`.
fn named(rlimit: &Rlimit) -> String {
    let number = |bound| match bound {
        Bound::At(number) => number.to_string(),
        Bound::Unlimited => "unlimited".to_owned(),
    };
    format!("{} {}:{}", rlimit.resource.name(), number(rlimit.soft), number(rlimit.hard))
}

/// The names of `namespaces` as `clone(2)` has them.
fn flags(namespaces: &Namespaces) -> String {
    let all = [
        (namespaces.user, "CLONE_NEWUSER"),
        (namespaces.mount, "CLONE_NEWNS"),
        (namespaces.pid, "CLONE_NEWPID"),
        (namespaces.uts, "CLONE_NEWUTS"),
        (namespaces.ipc, "CLONE_NEWIPC"),
    ];
    let names: Vec<&str> = all.iter().filter(|(new, _)| *new).map(|(_, name)| *name).collect();
    if names.is_empty() { "0".to_owned() } else { names.join("|") }
}

fn words(namespaces: &Namespaces) -> String {
    let all = [
        (namespaces.user, "users"),
        (namespaces.mount, "mounts"),
        (namespaces.pid, "processes"),
        (namespaces.uts, "host name"),
        (namespaces.ipc, "IPC"),
    ];
    let names: Vec<&str> = all.iter().filter(|(new, _)| *new).map(|(_, name)| *name).collect();
    names.join(", ")
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Clone { namespaces, .. } if *namespaces == Namespaces::NONE => "fork a child".to_owned(),
            Op::Clone { namespaces, .. } => format!("clone a child with its own {}", words(namespaces)),
            Op::LimitBeforeClone { limit, present } => {
                format!("bound this user's processes at {limit}: the {present} there are and the container's")
            }
            Op::LimitInside { limit } => format!("bound the processes of the own user inside at {limit}"),
            Op::DieWithParent => "die when the runtime dies".to_owned(),
            Op::NotDumpable => "let nobody trace this process or look into it".to_owned(),
            Op::Fork => "fork the command".to_owned(),
            Op::NewSession { terminal: None } => "start a session of its own".to_owned(),
            Op::NewSession { terminal: Some(_) } => {
                "start a session of its own on the new terminal".to_owned()
            }
            Op::NewJob { .. } => "become a job of the session".to_owned(),
            Op::SetLimits { rlimits } => {
                format!(
                    "set limits of each process: {}",
                    rlimits.iter().map(named).collect::<Vec<_>>().join(", ")
                )
            }
            Op::SetOomScore { score } => format!("rate it {score} where the machine lacks memory"),
            Op::ChangeDirectory { path } => format!("go to {}", show(path)),
            Op::CloseFiles => "leave no file open but stdin, stdout and stderr".to_owned(),
            Op::Report => "tell the steps so far".to_owned(),
            Op::Execute { arguments, .. } => {
                format!("execute {}", arguments.iter().map(|a| show(a)).collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::Clone { namespaces, group } => {
                let into = if group.is_some() { "|CLONE_INTO_CGROUP" } else { "" };
                vec![Call::once("clone3", format!("{}|CLONE_PIDFD{into}", flags(namespaces)))]
            }
            Op::LimitBeforeClone { limit, .. } | Op::LimitInside { limit } => {
                vec![Call::once("prlimit64", format!("RLIMIT_NPROC, {limit}, or what is lower already"))]
            }
            Op::DieWithParent => vec![Call::once("prctl", "PR_SET_PDEATHSIG, SIGKILL")],
            Op::NotDumpable => vec![Call::once("prctl", "PR_SET_DUMPABLE, SUID_DUMP_DISABLE")],
            Op::Fork => vec![Call::once("clone", "SIGCHLD")],
            Op::NewSession { terminal: None } => vec![Call::once("setsid", "")],
            Op::NewSession { terminal: Some(_) } => vec![
                Call::once("setsid", ""),
                Call::once("ioctl", "the terminal, TIOCSCTTY"),
                Call::once("dup2", "the terminal, 0"),
                Call::once("dup2", "the terminal, 1"),
                Call::maybe("dup2", "the terminal, 2", "stderr is a terminal"),
            ],
            Op::NewJob { terminal: false } => vec![Call::once("setpgid", "0, 0")],
            Op::NewJob { terminal: true } => vec![
                Call::once("setpgid", "0, 0"),
                Call::maybe("ioctl", "the terminal, TIOCSPGRP", "containerception is in the foreground"),
            ],
            Op::SetLimits { rlimits } => rlimits
                .iter()
                .map(|rlimit| {
                    let name = rlimit.resource.name().to_uppercase();
                    Call::once("prlimit64", format!("init, RLIMIT_{name}"))
                })
                .collect(),
            Op::SetOomScore { score } => vec![Call::once("write", format!("\"oom_score_adj\", \"{score}\""))],
            Op::ChangeDirectory { path } => vec![Call::once("chdir", quote(path))],
            Op::CloseFiles => vec![Call::once("close_range", "3, 4294967295, CLOSE_RANGE_CLOEXEC")],
            // It writes to stderr, nothing else.
            Op::Report => Vec::new(),
            Op::Execute { candidates, .. } => {
                vec![
                    Call::once("umask", "022"),
                    Call::each("rt_sigaction", "SIG_DFL", "signal"),
                    Call::once("rt_sigprocmask", "SIG_SETMASK, []"),
                    Call::once(
                        "execve",
                        format!("the first that exists: {}", quote_all(candidates.iter().map(|c| &**c))),
                    ),
                ]
            }
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Clone { namespaces, .. } if *namespaces == Namespaces::NONE => Lesson {
                why: "A new program starts as a copy of the one that starts it.",
                without: "The command would replace containerception, and nobody would wait for it.",
                man: "fork(2)",
            },
            Op::Clone { .. } => Lesson {
                why: "A namespace gives a process its own instance of what is otherwise global; this is where the container begins.",
                without: "The command would see, and could change, the processes, mounts and names of the host.",
                man: "clone(2), namespaces(7)",
            },
            Op::LimitBeforeClone { .. } => Lesson {
                why: "A user namespace keeps the limit of its maker, and counts all its ids together against it (Linux 5.14).",
                without: "A fork bomb that changes its user id would get a fresh allowance each time.",
                man: "getrlimit(2)",
            },
            Op::LimitInside { .. } => Lesson {
                why: "Counts the processes of one user inside this user namespace only.",
                without: "The container could use what is left of the caller's whole allowance.",
                man: "getrlimit(2)",
            },
            Op::DieWithParent => Lesson {
                why: "When PID 1 dies, the kernel kills all others in its PID namespace. Init gets SIGKILL when the runtime dies, and exits when a socket closes whose other end only the runtime holds. The command can clear its own death signal; it cannot reach init's.",
                without: "A killed runtime would leave its container running, with nobody to wait for it.",
                man: "prctl(2)",
            },
            Op::NotDumpable => Lesson {
                why: "A copy of the host's program: the container must not read its memory or open its /proc/PID/exe.",
                without: "Root inside could trace it and reach files and programs of the host (CVE-2019-5736).",
                man: "prctl(2), ptrace(2)",
            },
            Op::Fork => Lesson {
                why: "The kernel drops TERM and INT for a PID 1 that has no handler, and only PID 1 gets orphans; so PID 1 is a small init, and the command is its child. Init waits for all that end, passes signals on to the command, and ends with its status.",
                without: "Ctrl-C would not end a program that has no handler of its own, and zombies would pile up.",
                man: "pid_namespaces(7)",
            },
            Op::NewSession { .. } => Lesson {
                why: "A session of its own has its own terminal, or none.",
                without: "The command could push characters into the terminal outside (TIOCSTI, CVE-2017-5226).",
                man: "setsid(2), credentials(7)",
            },
            Op::NewJob { .. } => Lesson {
                why: "A terminal sends its keys' signals to a job, and stops one that reads in the background; init hears of it, and containerception stops in the caller's shell.",
                without: "Ctrl-Z would have no effect: the leader of a session is not stopped by its terminal.",
                man: "setpgid(2), tcsetpgrp(3)",
            },
            Op::SetLimits { .. } => Lesson {
                why: "Limits of each process by itself are inherited; what lowers them cannot raise them again. They are set from outside: inside, root has the right to raise them, which counts for nothing.",
                without: "The command would have the limits of whoever starts it.",
                man: "prlimit(2)",
            },
            Op::SetOomScore { .. } => Lesson {
                why: "Where no memory is left on the whole machine, the kernel ends the process with the highest rate.",
                without: "The container would be as likely to be ended as everything else.",
                man: "proc_pid_oom_score_adj(5)",
            },
            Op::ChangeDirectory { .. } => Lesson {
                why: "The kernel's answer is checked: a working directory outside the root would be a way out (CVE-2024-21626).",
                without: "The command would start wherever init has been.",
                man: "chdir(2), getcwd(3)",
            },
            Op::CloseFiles => Lesson {
                why: "A descriptor of the host's is a door to it, however the path of that door is hidden. They are marked here, and close when the command is executed.",
                without: "A file that containerception or its caller had open would be open in the container.",
                man: "close_range(2)",
            },
            Op::Report => Lesson {
                why: "The command's output should come after the story of how its container was made.",
                without: "The two would mix.",
                man: "write(2)",
            },
            Op::Execute { .. } => Lesson {
                why: "The process stays, with all that was set up for it; its program is replaced.",
                without: "There would be a container with nothing in it.",
                man: "execve(2)",
            },
        }
    }

    fn uses(&self) -> Vec<Slot> {
        match self {
            Op::Clone { group: Some(slot), .. } | Op::NewSession { terminal: Some(slot) } => vec![*slot],
            _ => Vec::new(),
        }
    }
}
