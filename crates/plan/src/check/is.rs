//! Kinds of ops, as the laws speak of them.

use crate::mount::Place;
use crate::{
    Op, Tell, cgroup, identity, join, mount, namespace, network, process, quota, security, state, terminal,
};

/// Whether an op is of a kind.
pub(super) type Is = fn(&Op) -> bool;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $pattern:pat,)*) => {
        $($(#[$doc])* pub(super) fn $name(op: &Op) -> bool { matches!(op, $pattern) })*
    };
}

kinds! {
    tidying: Op::State(state::Op::TidyUp { .. }),
    making_the_journal: Op::State(state::Op::MakeJournal { .. }),
    making_storage: Op::State(state::Op::MakeStorage { .. }),
    bounding_storage: Op::Quota(quota::Op::Hold(_)),
    proving_the_quota: Op::Quota(quota::Op::Prove(_)),
    limiting: Op::Process(process::Op::LimitBeforeClone { .. }),
    cloning: Op::Process(process::Op::Clone { .. }),
    /// On v2 the clone is born in its group.
    joining: Op::Cgroup(cgroup::Op::Join { .. }) | Op::Process(process::Op::Clone { .. }),
    limiting_the_group: Op::Cgroup(cgroup::Op::Set { .. } | cgroup::Op::Forgo { .. } | cgroup::Op::Prove { .. }),
    hiding_groups: Op::Cgroup(cgroup::Op::Namespace),
    leaving_the_group: Op::Cgroup(cgroup::Op::EnterPayload { .. }),
    sharing_out: Op::Cgroup(cgroup::Op::ShareOut { .. }),
    making_a_network: Op::Network(network::Op::Namespace),
    raising_loopback: Op::Network(network::Op::LoopbackUp),
    writing_maps: Op::Identity(identity::Op::WriteMaps { .. } | identity::Op::StartHelpers { .. }),
    mapped: Op::Identity(identity::Op::WriteMaps { .. } | identity::Op::AwaitHelpers),
    becoming_root: Op::Identity(identity::Op::BecomeRoot { .. }),
    becoming_user: Op::Identity(identity::Op::BecomeUser { .. }),
    dying_with_parent: Op::Process(process::Op::DieWithParent),
    shutting_out_tracers: Op::Process(process::Op::NotDumpable),
    taking: Op::Mount(mount::Op::Take { .. }),
    joining_namespaces: Op::Join(join::Op::Enter { .. }),
    forking_inside: Op::Join(join::Op::Fork),
    visiting: Op::Namespace(namespace::Op::VisitMounts { .. }),
    returning: Op::Namespace(namespace::Op::Return { .. }),
    making_private: Op::Mount(mount::Op::MakePrivate),
    mounting_new: Op::Mount(mount::Op::New { .. }),
    mounting: Op::Mount(
        mount::Op::New { .. }
            | mount::Op::Bind { .. }
            | mount::Op::BindEach { .. }
            | mount::Op::Put { .. }
            | mount::Op::Mask { .. }
            | mount::Op::Lock { .. }
    ),
    /// Whatever acts on the mounts or the files of where its actor is.
    building: Op::File(_)
        | Op::Mount(
            mount::Op::MakePrivate
                | mount::Op::New { .. }
                | mount::Op::Bind { .. }
                | mount::Op::BindEach { .. }
                | mount::Op::Put { .. }
                | mount::Op::Enter { .. }
                | mount::Op::Mask { .. }
                | mount::Op::Lock { .. }
                | mount::Op::PivotRoot
                | mount::Op::MoveRoot
                | mount::Op::LockRoot { .. }
        ),
    covering: Op::Mount(mount::Op::Mask { .. }),
    entering: Op::Mount(mount::Op::Enter { .. }),
    opening_a_terminal: Op::Terminal(terminal::Op::Open { .. }),
    relaying: Op::Terminal(terminal::Op::Relay { .. }),
    pivoting: Op::Mount(mount::Op::PivotRoot),
    bounding: Op::Security(security::Op::Bound { .. }),
    forbidding_privileges: Op::Security(security::Op::NoNewPrivileges),
    filtering: Op::Security(security::Op::Filter { .. }),
    limiting_capabilities: Op::Security(security::Op::Limit { .. }),
    starting_a_session: Op::Process(process::Op::NewSession { .. }),
    becoming_a_job: Op::Process(process::Op::NewJob { .. }),
    going_to_workdir: Op::Process(process::Op::ChangeDirectory { .. }),
    closing: Op::Process(process::Op::CloseFiles),
}

/// Makes something that outlives its maker, and so must stand in the journal.
pub(super) fn leaving_something(op: &Op) -> bool {
    op.residue().is_some()
}

/// Mounts the `/proc` of which parts are covered later, or the one that is hidden whole.
pub(super) fn mounting_proc(op: &Op) -> bool {
    matches!(op, Op::Mount(mount::Op::New { kind, .. }) if *kind == c"proc")
}

/// Mounts something on the place below which a `/proc` without covers lies.
pub(super) fn hiding_proc(op: &Op) -> bool {
    matches!(op, Op::Mount(mount::Op::New { at: Place::Inside(path), .. }) if path.as_c_str() == c"dev/mqueue")
}
