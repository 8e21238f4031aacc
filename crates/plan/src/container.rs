//! A container that runs: what one must know of it to start another command in it.

use crate::Plan;
use crate::facts::{Account, Facts};
use crate::identity::{Ids, Source};
use ::cgroup::{Controller, Group, Scope};
use spec::{Capabilities, Namespaces, Rlimit, Spec};
use std::ffi::CString;

/// What is known of a container that runs.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its journal, which its runtime has locked.
    pub journal: CString,
    /// Its first process, by a pid of the caller's PID namespace.
    pub init: i32,
    /// The namespaces that it has of its own.
    pub namespaces: Namespaces,
    /// Where they are open, if its first process may not be asked for them.
    pub held: Option<Held>,
    /// The groups that hold it.
    pub groups: Vec<Group>,
    /// Whether its processes are in a group `payload` below that of v2, of which those inside have parts.
    pub payload: bool,
    /// The scope of systemd's in which its group of v2 is.
    pub scope: Option<Scope>,
    /// Whether whoever joins must be moved into that group by systemd, since the caller may not.
    pub attach: bool,
    /// The ids that it has of its own.
    pub ids: Option<Ids>,
    /// Whether supplementary groups can be set in it.
    pub sets_groups: bool,
    /// Whether root inside is the host's root.
    pub has_host_root: bool,
    /// What root inside may do; `None` leaves the caller's sets alone.
    pub capabilities: Option<Capabilities>,
    /// Whether `no_new_privs` is set in it.
    pub no_new_privileges: bool,
    /// Whether it has the seccomp filter.
    pub filter: bool,
    /// Whether the filter lets nobody start a container in it.
    pub no_nest: bool,
    /// Limits of each process in it.
    pub rlimits: Vec<Rlimit>,
    /// How willingly the kernel ends what is in it.
    pub oom_score: Option<i16>,
    /// The most processes of its own user, where no group holds it.
    pub limit_inside: Option<u32>,
    /// The environment of its command, `NAME=VALUE` each.
    pub environment: Vec<CString>,
    /// Where its command started.
    pub workdir: CString,
    /// As whom its command runs.
    pub user: Account,
}

/// Namespaces that a runtime holds open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The runtime's pid.
    pub runtime: i32,
    /// Its descriptors of them, in the order of [`Namespaces::names`].
    pub descriptors: Vec<i32>,
}

impl Container {
    /// What `plan` makes of `spec` on a host with `facts`, once its first process is `init`.
    pub fn of(spec: &Spec, facts: &Facts, plan: &Plan, init: i32, held: Option<Held>) -> Self {
        let mut namespaces = spec.namespaces;
        namespaces.user = plan.ids.is_some();
        let uncounted = facts.groups.version_of(Controller::Pids).is_none();
        Container {
            name: facts.state.id.clone(),
            journal: facts.state.journal.clone(),
            init,
            namespaces,
            held,
            groups: plan.groups(),
            payload: plan.shares_out(),
            scope: facts.groups.scope.clone(),
            attach: false,
            ids: plan.ids.clone(),
            sets_groups: sets_groups(facts, plan.ids.as_ref()),
            has_host_root: has_host_root(facts, plan.ids.as_ref()),
            capabilities: spec.capabilities,
            no_new_privileges: spec.no_new_privileges,
            filter: spec.filter,
            no_nest: !spec.nest,
            rlimits: spec.rlimits.clone(),
            oom_score: spec.oom_score,
            limit_inside: spec.processes().filter(|_| uncounted),
            environment: spec.environment.clone(),
            workdir: spec.workdir.clone(),
            user: facts.user.clone(),
        }
    }
}

/// Whether groups can be set: not with one id, whose map demands that they stay, nor below a map of that kind.
pub(crate) fn sets_groups(facts: &Facts, ids: Option<&Ids>) -> bool {
    facts.caller.can_set_groups && ids.is_none_or(|ids| ids.source != Source::Single)
}

/// Whether root inside is the host's root, whom only missing capabilities keep from the host.
pub(crate) fn has_host_root(facts: &Facts, ids: Option<&Ids>) -> bool {
    ids.is_none_or(|ids| ids.source == Source::Copied && facts.caller.has_host_root)
}
