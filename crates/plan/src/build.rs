//! The order of things: what a container start consists of, topic by topic.

mod cgroup;
mod device;
mod exec;
mod identity;
mod mount;
mod namespace;
mod nest;
mod network;
mod process;
mod quota;
mod root;
mod security;
mod share;
mod state;
mod storage;
mod terminal;

pub use exec::exec;

use crate::check;
use crate::facts::Facts;
use crate::identity::Ids;
use crate::limit::NotHeld;
use crate::mount::{Op::MakePrivate, Place};
use crate::{Actor, Loss, Op, Otherwise, Plan, Slot, Step, Why};
use ::cgroup::Version;
use spec::error::Result;
use spec::{Root, Spec};

/// Computes the plan of `spec` on a host with `facts`.
///
/// # Errors
/// What was asked for cannot be had on this host, or would be unsafe; or [`check`] finds that the plan breaks a law,
/// which is a bug.
pub fn plan(spec: &Spec, facts: &Facts) -> Result<Plan> {
    let mut notes = Vec::new();
    let ids = identity::choose(spec, facts, &mut notes)?;
    let payload = if spec.init { Actor::Command } else { Actor::Init };
    let mut b = Builder {
        spec,
        facts,
        ids,
        payload,
        notes,
        steps: Vec::new(),
        slots: 0,
        groups: Vec::new(),
        shared: None,
        not_held: Vec::new(),
        user_namespace: None,
        root: None,
        storage: None,
        layers: Vec::new(),
        volumes: Vec::new(),
        program: None,
        terminal: None,
    };
    root::check(&b)?;
    state::reserve(&mut b);
    storage::reserve(&mut b);
    cgroup::make(&mut b)?;
    process::clone(&mut b);
    cgroup::join(&mut b);
    namespace::host_name(&mut b);
    network::own(&mut b);
    identity::map(&mut b);
    root::outside(&mut b);
    if spec.namespaces.mount {
        mounts(&mut b);
    }
    terminal::open(&mut b);
    if spec.namespaces.mount && spec.root != Root::Host {
        mount::pivot(&mut b);
    }
    security::confine_init(&mut b);
    process::session(&mut b);
    share::share_out(&mut b);
    process::limits(&mut b);
    process::fork(&mut b);
    process::job(&mut b);
    identity::become_user(&mut b)?;
    security::confine_command(&mut b);
    process::execute(&mut b);
    let plan = check::finish(b.steps, b.slots, b.notes, b.ids)?;
    Ok(Plan { not_held: b.not_held, ..plan })
}

/// Everything that is mounted by init.
fn mounts(b: &mut Builder<'_>) {
    identity::await_helpers(b);
    if !b.steps.iter().any(|step| matches!(step.op, Op::Mount(MakePrivate))) {
        mount::make_private(b, Actor::Init);
    }
    root::enter(b);
    identity::become_root(b);
    process::harden_init(b);
    if b.spec.root == Root::Host {
        return mount::proc(b, Place::Host(c"/proc".to_owned()));
    }
    root::inside(b);
    mount::proc(b, Place::inside("proc"));
    namespace::hold(b);
    network::ping(b);
    device::build(b);
    nest::place(b);
    mount::sys(b);
    mount::groups(b);
    if b.masks_proc() {
        mount::mask_proc(b);
    }
    root::volumes(b);
}

/// The errnos of a filter, of a security module, of rights that a user namespace does not give, and of a mount that is
/// read-only or crossed.
const REFUSED: &[i32] = &[libc::EPERM, libc::EACCES, libc::ENOSYS, libc::EROFS, libc::EXDEV];

/// A plan in the making, and what the topics decided so far.
pub(crate) struct Builder<'a> {
    pub spec: &'a Spec,
    pub facts: &'a Facts,
    /// The ids of the user namespace, if there is one.
    pub ids: Option<Ids>,
    /// Who becomes the command.
    pub payload: Actor,
    pub notes: Vec<String>,
    pub steps: Vec<Step>,
    /// The limits that are given up.
    pub not_held: Vec<NotHeld>,
    pub slots: u16,
    /// What is needed to join each group.
    pub groups: Vec<(Version, Slot)>,
    /// The group of v2 of which those inside have parts.
    shared: Option<share::Shared>,
    /// The user namespace, where mounts are mapped by it.
    pub user_namespace: Option<Slot>,
    /// The directory that was given as root.
    pub root: Option<Slot>,
    /// The program, where containers inside need a mount for it.
    pub program: Option<Slot>,
    /// The directory on disk to which the container writes, if it does.
    pub storage: Option<Slot>,
    /// The layers that were taken.
    pub layers: Vec<Slot>,
    /// The volumes, in the order of the spec.
    pub volumes: Vec<Slot>,
    /// The command's terminal.
    pub terminal: Option<Slot>,
}

impl Builder<'_> {
    /// A new slot.
    pub fn slot(&mut self) -> Slot {
        self.slots += 1;
        Slot(self.slots - 1)
    }

    /// The next step.
    pub fn step(&mut self, actor: Actor, op: impl Into<Op>, why: Why) {
        self.steps.push(Step { actor, op: op.into(), why, otherwise: None });
    }

    /// The next step, with what is done where the kernel answers with one of the errnos in `on`.
    pub fn step_otherwise(
        &mut self,
        actor: Actor,
        op: impl Into<Op>,
        why: Why,
        on: &'static [i32],
        otherwise: impl Into<Op>,
    ) {
        let otherwise = Some(Otherwise { on, op: otherwise.into(), loss: None });
        self.steps.push(Step { actor, op: op.into(), why, otherwise });
    }

    /// The next step of init's; where the world around refuses it, what is done instead, and what is lost by that. Nothing that
    /// keeps root inside apart is lost where it has no user namespace of its own: the processes of the outer `/proc` could be
    /// looked into (ptrace(2)), and the outer network be attacked by raw sockets (R17).
    pub fn step_or_lose(
        &mut self,
        op: impl Into<Op>,
        why: Why,
        otherwise: impl Into<Op>,
        loss: impl Into<Option<Loss>>,
    ) {
        let loss = loss.into();
        let apart = matches!(loss, Some(Loss::Proc | Loss::Network));
        let otherwise = Otherwise { on: REFUSED, op: otherwise.into(), loss };
        let otherwise = (self.ids.is_some() || !apart).then_some(otherwise);
        self.steps.push(Step { actor: Actor::Init, op: op.into(), why, otherwise });
    }

    /// Something that a person should know.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Whether a group id exists inside.
    pub fn has_group(&self, gid: u32) -> bool {
        self.ids
            .as_ref()
            .is_none_or(|ids| ids.gids.iter().any(|e| gid >= e.inside && gid - e.inside < e.count))
    }

    /// Whether parts of `/proc` are covered: as soon as a container is meant to hold anything, which is when its
    /// capabilities are limited.
    pub fn masks_proc(&self) -> bool {
        self.spec.capabilities.is_some()
    }
}
