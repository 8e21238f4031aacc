//! The laws of plans: every plan that can be made obeys them, and plans that were broken are refused.

mod fixture;

use fixture::every::every_plan;
use fixture::{container, root, root_with_quotas, show, single};
use plan::process::Op as Process;
use plan::{
    Actor, Op, Plan, Step, Tell, cgroup, identity, mount, namespace, network, quota, security, state,
};
use spec::{Spec, Storage, User};
use std::fmt::Write;

#[test]
fn every_plan_obeys_them() {
    let mut count = 0;
    every_plan(|name, plan| {
        count += 1;
        assert_eq!(plan.check(), Ok(()), "{name}\n{}", show(plan));
    });
    assert!(count > 500, "{count} plans");
}

/// A container for a user of its own.
fn spec() -> Spec {
    Spec { user: User::parse("1234").expect("a user"), terminal: true, narrate: true, ..container() }
}

/// Root's plan of it.
fn of(spec: Spec) -> Plan {
    let mut facts = root();
    facts.user.uid = 1234;
    plan::plan(&spec, &facts).expect("a plan")
}

fn plan() -> Plan {
    of(spec())
}

type Is = fn(&Op) -> bool;

fn place(plan: &Plan, is: Is) -> usize {
    plan.steps.iter().position(|step| is(&step.op)).expect("such a step")
}

/// What the laws say when the first step of a kind is moved to just before the first of another.
fn moved_before(what: Is, before: Is) -> String {
    let mut plan = plan();
    let step = plan.steps.remove(place(&plan, what));
    let to = place(&plan, before);
    plan.steps.insert(to, step);
    plan.check().expect_err("a broken law")
}

/// The same, to just after.
fn moved_after(what: Is, after: Is) -> String {
    let mut plan = plan();
    let step = plan.steps.remove(place(&plan, what));
    let to = place(&plan, after) + 1;
    plan.steps.insert(to, step);
    plan.check().expect_err("a broken law")
}

/// What the laws say when the steps are changed.
fn changed(change: fn(&mut Vec<Step>)) -> String {
    let mut plan = plan();
    change(&mut plan.steps);
    plan.check().expect_err("a broken law")
}

const TIDY_UP: Is = |op| matches!(op, Op::State(state::Op::TidyUp { .. }));
const JOURNAL: Is = |op| matches!(op, Op::State(state::Op::MakeJournal { .. }));
const GROUP: Is = |op| matches!(op, Op::Cgroup(cgroup::Op::Make { .. }));
const VISIT: Is = |op| matches!(op, Op::Namespace(namespace::Op::VisitMounts { .. }));
const RETURN: Is = |op| matches!(op, Op::Namespace(namespace::Op::Return { .. }));
const CLONE: Is = |op| matches!(op, Op::Process(Process::Clone { .. }));
const FORK: Is = |op| matches!(op, Op::Process(Process::Fork));
const EXECUTE: Is = |op| matches!(op, Op::Process(Process::Execute { .. }));
const SESSION: Is = |op| matches!(op, Op::Process(Process::NewSession { .. }));
const JOB: Is = |op| matches!(op, Op::Process(Process::NewJob { .. }));
const CHANGE_DIRECTORY: Is = |op| matches!(op, Op::Process(Process::ChangeDirectory { .. }));
const DIE_WITH_PARENT: Is = |op| matches!(op, Op::Process(Process::DieWithParent));
const NOT_DUMPABLE: Is = |op| matches!(op, Op::Process(Process::NotDumpable));
const HOST_NAME: Is = |op| matches!(op, Op::Namespace(namespace::Op::HostName { .. }));
const NETWORK: Is = |op| matches!(op, Op::Network(network::Op::Namespace));
const LOOPBACK: Is = |op| matches!(op, Op::Network(network::Op::LoopbackUp));
const JOIN: Is = |op| matches!(op, Op::Cgroup(cgroup::Op::Join { .. }));
const CGROUP_NAMESPACE: Is = |op| matches!(op, Op::Cgroup(cgroup::Op::Namespace));
const MAP: Is = |op| matches!(op, Op::Identity(identity::Op::WriteMaps { .. }));
const BECOME_ROOT: Is = |op| matches!(op, Op::Identity(identity::Op::BecomeRoot { .. }));
const BECOME_USER: Is = |op| matches!(op, Op::Identity(identity::Op::BecomeUser { .. }));
const TAKE: Is = |op| matches!(op, Op::Mount(mount::Op::Take { .. }));
const PUT: Is = |op| matches!(op, Op::Mount(mount::Op::Put { .. }));
const PRIVATE: Is = |op| matches!(op, Op::Mount(mount::Op::MakePrivate));
const MOUNT: Is = |op| matches!(op, Op::Mount(mount::Op::New { .. }));
const OVERLAY: Is = |op| matches!(op, Op::Mount(mount::Op::New { kind, .. }) if *kind == c"overlay");
const PROC: Is = |op| matches!(op, Op::Mount(mount::Op::New { kind, .. }) if *kind == c"proc");
const LOCK: Is = |op| matches!(op, Op::Mount(mount::Op::Lock { .. }));
const MASK: Is = |op| matches!(op, Op::Mount(mount::Op::Mask { .. }));
const PIVOT: Is = |op| matches!(op, Op::Mount(mount::Op::PivotRoot));
const BOUND: Is = |op| matches!(op, Op::Security(security::Op::Bound { .. }));
const NO_NEW_PRIVILEGES: Is = |op| matches!(op, Op::Security(security::Op::NoNewPrivileges));
const FILTER: Is = |op| matches!(op, Op::Security(security::Op::Filter { .. }));
const LIMIT: Is = |op| matches!(op, Op::Security(security::Op::Limit { .. }));

#[test]
fn an_actor_is_born_before_it_acts_and_the_command_takes_over_for_good() {
    assert!(moved_before(HOST_NAME, CLONE).ends_with("is init's, before it is born"));
    assert!(moved_before(JOB, FORK).ends_with("is the command's, before it is born"));
    assert!(moved_after(FILTER, JOB).ends_with("comes after the command took over"));
    let twice = changed(|steps| {
        let clone = steps.iter().find(|step| CLONE(&step.op)).cloned();
        steps.insert(10, clone.expect("a clone"));
    });
    assert!(twice.ends_with("makes an actor twice, or is made by the wrong one"), "{twice}");
    let wrong = changed(|steps| {
        steps.iter_mut().filter(|step| FORK(&step.op)).for_each(|step| step.actor = Actor::Runtime);
    });
    assert!(wrong.ends_with("makes an actor twice, or is made by the wrong one"), "{wrong}");
}

#[test]
fn executing_is_the_end() {
    let end = "a plan ends with executing the command";
    assert_eq!(moved_before(EXECUTE, CHANGE_DIRECTORY), end);
    assert_eq!(changed(|steps| drop(steps.pop())), end);
    assert_eq!(changed(Vec::clear), end);
}

#[test]
fn a_slot_is_filled_once_before_it_is_used() {
    assert!(moved_before(PUT, TAKE).contains("uses slot"));
    let again = changed(|steps| {
        let take = steps.iter().position(|step| TAKE(&step.op)).expect("a step that takes");
        steps.insert(take, steps[take].clone());
    });
    assert!(again.contains("fills slot") && again.ends_with("again"), "{again}");
}

#[test]
fn what_comes_before_what() {
    let laws: &[(&str, Is, Is)] = &[
        ("tidying up", TIDY_UP, JOURNAL),
        ("making the journal", JOURNAL, GROUP),
        ("cloning", CLONE, MAP),
        ("joining the group", JOIN, CGROUP_NAMESPACE),
        ("a network namespace", NETWORK, LOOPBACK),
        ("mapping ids", MAP, MOUNT),
        ("taking", TAKE, VISIT),
        ("making mounts private", PRIVATE, MOUNT),
        ("mounting", LOCK, PIVOT),
        ("pivot_root", PIVOT, NO_NEW_PRIVILEGES),
        ("pivot_root", PIVOT, FILTER),
        ("bounding capabilities", BOUND, LIMIT),
        ("the filter", FILTER, LIMIT),
        ("becoming root inside", BECOME_ROOT, DIE_WITH_PARENT),
        ("becoming root inside", BECOME_ROOT, NOT_DUMPABLE),
        ("mounting proc", PROC, MASK),
    ];
    for (law, earlier, later) in laws {
        // Whichever of the two is moved; where a step between them is passed as well, another law may speak first.
        let broken = [moved_after(*earlier, *later), moved_before(*later, *earlier)];
        assert!(broken.iter().any(|broken| broken.starts_with(law)), "{law}: {broken:?}");
    }
    let law = "becoming the user comes before giving up capabilities";
    assert_eq!(moved_before(BECOME_USER, CHANGE_DIRECTORY), law);
}

#[test]
fn what_is_written_to_disk_is_bounded_before_anybody_writes() {
    let spec = Spec { storage: Storage::Disk(Some(1 << 20)), ..spec() };
    let mut facts = root_with_quotas();
    facts.user.uid = 1234;
    let whole = plan::plan(&spec, &facts).expect("a plan");
    let make: Is = |op| matches!(op, Op::State(state::Op::MakeStorage { .. }));
    let hold: Is = |op| matches!(op, Op::Quota(quota::Op::Hold(_)));
    let prove: Is = |op| matches!(op, Op::Quota(quota::Op::Prove(_)));
    for (law, earlier, later) in [
        ("making the directory on disk", make, hold),
        ("bounding what is written", hold, prove),
        ("making sure of what is written", prove, CLONE),
    ] {
        let mut plan = whole.clone();
        let step = plan.steps.remove(place(&plan, earlier));
        let to = place(&plan, later) + 1;
        plan.steps.insert(to, step);
        let broken = plan.check().expect_err("a broken law");
        assert!(broken.starts_with(law), "{law}: {broken}");
    }
}

#[test]
fn a_session_comes_before_those_who_live_in_it() {
    assert_eq!(changed(|steps| steps.retain(|step| !SESSION(&step.op))), "a job demands a new session");
    let mut plan = of(Spec { init: false, ..spec() });
    let (session, user) = (place(&plan, SESSION), place(&plan, BECOME_USER));
    plan.steps.swap(session, user);
    let law = plan.check().expect_err("a broken law");
    assert!(law.starts_with("a new session") && law.contains("becoming the user"), "{law}");
}

#[test]
fn the_runtime_never_mounts_in_the_hosts_namespace() {
    let host = |broken: String| broken.ends_with("would be done to the host's mounts");
    assert!(host(moved_before(PRIVATE, VISIT)));
    assert!(host(moved_after(OVERLAY, RETURN)));
    assert!(host(moved_before(RETURN, OVERLAY)));
    assert_eq!(changed(|steps| steps.retain(|step| !RETURN(&step.op))), "visiting demands returning");
    let law = "the loopback interface demands a network namespace";
    assert_eq!(changed(|steps| steps.retain(|step| !NETWORK(&step.op))), law);
    assert!(moved_after(RETURN, BECOME_ROOT).ends_with("comes while the runtime visits"));
}

/// What the laws say when any step is left out, or is made after the next one. The steps of which they say nothing may be
/// missing, as they are in smaller containers, and may change places with the next.
#[test]
fn what_the_laws_say_of_every_step() {
    let mut text = String::new();
    for plan in [plan(), plan::plan(&container(), &single()).expect("a plan")] {
        for (index, step) in plan.steps.iter().enumerate() {
            let _ = writeln!(text, "{:3}  {}", index + 1, step.op.title());
            let mut without = plan.clone();
            without.steps.remove(index);
            let mut later = plan.clone();
            let next = (index + 1).min(plan.steps.len() - 1);
            later.steps.swap(index, next);
            for (how, broken) in [("left out", without), ("one later", later)] {
                if let Err(law) = broken.check() {
                    let _ = writeln!(text, "     {how}: {law}");
                }
            }
        }
        text.push('\n');
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("laws", text);
    });
}
