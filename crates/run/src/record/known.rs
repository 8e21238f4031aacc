//! The part of a record that another command in the container is planned from.

use super::path_of;
use super::view::text;
use plan::Container;
use plan::container::Join;
use plan::facts::{Account, Extent};
use plan::identity::{Ids, Source};
use serde::{Deserialize, Serialize};
use spec::{Capabilities, Namespaces};
use std::ffi::CString;

/// A [`Container`] as JSON has it.
#[derive(Serialize, Deserialize, Debug)]
pub struct Known {
    namespaces: Vec<String>,
    group: Option<Group>,
    uids: Option<Vec<[u32; 3]>>,
    gids: Option<Vec<[u32; 3]>>,
    sets_groups: bool,
    has_host_root: bool,
    capabilities: Option<u64>,
    no_new_privileges: bool,
    filter: bool,
    limit_inside: Option<u32>,
    environment: Vec<String>,
    workdir: String,
    user: User,
}

#[derive(Serialize, Deserialize, Debug)]
struct Group {
    path: String,
    at_birth: bool,
}

#[derive(Serialize, Deserialize, Debug)]
struct User {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
    home: Option<String>,
}

impl Known {
    pub(super) fn of(container: &Container) -> Self {
        let ids = container.ids.as_ref();
        let user = &container.user;
        Known {
            namespaces: names(container.namespaces),
            group: container
                .group
                .as_ref()
                .map(|join| Group { path: text(&join.path), at_birth: join.at_birth }),
            uids: ids.map(|ids| ids.uids.iter().map(extent).collect()),
            gids: ids.map(|ids| ids.gids.iter().map(extent).collect()),
            sets_groups: container.sets_groups,
            has_host_root: container.has_host_root,
            capabilities: container.capabilities.map(|set| set.0),
            no_new_privileges: container.no_new_privileges,
            filter: container.filter,
            limit_inside: container.limit_inside,
            environment: container.environment.iter().map(|entry| text(entry)).collect(),
            workdir: text(&container.workdir),
            user: User {
                uid: user.uid,
                gid: user.gid,
                groups: user.groups.clone(),
                home: user.home.as_ref().map(|home| text(home)),
            },
        }
    }

    pub(super) fn read(&self, name: &str, init: i32) -> Option<Container> {
        let c = |text: &String| CString::new(text.as_str()).ok();
        let ids = |(uids, gids): (&Vec<_>, &Vec<_>)| Ids {
            source: Source::Copied,
            uids: uids.iter().map(line).collect(),
            gids: gids.iter().map(line).collect(),
        };
        let group = match &self.group {
            Some(group) => Some(Join { path: c(&group.path)?, at_birth: group.at_birth }),
            None => None,
        };
        let home = match &self.user.home {
            Some(home) => Some(c(home)?),
            None => None,
        };
        Some(Container {
            name: name.to_owned(),
            journal: path_of(name).ok()?,
            init,
            namespaces: namespaces(&self.namespaces),
            group,
            ids: self.uids.as_ref().zip(self.gids.as_ref()).map(ids),
            sets_groups: self.sets_groups,
            has_host_root: self.has_host_root,
            capabilities: self.capabilities.map(Capabilities),
            no_new_privileges: self.no_new_privileges,
            filter: self.filter,
            limit_inside: self.limit_inside,
            environment: self.environment.iter().map(c).collect::<Option<_>>()?,
            workdir: c(&self.workdir)?,
            user: Account { uid: self.user.uid, gid: self.user.gid, groups: self.user.groups.clone(), home },
        })
    }
}

fn extent(extent: &Extent) -> [u32; 3] {
    [extent.inside, extent.outside, extent.count]
}

fn line([inside, outside, count]: &[u32; 3]) -> Extent {
    Extent { inside: *inside, outside: *outside, count: *count }
}

/// The names of the namespaces that are new, as they stand in `/proc/PID/ns`.
pub(super) fn names(namespaces: Namespaces) -> Vec<String> {
    let mut namespaces = namespaces;
    let all = fields(&mut namespaces);
    all.into_iter().filter(|(_, own)| **own).map(|(name, _)| name.to_owned()).collect()
}

fn namespaces(names: &[String]) -> Namespaces {
    let mut namespaces = Namespaces::NONE;
    for (name, own) in fields(&mut namespaces) {
        *own = names.iter().any(|known| known == name);
    }
    namespaces
}

fn fields(namespaces: &mut Namespaces) -> [(&'static str, &mut bool); 7] {
    [
        ("user", &mut namespaces.user),
        ("mnt", &mut namespaces.mount),
        ("pid", &mut namespaces.pid),
        ("uts", &mut namespaces.uts),
        ("ipc", &mut namespaces.ipc),
        ("net", &mut namespaces.net),
        ("cgroup", &mut namespaces.cgroup),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_read_as_they_were_written() {
        let some = Namespaces { net: false, user: false, ..Namespaces::ALL };
        for written in [Namespaces::NONE, some, Namespaces::ALL] {
            assert_eq!(namespaces(&names(written)), written);
        }
        assert_eq!(namespaces(&["time".to_owned()]), Namespaces::NONE);
    }
}
