//! Users and groups: which ids the container has, and who its processes are.

use crate::Slot;
use crate::tell::{Call, Lesson, Tell, quote};
use std::ffi::CString;
use std::fmt::Write;

/// One line of an id map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// The first id inside.
    pub inside: u32,
    /// The first id outside.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

/// Where the ids of a container come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A range that no other container has, reserved by root.
    Reserved,
    /// The ids of the user who owns the root filesystem, when root runs it.
    Owner,
    /// The outer user namespace's, line by line.
    Copied,
    /// The caller's subordinate ids, written by `newuidmap` and `newgidmap`.
    Subordinate,
    /// The caller's own id alone.
    Single,
}

/// The ids of a user namespace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ids {
    /// Where they come from.
    pub source: Source,
    /// The map of users.
    pub uids: Vec<Extent>,
    /// The map of groups.
    pub gids: Vec<Extent>,
}

impl Ids {
    /// What root inside is outside: user and group.
    pub fn root(&self) -> (u32, u32) {
        (outside(&self.uids, 0).unwrap_or(0), outside(&self.gids, 0).unwrap_or(0))
    }
}

/// Who `id` is outside, by a map.
pub fn outside(map: &[Extent], id: u32) -> Option<u32> {
    map.iter().find(|e| id >= e.inside && id - e.inside < e.count).map(|e| e.outside + (id - e.inside))
}

/// A map as `/proc/PID/uid_map` takes it.
pub fn lines(map: &[Extent]) -> String {
    map.iter().fold(String::new(), |mut text, e| {
        let _ = writeln!(text, "{} {} {}", e.inside, e.outside, e.count);
        text
    })
}

/// Root inside is the caller; 1 and above are the caller's subordinate ids.
pub fn after_own(own: u32, subordinate: Extent) -> Vec<Extent> {
    let first = Extent { inside: 0, outside: own, count: 1 };
    vec![first, Extent { inside: 1, outside: subordinate.outside, count: subordinate.count }]
}

/// A step on ids.
#[derive(Clone, Debug)]
pub enum Op {
    /// Writes the maps of the new user namespace, from outside.
    WriteMaps {
        /// The lines of `uid_map`.
        uids: String,
        /// The lines of `gid_map`.
        gids: String,
        /// Whether `setgroups` is denied first, as it must be without rights over groups.
        deny_setgroups: bool,
        /// Where a descriptor of the user namespace goes, if mounts are to be mapped by it.
        slot: Option<Slot>,
    },
    /// Starts `newuidmap` and `newgidmap`, both at once.
    StartHelpers {
        /// The program for users, an absolute path.
        newuidmap: CString,
        /// The program for groups, an absolute path.
        newgidmap: CString,
        /// The map of users.
        uids: Vec<Extent>,
        /// The map of groups.
        gids: Vec<Extent>,
    },
    /// Waits for both.
    AwaitHelpers,
    /// Becomes root inside.
    BecomeRoot {
        /// Whether supplementary groups can be dropped.
        groups: bool,
    },
    /// Becomes the command's user.
    BecomeUser {
        /// The user.
        uid: u32,
        /// The group.
        gid: u32,
        /// The supplementary groups, if they can be set.
        groups: Option<Vec<u32>>,
    },
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::WriteMaps { uids, .. } => format!(
                "map users and groups (inside outside count): {}",
                uids.trim_end().replace('\n', ", ")
            ),
            Op::StartHelpers { uids, .. } => {
                format!(
                    "start newuidmap and newgidmap for the map {}",
                    lines(uids).trim_end().replace('\n', ", ")
                )
            }
            Op::AwaitHelpers => "wait until both maps are written".to_owned(),
            Op::BecomeRoot { .. } => "become root inside".to_owned(),
            Op::BecomeUser { uid, gid, .. } => format!("become user {uid}, group {gid}"),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::WriteMaps { uids, gids, deny_setgroups, .. } => {
                let mut calls = Vec::new();
                if *deny_setgroups {
                    calls.push(Call::once("write", r#""setgroups", "deny""#));
                }
                calls.push(Call::once("write", format!(r#""uid_map", {uids:?}"#)));
                calls.push(Call::once("write", format!(r#""gid_map", {gids:?}"#)));
                calls
            }
            Op::StartHelpers { newuidmap, newgidmap, .. } => {
                let start = |program| {
                    let spawn = Call::once("clone3", "CLONE_VM|CLONE_VFORK");
                    [spawn, Call::once("execve", format!("{}, as the child", quote(program)))]
                };
                [newuidmap, newgidmap].into_iter().flat_map(|program| start(program)).collect()
            }
            Op::AwaitHelpers => ["newuidmap", "newgidmap"].map(|name| Call::once("wait4", name)).to_vec(),
            Op::BecomeRoot { groups } => become_calls(0, 0, groups.then_some(&[][..])),
            Op::BecomeUser { uid, gid, groups } => become_calls(*uid, *gid, groups.as_deref()),
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::WriteMaps { .. } | Op::StartHelpers { .. } => Lesson {
                why: "The map says which user outside each user inside is: root inside is nobody of importance outside.",
                without: "Every id inside would be the overflow id, and no file could be made.",
                man: "user_namespaces(7), newuidmap(1)",
            },
            Op::AwaitHelpers => Lesson {
                why: "The helpers cost some 2 ms; they run while init does what needs no ids.",
                without: "Init would go on as nobody.",
                man: "newuidmap(1)",
            },
            Op::BecomeRoot { .. } => Lesson {
                why: "The process still is whoever the caller was, nobody inside; groups go first, while there is a right to drop them.",
                without: "What it makes or starts would belong to the caller, who may not exist inside.",
                man: "setresuid(2), setgroups(2)",
            },
            Op::BecomeUser { .. } => Lesson {
                why: "Groups, then group, then user: each needs a right that the next one takes away.",
                without: "The command would run as root inside.",
                man: "setresuid(2), credentials(7)",
            },
        }
    }

    fn fills(&self) -> Vec<Slot> {
        if let Op::WriteMaps { slot: Some(slot), .. } = self { vec![*slot] } else { Vec::new() }
    }
}

fn become_calls(uid: u32, gid: u32, groups: Option<&[u32]>) -> Vec<Call> {
    let mut calls: Vec<Call> = groups
        .iter()
        .map(|groups| Call::once("setgroups", format!("{}, {groups:?}", groups.len())))
        .collect();
    calls.push(Call::once("setresgid", format!("{gid}, {gid}, {gid}")));
    calls.push(Call::once("setresuid", format!("{uid}, {uid}, {uid}")));
    calls
}
