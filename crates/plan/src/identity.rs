//! Users and groups: which ids the container has, and who its processes are.

use crate::facts::{Extent, Facts};
use crate::tell::{Call, Lesson, Tell, quote};
use crate::{Actor, Slot, Why, build::Builder};
use spec::catalogue::{ID_NOT_MAPPED, NAMESPACE_REFUSED, NO_ID_RANGE};
use spec::error::{Error, Result};
use std::ffi::CString;
use std::fmt::Write;

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

fn outside(map: &[Extent], id: u32) -> Option<u32> {
    map.iter().find(|e| id >= e.inside && id - e.inside < e.count).map(|e| e.outside + (id - e.inside))
}

/// A map as `/proc/PID/uid_map` takes it.
pub fn lines(map: &[Extent]) -> String {
    map.iter().fold(String::new(), |mut text, e| {
        let _ = writeln!(text, "{} {} {}", e.inside, e.outside, e.count);
        text
    })
}

impl Builder<'_> {
    /// Whether root inside is the host's root, whom only missing capabilities keep from the host.
    pub(crate) fn root_is_the_hosts(&self) -> bool {
        match &self.ids {
            None => true,
            Some(ids) => ids.source == Source::Copied && self.facts.caller.has_host_root,
        }
    }
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

/// Chooses the ids of the container.
///
/// # Errors
/// `NO_ID_RANGE`; `NAMESPACE_REFUSED` for `--userns host` without rights.
pub(crate) fn choose(spec: &spec::Spec, facts: &Facts, notes: &mut Vec<String>) -> Result<Option<Ids>> {
    let any = spec.namespaces != spec::Namespaces::NONE;
    let needed = any && !facts.caller.can_mount;
    if !spec.namespaces.user && !needed {
        return Ok(None);
    }
    if needed && spec.namespaces == (spec::Namespaces { user: false, ..spec::Namespaces::ALL }) {
        return Err(Error::new(NAMESPACE_REFUSED, "--userns host needs the rights of root")
            .why("without a user namespace, only root may make the other namespaces")
            .fix("drop --userns host, or run this as root"));
    }
    let caller = &facts.caller;
    let owner = facts.rootfs.as_ref().and_then(|rootfs| rootfs.owner.as_ref());
    Ok(Some(match (&facts.subordinate, owner, &facts.free_range) {
        (_, Some(ids), _) if caller.can_set_ids && caller.initial => {
            notes.push(format!(
                "{} belongs to an ordinary user: the container has that user's ids",
                "the root filesystem"
            ));
            Ids { source: Source::Owner, ..ids.clone() }
        }
        (_, None, Some(range)) if caller.can_set_ids && caller.initial => {
            let map = vec![Extent { inside: 0, outside: range.first, count: range.count }];
            Ids { source: Source::Reserved, uids: map.clone(), gids: map }
        }
        _ if caller.can_set_ids && caller.initial => {
            return Err(Error::new(NO_ID_RANGE, "no unused range of 65,536 ids is left for this container")
                .fix("end some containers, or say --userns host"));
        }
        _ if caller.can_set_ids => {
            Ids { source: Source::Copied, uids: copied(&facts.uid_map), gids: copied(&facts.gid_map) }
        }
        (Some(sub), _, _) => Ids {
            source: Source::Subordinate,
            uids: after_own(caller.uid, sub.uids),
            gids: after_own(caller.gid, sub.gids),
        },
        _ => {
            notes.push("this user has no subordinate ids (or newuidmap is missing): root is the only user in the container".to_owned());
            let single = |id| vec![Extent { inside: 0, outside: id, count: 1 }];
            Ids { source: Source::Single, uids: single(caller.uid), gids: single(caller.gid) }
        }
    }))
}

/// The own map again, one level down: each line names ids as they are here (`user_namespaces(7)`: an extent must lie
/// in one extent of the parent).
fn copied(own: &[Extent]) -> Vec<Extent> {
    own.iter().map(|e| Extent { inside: e.inside, outside: e.inside, count: e.count }).collect()
}

/// Root inside is the caller; 1 and above are the caller's subordinate ids.
pub fn after_own(own: u32, subordinate: Extent) -> Vec<Extent> {
    let first = Extent { inside: 0, outside: own, count: 1 };
    vec![first, Extent { inside: 1, outside: subordinate.outside, count: subordinate.count }]
}

/// Writes the maps, or starts who may.
pub(crate) fn map(b: &mut Builder<'_>) {
    let Some(ids) = b.ids.clone() else { return };
    if let (Source::Subordinate, Some(sub)) = (ids.source, &b.facts.subordinate) {
        let (newuidmap, newgidmap) = (sub.newuidmap.clone(), sub.newgidmap.clone());
        let op = Op::StartHelpers { newuidmap, newgidmap, uids: ids.uids, gids: ids.gids };
        return b.step(
            Actor::Runtime,
            op,
            Why::Host("an ordinary user may map only its own id; the two helpers are privileged"),
        );
    }
    let slot = b.wants_user_namespace().then(|| b.slot());
    b.user_namespace = slot;
    let deny_setgroups = ids.source == Source::Single;
    let op = Op::WriteMaps { uids: lines(&ids.uids), gids: lines(&ids.gids), deny_setgroups, slot };
    b.step(Actor::Runtime, op, Why::Container);
}

/// The helpers run while init does what needs no ids; here they must be done.
pub(crate) fn await_helpers(b: &mut Builder<'_>) {
    if b.ids.as_ref().is_some_and(|ids| ids.source == Source::Subordinate) {
        b.step(Actor::Runtime, Op::AwaitHelpers, Why::Container);
    }
}

/// Init becomes root inside. With the host's ids it sheds the caller's groups, as soon as anything is confined (R7).
pub(crate) fn become_root(b: &mut Builder<'_>) {
    if b.ids.is_some() || b.spec.capabilities.is_some() {
        let groups = sets_groups(b);
        b.step(Actor::Init, Op::BecomeRoot { groups }, Why::Container);
    }
}

/// Whether groups can be set: not with one id, whose map demands that they stay, nor below a map of that kind.
fn sets_groups(b: &Builder<'_>) -> bool {
    b.facts.caller.can_set_groups && b.ids.as_ref().is_none_or(|ids| ids.source != Source::Single)
}

/// The command's user, which must exist inside.
///
/// # Errors
/// `ID_NOT_MAPPED`.
pub(crate) fn become_user(b: &mut Builder<'_>) -> Result<()> {
    let user = &b.facts.user;
    let Some(ids) = &b.ids else {
        if b.spec.namespaces.mount && (user.uid, user.gid) != (0, 0)
            || !b.spec.namespaces.mount && b.spec.user != spec::User::ROOT
        {
            let op = Op::BecomeUser { uid: user.uid, gid: user.gid, groups: Some(user.groups.clone()) };
            b.step(b.payload, op, Why::Asked("-u"));
        }
        return Ok(());
    };
    for (map, id, kind) in [(&ids.uids, user.uid, "user"), (&ids.gids, user.gid, "group")] {
        if outside(map, id).is_none() {
            return Err(unmapped(kind, id, map));
        }
    }
    let groups = user.groups.iter().copied().filter(|gid| outside(&ids.gids, *gid).is_some()).collect();
    let groups = sets_groups(b).then_some(groups);
    if (user.uid, user.gid) != (0, 0) || groups.as_ref().is_some_and(|groups: &Vec<u32>| !groups.is_empty()) {
        b.step(b.payload, Op::BecomeUser { uid: user.uid, gid: user.gid, groups }, Why::Asked("-u"));
    }
    Ok(())
}

fn unmapped(kind: &str, id: u32, map: &[Extent]) -> Error {
    let (last, count) = (
        map.iter().map(|e| e.inside + (e.count - 1)).max().unwrap_or(0),
        map.iter().map(|e| e.count).sum::<u32>(),
    );
    let error = Error::new(ID_NOT_MAPPED, format!("{kind} {id} does not exist in this container"));
    if count == 1 {
        error
            .why("the container has one id, root, because its caller has no subordinate ids")
            .fix("drop -u, or give the caller subordinate ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER")
    } else {
        error.why(format!("its ids are 0 to {last}")).fix(format!("choose an id up to {last}"))
    }
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
                why: "The clone still is whoever the caller was, which is nobody inside; groups go first, while there is a right to drop them.",
                without: "The files that init makes would belong to the caller, who may not exist inside.",
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
