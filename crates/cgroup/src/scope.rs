//! A group of cgroup v2 in a scope that systemd makes for us.
//!
//! systemd moves the runtime into the scope, which it then leaves to us (`Delegate=`, <https://systemd.io/CGROUP_DELEGATION>).
//! The runtime moves aside into a child group, and the container's is another child: so limits are written by us alone, in a
//! group that systemd never touches, and the runtime is not counted with the container.
//!
//! The scope is beside the caller's own group, not below it: it is made in the slice that holds the caller's unit, whose
//! limits bind it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::groups::{c_string, plain};
use crate::layout::listed;
use crate::place::Place;
use crate::request::{Parent, Request};
use crate::systemd::slice_path;
use crate::{Controller, Groups, Hierarchy, Manager, Scope, Version};

/// What systemd hands on (`systemd.resource-control(5)`, Delegate=).
const DELEGATED: [Controller; 5] =
    [Controller::Cpu, Controller::Cpuset, Controller::Io, Controller::Memory, Controller::Pids];

pub(crate) fn choose(
    place: &Place,
    request: &Request<'_>,
    wanted: &BTreeSet<Controller>,
    reachable: impl Fn(Manager) -> Result<(), String>,
) -> Groups {
    let Some(uid) = request.uid else {
        return Groups::none(wanted, "systemd does not know the ids of this user namespace");
    };
    let manager = if uid == 0 { Manager::System } else { Manager::User };
    if let Err(why) = reachable(manager) {
        return Groups::none(wanted, &why);
    }
    let top = match manager {
        Manager::System => place.mount.clone(),
        Manager::User => user_manager(&place.mount, uid),
    };
    let slice = match request.parent {
        Some(Parent::Slice(slice)) => slice.to_owned(),
        _ => slice_of(&top, &place.own, manager),
    };
    let offered = listed(&top.join("cgroup.controllers"));
    let (granted, missing): (Vec<Controller>, Vec<Controller>) = wanted.iter().partition(|controller| {
        controller.is_core() || DELEGATED.contains(controller) && offered.contains(controller)
    });
    let why = format!("systemd has none to hand on in {}/cgroup.controllers", top.display());
    let mut groups = Groups::none(&missing, &why);
    let unit = format!("{}.scope", request.name);
    let Some(path) = slice_path(&slice) else {
        return Groups::none(wanted, &format!("{slice:?} is not the name of a slice"));
    };
    let directory = top.join(path).join(&unit);
    let enable: Vec<Controller> =
        granted.iter().copied().filter(|controller| !controller.is_core()).collect();
    // All that there are: an update may need another one, when systemd is not asked any more.
    let delegated = DELEGATED.into_iter().filter(|controller| offered.contains(controller));
    groups.scope = Some(Scope {
        manager,
        unit,
        slice,
        directory: c_string(&directory),
        controllers: delegated.map(|controller| controller.name(Version::V2)).collect(),
    });
    let aside = Some(c_string(&directory.join("runtime")));
    let plain = Hierarchy { parents: Vec::new(), ..plain(Version::V2, granted, &directory, "container") };
    groups.hierarchies.push(Hierarchy { enable, aside, ..plain });
    groups
}

/// The group of a user's manager, which systemd names so (`user@.service(5)`).
fn user_manager(mount: &Path, uid: u32) -> PathBuf {
    mount.join(format!("user.slice/user-{uid}.slice/user@{uid}.service"))
}

/// The slice of the caller's unit, if that is one of this manager's; else the usual one for programs.
fn slice_of(top: &Path, own: &Path, manager: Manager) -> String {
    let below = own.strip_prefix(top).unwrap_or(Path::new(""));
    let names = below.iter().filter_map(|name| name.to_str());
    let slices = names.take_while(|name| name.ends_with(".slice"));
    slices.last().map_or_else(
        || match manager {
            Manager::System => "system.slice".to_owned(),
            Manager::User => "app.slice".to_owned(),
        },
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_made_in_the_slice_of_the_caller() {
        let slice = |top: &str, own: &str, manager| slice_of(Path::new(top), Path::new(own), manager);
        let session = "/cg/user.slice/user-0.slice/session-3.scope";
        assert_eq!(slice("/cg", session, Manager::System), "user-0.slice");
        assert_eq!(slice("/cg", "/cg/system.slice/a.service/x", Manager::System), "system.slice");
        assert_eq!(slice("/cg", "/cg", Manager::System), "system.slice");
        let user = "/cg/user.slice/user-1.slice/user@1.service";
        assert_eq!(
            slice(user, &format!("{user}/app.slice/app-x.slice/x.service"), Manager::User),
            "app-x.slice"
        );
        assert_eq!(slice(user, "/cg/user.slice/user-1.slice/session-3.scope", Manager::User), "app.slice");
    }
}
