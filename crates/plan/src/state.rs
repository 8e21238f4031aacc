//! The state directory, the journal of a container, and its range of ids.

use crate::Residue;
use crate::facts::OnDisk;
use crate::tell::{Call, Lesson, Tell, quote, show};
use std::ffi::{CStr, CString};

/// A step on the state directory.
#[derive(Clone, Debug)]
pub enum Op {
    /// Makes sure of the directory of all containers of this user, and undoes what dead runs have left.
    TidyUp {
        /// The directory.
        root: CString,
    },
    /// Makes the journal of this container, and locks it.
    MakeJournal {
        /// Its path.
        journal: CString,
    },
    /// Locks a range of ids for this container.
    ReserveIds {
        /// The file whose lock is the right to use the range.
        lock: CString,
        /// The first id.
        first: u32,
        /// How many ids.
        count: u32,
    },
    /// Makes the directory on disk to which the container writes.
    MakeStorage {
        /// The directory.
        on_disk: OnDisk,
        /// Whose it is, if that is not the caller.
        owner: Option<(u32, u32)>,
    },
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::TidyUp { root } => {
                format!("make sure of the state directory {}, and undo what dead runs have left", show(root))
            }
            Op::MakeJournal { journal } => format!("make the journal {}", show(journal)),
            Op::ReserveIds { first, count, .. } => {
                format!("reserve the ids {first} to {} for this container", first + count - 1)
            }
            Op::MakeStorage { on_disk, .. } => {
                format!("make the directory {} for what the container writes", show(&on_disk.directory))
            }
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::TidyUp { root } => tidy_calls(root),
            Op::MakeJournal { journal } => vec![
                Call::once("openat", format!("{}, O_CREAT|O_EXCL, 0600", quote(journal))),
                Call::once("flock", format!("{}, LOCK_EX", quote(journal))),
            ],
            Op::ReserveIds { lock, .. } => vec![
                Call::once("openat", format!("{}, O_CREAT, 0600", quote(lock))),
                Call::once("flock", format!("{}, LOCK_EX|LOCK_NB", quote(lock))),
            ],
            Op::MakeStorage { on_disk, owner } => storage_calls(on_disk, *owner),
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::TidyUp { .. } => Lesson {
                why: "It must be this user's alone: what a journal in it says is undone with this user's rights. A run that was killed could not undo what it made; whoever starts next does.",
                without: "Whoever else made it could have this user's files removed; groups and locks of killed runs would pile up.",
                man: "flock(2), inode(7)",
            },
            Op::MakeJournal { .. } => Lesson {
                why: "Before anything is made that outlives a killed runtime (a control group, a lock), a symbolic link to it is made beside this file. Whoever holds the lock of this file lives.",
                without: "A runtime killed at the wrong moment would leave a group behind that nobody knows of.",
                man: "flock(2)",
            },
            Op::ReserveIds { .. } => Lesson {
                why: "Root in the container is an ordinary, unused user outside; no two containers share one.",
                without: "Root inside would be root outside, or could touch the files of another container.",
                man: "user_namespaces(7), subuid(5)",
            },
            Op::MakeStorage { .. } => Lesson {
                why: "The copies of an overlay can lie on disk, which has more room than memory; the directory goes with the container.",
                without: "What the container writes would take memory, or its overlay could not keep notes on its files.",
                man: "overlay in the kernel's documentation",
            },
        }
    }

    fn residue(&self) -> Option<Residue> {
        match self {
            // The state directory stays. A journal is known by being there: one that nobody has locked is a dead run's.
            Op::TidyUp { .. } | Op::MakeJournal { .. } => None,
            Op::ReserveIds { lock, .. } => Some(Residue::IdRange(lock.clone())),
            Op::MakeStorage { on_disk, .. } => Some(Residue::Tree(on_disk.directory.clone())),
        }
    }
}

/// A dead run is one whose journal can be locked. What has processes still is emptied first.
fn tidy_calls(root: &CStr) -> Vec<Call> {
    let group = "group of a dead run that still has processes";
    vec![
        Call::maybe("mkdirat", format!("{}, 0700", quote(root)), "it is missing"),
        Call::maybe("mkdirat", r#""containers", 0700"#, "it is missing"),
        Call::maybe("mkdirat", r#""ids", 0700"#, "it is missing"),
        Call::maybe("mkdirat", r#""mount", 0711"#, "it is missing"),
        Call::each("flock", "LOCK_EX|LOCK_NB", "dead run, and each range of ids that one had"),
        Call::each("write", r#""cgroup.kill" "pids.max""#, group),
        Call::each("pidfd_send_signal", "SIGKILL", "process in such a group"),
        Call::each("quotactl_fd", "Q_SETQUOTA, PRJQUOTA, bhardlimit=0", "bound of a dead run on disk"),
        Call::each("fchmod", "0700", "directory that a dead run has left there"),
        Call::each(
            "unlinkat",
            "a group, a lock, what was written to disk, a journal with its links",
            "thing that a dead run has left",
        ),
    ]
}

fn storage_calls(on_disk: &OnDisk, owner: Option<(u32, u32)>) -> Vec<Call> {
    let directory = quote(&on_disk.directory);
    let parent = |path| Call::maybe("mkdirat", format!("{}, 0700", quote(path)), "it is missing");
    let mut calls: Vec<Call> = on_disk.parents.iter().map(|path| parent(path)).collect();
    calls.push(Call::once("mkdirat", format!("{directory}, 0700")));
    calls.extend(owner.map(|(uid, gid)| Call::once("fchownat", format!("{directory}, {uid}, {gid}"))));
    calls
}
