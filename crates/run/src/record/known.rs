//! The part of a record that another command in the container is planned from.

use super::find::path_of;
use super::group::{Group, Scope};
use super::view::text;
use crate::scope;
use plan::Container;
use plan::container::Held;
use plan::facts::Account;
use plan::identity::{Extent, Ids, Source};
use serde::{Deserialize, Serialize};
use spec::{Bound, Capabilities, Namespaces, Rlimit, RlimitName};
use std::ffi::CString;

/// A [`Container`] as JSON has it.
#[derive(Serialize, Deserialize, Debug)]
pub struct Known {
    namespaces: Vec<String>,
    held: Option<Vec<i32>>,
    groups: Vec<Group>,
    #[serde(default)]
    payload: bool,
    scope: Option<Scope>,
    uids: Option<Vec<[u32; 3]>>,
    gids: Option<Vec<[u32; 3]>>,
    sets_groups: bool,
    has_host_root: bool,
    capabilities: Option<u64>,
    no_new_privileges: bool,
    filter: bool,
    #[serde(default)]
    no_nest: bool,
    /// The name, the soft and the hard limit; none is unlimited.
    rlimits: Vec<(String, Option<u64>, Option<u64>)>,
    oom_score: Option<i16>,
    limit_inside: Option<u32>,
    environment: Vec<String>,
    workdir: String,
    user: User,
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
            namespaces: container.namespaces.names().map(str::to_owned).collect(),
            held: container.held.as_ref().map(|held| held.descriptors.clone()),
            groups: container.groups.iter().map(Group::of).collect(),
            payload: container.payload,
            scope: container.scope.as_ref().map(Scope::of),
            uids: ids.map(|ids| ids.uids.iter().map(extent).collect()),
            gids: ids.map(|ids| ids.gids.iter().map(extent).collect()),
            sets_groups: container.sets_groups,
            has_host_root: container.has_host_root,
            capabilities: container.capabilities.map(|set| set.0),
            no_new_privileges: container.no_new_privileges,
            filter: container.filter,
            no_nest: container.no_nest,
            rlimits: container.rlimits.iter().map(rlimit).collect(),
            oom_score: container.oom_score,
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

    /// It has another group, or one of its groups another controller.
    pub(crate) fn set_group(&mut self, group: &::cgroup::Group) {
        let new = Group::of(group);
        self.groups.retain(|known| known.directory() != new.directory());
        self.groups.push(new);
    }

    pub(super) fn read(&self, name: &str, init: i32, runtime: i32) -> Option<Container> {
        let c = |text: &String| CString::new(text.as_str()).ok();
        let ids = |(uids, gids): (&Vec<_>, &Vec<_>)| Ids {
            source: Source::Copied,
            uids: uids.iter().map(line).collect(),
            gids: gids.iter().map(line).collect(),
        };
        let scope = match &self.scope {
            Some(scope) => Some(scope.read()?),
            None => None,
        };
        let home = match &self.user.home {
            Some(home) => Some(c(home)?),
            None => None,
        };
        let namespaces = Namespaces::from_names(|name| self.namespaces.iter().any(|known| known == name));
        // One that is not entered would be the host's.
        if self.held.as_ref().is_some_and(|held| held.len() != namespaces.names().count()) {
            return None;
        }
        Some(Container {
            name: name.to_owned(),
            journal: path_of(name).ok()?,
            init,
            namespaces,
            held: self.held.clone().map(|descriptors| Held { runtime, descriptors }),
            groups: self.groups.iter().map(Group::read).collect::<Option<_>>()?,
            payload: self.payload,
            attach: scope.as_ref().is_some_and(scope::must_attach),
            scope,
            ids: self.uids.as_ref().zip(self.gids.as_ref()).map(ids),
            sets_groups: self.sets_groups,
            has_host_root: self.has_host_root,
            capabilities: self.capabilities.map(Capabilities),
            no_new_privileges: self.no_new_privileges,
            filter: self.filter,
            no_nest: self.no_nest,
            rlimits: self.rlimits.iter().map(read_rlimit).collect::<Option<_>>()?,
            oom_score: self.oom_score,
            limit_inside: self.limit_inside,
            environment: self.environment.iter().map(c).collect::<Option<_>>()?,
            workdir: c(&self.workdir)?,
            user: Account { uid: self.user.uid, gid: self.user.gid, groups: self.user.groups.clone(), home },
        })
    }
}

fn rlimit(rlimit: &Rlimit) -> (String, Option<u64>, Option<u64>) {
    let number = |bound| if let Bound::At(number) = bound { Some(number) } else { None };
    (rlimit.resource.name().to_owned(), number(rlimit.soft), number(rlimit.hard))
}

fn read_rlimit((name, soft, hard): &(String, Option<u64>, Option<u64>)) -> Option<Rlimit> {
    let bound = |number: &Option<u64>| number.map_or(Bound::Unlimited, Bound::At);
    let resource = RlimitName::ALL.iter().find(|resource| resource.name() == name)?;
    Some(Rlimit { resource: *resource, soft: bound(soft), hard: bound(hard) })
}

fn extent(extent: &Extent) -> [u32; 3] {
    [extent.inside, extent.outside, extent.count]
}

fn line([inside, outside, count]: &[u32; 3]) -> Extent {
    Extent { inside: *inside, outside: *outside, count: *count }
}
