//! The groups of a container as its record has them, and what was asked of them.

use super::view::text;
use ::cgroup::{Controller, Manager, Version};
use plan::Op;
use plan::Plan;
use plan::cgroup::Op::Set;
use plan::cgroup::below;
use plan::limit::scope::is_weight;
use plan::limit::{NotHeld, Setting};
use serde::{Deserialize, Serialize};
use std::ffi::{CStr, CString};

/// A group.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(super) struct Group {
    version: u8,
    controllers: Vec<String>,
    directory: String,
}

impl Group {
    pub(super) fn of(group: &::cgroup::Group) -> Self {
        Group {
            version: if group.version == Version::V1 { 1 } else { 2 },
            controllers: group.controllers.iter().map(ToString::to_string).collect(),
            directory: text(&group.directory),
        }
    }

    pub(super) fn directory(&self) -> &str {
        &self.directory
    }

    pub(super) fn read(&self) -> Option<::cgroup::Group> {
        let version = if self.version == 1 { Version::V1 } else { Version::V2 };
        // They are written by their names of v2 on both.
        let controller = |name: &String| Controller::named(name, Version::V2);
        Some(::cgroup::Group {
            version,
            controllers: self.controllers.iter().map(controller).collect::<Option<_>>()?,
            directory: CString::new(self.directory.as_str()).ok()?,
        })
    }
}

/// A scope of systemd's.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(super) struct Scope {
    user: bool,
    unit: String,
    slice: String,
    directory: String,
}

impl Scope {
    pub(super) fn of(scope: &::cgroup::Scope) -> Self {
        Scope {
            user: scope.manager == Manager::User,
            unit: scope.unit.clone(),
            slice: scope.slice.clone(),
            directory: text(&scope.directory),
        }
    }

    pub(super) fn read(&self) -> Option<::cgroup::Scope> {
        Some(::cgroup::Scope {
            manager: if self.user { Manager::User } else { Manager::System },
            unit: self.unit.clone(),
            slice: self.slice.clone(),
            directory: CString::new(self.directory.as_str()).ok()?,
            controllers: Vec::new(),
        })
    }
}

/// A limit that was asked for.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub struct Limit {
    /// The option.
    pub option: String,
    /// What it does, in words.
    pub asked: String,
    /// The file that holds it.
    pub file: String,
    /// What was written to it.
    pub written: String,
}

impl Limit {
    /// One that is set in `group`, by a setting that the group has a file for.
    pub(crate) fn of(group: &CStr, setting: &Setting, scope: Option<&::cgroup::Scope>) -> Self {
        let directory = match scope {
            Some(scope) if is_weight(setting) => &scope.directory,
            _ => group,
        };
        Limit {
            option: setting.option.to_owned(),
            asked: setting.words.clone(),
            file: text(&below(directory, &setting.file)),
            written: setting.value.clone(),
        }
    }

    /// Those of a plan, but for what it goes without. What is set in groups above is none of the container's.
    pub(super) fn of_plan(plan: &Plan, scope: Option<&::cgroup::Scope>, not_held: &[NotHeld]) -> Vec<Limit> {
        let groups = plan.groups();
        let forgone = |option: &str| not_held.iter().any(|known| known.option == option);
        let limit = |op: &Op| match op {
            Op::Cgroup(Set { file, setting }) if !forgone(setting.option) => {
                let group = groups.iter().find(|group| below(&group.directory, &setting.file) == *file)?;
                Some(Limit::of(&group.directory, setting, scope))
            }
            _ => None,
        };
        plan.steps.iter().filter_map(|step| limit(&step.op)).collect()
    }
}

/// A limit that was asked for, and that the container goes without.
#[derive(Serialize, Deserialize, Debug, Clone)]
pub struct Forgone {
    /// The option.
    pub option: String,
    /// Why it is not held.
    pub why: String,
}

impl Forgone {
    pub(crate) fn of(NotHeld { option, why }: &NotHeld) -> Self {
        Forgone { option: (*option).to_owned(), why: why.clone() }
    }
}
