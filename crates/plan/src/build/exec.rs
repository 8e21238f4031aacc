//! The order of things when a command is started in a container that runs.

use super::identity::unmapped;
use super::process::{candidates, with_home};
use crate::container::Container;
use crate::facts::Account;
use crate::identity::{self, outside};
use crate::join::Op as Join;
use crate::process::Op as Process;
use crate::{Actor, Op, Plan, Slot, Step, Why, cgroup, check, security, terminal};
use ::cgroup::Version;
use spec::error::Result;
use spec::{Capabilities, Exec};
use std::ffi::CString;

/// Computes the plan of `exec` in `container`, as the user `account`.
///
/// # Errors
/// `ID_NOT_MAPPED`: the container has no such user.
pub fn exec(exec: &Exec, container: &Container, account: &Account) -> Result<Plan> {
    check_user(container, account)?;
    let mut b = Builder { exec, container, account, steps: Vec::new(), slots: 0, terminal: None };
    let (entered, groups) = b.outside();
    b.join(entered, groups);
    b.confine();
    b.execute();
    check::finish(b.steps, b.slots, Vec::new(), None)
}

struct Builder<'a> {
    exec: &'a Exec,
    container: &'a Container,
    account: &'a Account,
    steps: Vec<Step>,
    slots: u16,
    terminal: Option<Slot>,
}

impl Builder<'_> {
    fn slot(&mut self) -> Slot {
        self.slots += 1;
        Slot(self.slots - 1)
    }

    fn step(&mut self, actor: Actor, op: impl Into<Op>, why: Why) {
        self.steps.push(Step { actor, op: op.into(), why, otherwise: None });
    }

    /// What the runtime does: it holds the container's first process, opens the groups, and makes the joiner.
    fn outside(&mut self) -> (Vec<Slot>, Vec<Slot>) {
        let (container, held) = (self.container, self.slot());
        let (name, journal) = (container.name.clone(), container.journal.clone());
        let find = Join::Find { name, journal, init: container.init, slot: held };
        self.step(Actor::Runtime, find, Why::Container);
        let entered = match &container.held {
            None => vec![held],
            Some(held) => {
                let slots: Vec<Slot> = held.descriptors.iter().map(|_| self.slot()).collect();
                let op = Join::OpenNamespaces { held: held.clone(), slots: slots.clone() };
                self.step(Actor::Runtime, op, Why::Host("an ordinary user may not look into init"));
                slots
            }
        };
        let (v1, at_birth) = self.open_groups();
        self.step(Actor::Runtime, Join::Clone { group: at_birth }, Why::Container);
        if let Some(score) = container.oom_score {
            self.step(Actor::Runtime, Process::SetOomScore { score }, Why::Container);
        }
        if let Some(scope) = container.scope.clone().filter(|_| container.attach) {
            let group = if container.payload { "container/payload" } else { "container" }.to_owned();
            let why = Why::Host("the group above both belongs to root");
            self.step(Actor::Runtime, cgroup::Op::Attach { scope, group }, why);
        }
        (entered, v1)
    }

    /// What it takes to join the groups: those of v1 are joined, in that of v2 the joiner is born.
    fn open_groups(&mut self) -> (Vec<Slot>, Option<Slot>) {
        let (mut v1, mut at_birth) = (Vec::new(), None);
        for group in &self.container.groups {
            if group.version == Version::V2 && self.container.attach {
                continue;
            }
            let slot = self.slot();
            let path = match group.version {
                Version::V2 if self.container.payload => cgroup::below(&group.directory, cgroup::PAYLOAD),
                version => cgroup::handle(&group.directory, version),
            };
            self.step(Actor::Runtime, Join::OpenGroup { path, slot }, Why::Rule("R15"));
            match group.version {
                Version::V1 => v1.push(slot),
                Version::V2 => at_birth = Some(slot),
            }
        }
        (v1, at_birth)
    }

    /// What the joiner does. Before all, it shuts out whoever could look into it once it is inside (CVE-2016-9962).
    fn join(&mut self, slots: Vec<Slot>, groups: Vec<Slot>) {
        self.step(Actor::Joiner, Process::NotDumpable, Why::Rule("R6"));
        if !groups.is_empty() {
            self.step(Actor::Joiner, cgroup::Op::Join { slots: groups }, Why::Rule("R15"));
        }
        let namespaces = self.container.namespaces;
        self.step(Actor::Joiner, Join::Enter { namespaces, slots }, Why::Container);
        if self.container.ids.is_some() || self.container.capabilities.is_some() {
            let groups = self.container.sets_groups;
            self.step(Actor::Joiner, identity::Op::BecomeRoot { groups }, Why::Container);
            // The kernel makes it as dumpable as the system's setting says when ids change (prctl(2), PR_SET_DUMPABLE).
            self.step(Actor::Joiner, Process::NotDumpable, Why::Rule("R6"));
        }
        if self.exec.terminal {
            let (master, slave) = (self.slot(), self.slot());
            self.terminal = Some(slave);
            let why = || Why::Host("stdin and stdout are terminals");
            let open = terminal::Op::Open { master, slave, owner: self.account.uid };
            self.step(Actor::Joiner, open, why());
            self.step(Actor::Runtime, terminal::Op::Relay { master }, why());
        }
        let rlimits = self.container.rlimits.clone();
        if !rlimits.is_empty() {
            self.step(Actor::Runtime, Process::SetLimits { rlimits }, Why::Container);
        }
        self.step(Actor::Joiner, Join::Fork, Why::Container);
    }

    /// What the command gives up, as the container's own has.
    fn confine(&mut self) {
        let session = Process::NewSession { terminal: self.terminal };
        self.step(Actor::Command, session, Why::Rule("R19"));
        if let Some(keep) = self.container.capabilities {
            self.step(Actor::Command, security::Op::Bound { keep }, Why::Rule("R7"));
        }
        if self.container.no_new_privileges {
            self.step(Actor::Command, security::Op::NoNewPrivileges, Why::Rule("R7"));
        }
        if self.container.filter {
            let host = self.container.has_host_root;
            let profile = if host || self.container.no_nest { seccomp::HOST_IDS } else { seccomp::DEFAULT };
            let program = seccomp::compile(&profile);
            self.step(Actor::Command, security::Op::Filter { program }, Why::Rule("R18"));
        }
        self.become_user();
        if let Some(keep) = self.container.capabilities {
            let keep = if self.account.uid == 0 { keep } else { Capabilities::NONE };
            self.step(Actor::Command, security::Op::Limit { keep }, Why::Rule("R7"));
        }
    }

    fn become_user(&mut self) {
        let Account { uid, gid, groups, .. } = self.account.clone();
        let exists =
            |gid: &u32| self.container.ids.as_ref().is_none_or(|ids| outside(&ids.gids, *gid).is_some());
        let groups: Vec<u32> = groups.into_iter().filter(exists).collect();
        if (uid, gid) != (0, 0) || !groups.is_empty() {
            let groups = self.container.sets_groups.then_some(groups);
            self.step(Actor::Command, identity::Op::BecomeUser { uid, gid, groups }, Why::Asked("-u"));
            // As above: the ids have changed.
            self.step(Actor::Command, Process::NotDumpable, Why::Rule("R6"));
        }
    }

    fn execute(&mut self) {
        if let Some(limit) = self.container.limit_inside {
            let why = Why::Host("no control group can be made here");
            self.step(Actor::Command, Process::LimitInside { limit }, why);
        }
        self.step(Actor::Command, Process::DieWithParent, Why::Container);
        self.step(Actor::Command, Process::CloseFiles, Why::Rule("R4"));
        if self.container.namespaces.mount {
            let path = self.exec.workdir.clone().unwrap_or_else(|| self.container.workdir.clone());
            self.step(Actor::Command, Process::ChangeDirectory { path }, Why::Container);
        }
        if self.exec.narrate {
            self.step(Actor::Runtime, Process::Report, Why::Asked("--explain"));
        }
        let environment = self.environment();
        let op = Process::Execute {
            candidates: candidates(&self.exec.command[0], &environment),
            arguments: self.exec.command.clone(),
            environment,
        };
        self.step(Actor::Command, op, Why::Container);
    }

    /// The container's own environment, but HOME, with what was added.
    fn environment(&self) -> Vec<CString> {
        let name =
            |entry: &CString| entry.as_bytes().split(|b| *b == b'=').next().unwrap_or_default().to_vec();
        let mut all = self.container.environment.clone();
        if *self.account != self.container.user {
            all.retain(|entry| name(entry) != b"HOME");
        }
        for entry in &self.exec.environment {
            all.retain(|old| name(old) != name(entry));
            all.push(entry.clone());
        }
        with_home(all, self.account)
    }
}

fn check_user(container: &Container, account: &Account) -> Result<()> {
    let Some(ids) = &container.ids else { return Ok(()) };
    for (map, id, kind) in [(&ids.uids, account.uid, "user"), (&ids.gids, account.gid, "group")] {
        if outside(map, id).is_none() {
            return Err(unmapped(kind, id, map));
        }
    }
    Ok(())
}
