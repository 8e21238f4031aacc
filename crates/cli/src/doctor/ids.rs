//! Which users a container can have.

use super::Finding;
use plan::Facts;
use run::host::Helper;

const ONE_USER: &str = "root is the only user in a container";

pub(super) fn range(facts: &Facts, helpers: &[Helper; 2]) -> Finding {
    let name = "ids";
    let caller = &facts.caller;
    match (&facts.free_range, &facts.subordinate) {
        (Some(range), _) => Finding::ok(
            name,
            format!("{} ids from {} on are nobody's", range.count, range.first),
            "root inside a container is nobody outside",
        ),
        _ if caller.can_set_ids && caller.initial => Finding::fails(
            name,
            "no range of ids is unused",
            "no container can have ids of its own",
            "end some containers, or say --userns host",
        ),
        _ if caller.can_set_ids => {
            let count: u64 = facts.uid_map.iter().map(|extent| u64::from(extent.count)).sum();
            own(count)
        }
        (_, Some(own)) => Finding::ok(
            name,
            format!("this user has {} subordinate users, and {} groups", own.uids.count, own.gids.count),
            "a container can have users beside root",
        ),
        _ => {
            let helpers_missing = helpers.iter().any(|helper| helper.obstacle == Some("missing"));
            let fix = if helpers_missing {
                "see helper-programs; then as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"
            } else {
                "as root, with a range that /etc/subuid and /etc/subgid give to nobody: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"
            };
            Finding::limits(name, "this user has no subordinate ids that could be mapped", ONE_USER, fix)
        }
    }
}

/// In a user namespace.
fn own(count: u64) -> Finding {
    if count > 1 {
        let found = format!("this user namespace has {count} ids");
        return Finding::ok("ids", found, "a container has the same ids, one level down");
    }
    Finding::limits(
        "ids",
        "this user namespace has one id",
        ONE_USER,
        "make the user namespace with more ids: unshare --map-auto, or the options of what made it",
    )
}

pub(super) fn helpers(facts: &Facts, helpers: &[Helper; 2]) -> Finding {
    let name = "helper-programs";
    if facts.caller.can_set_ids {
        return Finding::ok(name, "none is needed", "root maps ids itself");
    }
    let Some((helper, obstacle)) = helpers.iter().find_map(|helper| Some((helper.name, helper.obstacle?)))
    else {
        return Finding::ok(name, "newuidmap and newgidmap can map ids", "subordinate ids can be used");
    };
    let found = format!("{helper} is {obstacle}");
    let fix = if obstacle == "missing" {
        "as root: install the package uidmap (Debian, Ubuntu), shadow-utils (Fedora), shadow (Arch, Alpine: shadow-uidmap)"
    } else {
        "reinstall the package that it came with, as root; and start this from a process that may gain privileges"
    };
    // A helper that is there is used.
    if facts.subordinate.is_some() {
        return Finding::fails(name, found, "the ids of a container cannot be mapped", fix);
    }
    Finding::limits(name, found, "subordinate ids cannot be used", fix)
}
