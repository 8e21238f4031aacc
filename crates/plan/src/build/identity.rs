//! Decides which ids a container has, and as whom its command runs.

use super::{Builder, share};
use crate::container::{has_host_root, sets_groups};
use crate::facts::Facts;
use crate::identity::{Extent, Ids, Op, Source, after_own, lines, outside};
use crate::{Actor, Why};
use spec::catalogue::{ID_NOT_MAPPED, NAMESPACE_REFUSED, NO_ID_RANGE};
use spec::error::{Error, Result};

impl Builder<'_> {
    /// Whether root inside is the host's root, whom only missing capabilities keep from the host.
    pub(crate) fn root_is_the_hosts(&self) -> bool {
        has_host_root(self.facts, self.ids.as_ref())
    }
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
    // The early passes of the lesson, which confine nothing, take one where they must.
    if needed && !spec.namespaces.user && spec.capabilities.is_some() {
        return Err(Error::new(NAMESPACE_REFUSED, "--userns host needs the rights of root")
            .why("without a user namespace, only root may make the other namespaces")
            .fix("leave out --userns host, or run this as root"));
    }
    if !spec.namespaces.user {
        notes.push("only root may make these namespaces by themselves: an ordinary user needs a user namespace as well, which otherwise comes with --pass 5".to_owned());
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
            let mut uids = copied(&facts.uid_map);
            if facts.groups.hierarchies.iter().any(share::is_inside) {
                keep_back(&mut uids);
            }
            Ids { source: Source::Copied, uids, gids: copied(&facts.gid_map) }
        }
        (Some(sub), _, _) => Ids {
            source: Source::Subordinate,
            uids: after_own(caller.uid, sub.uids),
            gids: after_own(caller.gid, sub.gids),
        },
        _ => {
            notes.push("this user has no subordinate ids, or no newuidmap that can map them here: root is the only user in the container".to_owned());
            let single = |id| vec![Extent { inside: 0, outside: id, count: 1 }];
            Ids { source: Source::Single, uids: single(caller.uid), gids: single(caller.gid) }
        }
    }))
}

/// Takes the last id from a map, if there are others.
fn keep_back(map: &mut Vec<Extent>) {
    if map.len() > 1 || map.iter().any(|extent| extent.count > 1) {
        map.last_mut().into_iter().for_each(|last| last.count -= 1);
        map.retain(|extent| extent.count > 0);
    }
}

impl Builder<'_> {
    /// The user who is the caller's and not the container's, if one was kept back.
    pub(super) fn kept_back(&self) -> Option<u32> {
        let ids = self.ids.as_ref().filter(|ids| ids.source == Source::Copied)?;
        let last = self.facts.uid_map.last()?;
        let kept = last.inside + last.count.checked_sub(1)?;
        outside(&ids.uids, kept).is_none().then_some(kept)
    }
}

/// The own map again, one level down: each line names ids as they are here (`user_namespaces(7)`: an extent must lie
/// in one extent of the parent).
fn copied(own: &[Extent]) -> Vec<Extent> {
    own.iter().map(|e| Extent { inside: e.inside, outside: e.inside, count: e.count }).collect()
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
        let groups = sets_groups(b.facts, b.ids.as_ref());
        b.step(Actor::Init, Op::BecomeRoot { groups }, Why::Container);
    }
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
    let groups = sets_groups(b.facts, b.ids.as_ref()).then_some(groups);
    if (user.uid, user.gid) != (0, 0) || groups.as_ref().is_some_and(|groups: &Vec<u32>| !groups.is_empty()) {
        b.step(b.payload, Op::BecomeUser { uid: user.uid, gid: user.gid, groups }, Why::Asked("-u"));
    }
    Ok(())
}

pub(super) fn unmapped(kind: &str, id: u32, map: &[Extent]) -> Error {
    let (last, count) = (
        map.iter().map(|e| e.inside + (e.count - 1)).max().unwrap_or(0),
        map.iter().map(|e| e.count).sum::<u32>(),
    );
    let error = Error::new(ID_NOT_MAPPED, format!("{kind} {id} does not exist in this container"));
    if count == 1 {
        error
            .why("the container has one id, root, because its caller has no subordinate ids")
            .fix("leave out -u, or give the caller subordinate ids that nobody has yet (containerception doctor tells how)")
    } else {
        error.why(format!("its ids are 0 to {last}")).fix(format!("choose an id up to {last}"))
    }
}
