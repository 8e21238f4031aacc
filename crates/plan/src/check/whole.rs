//! What must be there because something else is, and where the runtime may mount.

use super::is::{self, Is};
use crate::{Actor, Plan, Step};

pub(super) fn nothing_missing(plan: &Plan) -> Result<(), String> {
    let has = |is: Is| plan.steps.iter().any(|step| is(&step.op));
    let demands = [
        ("leaving something", has(is::leaving_something), "making the journal", has(is::making_the_journal)),
        ("a user namespace", plan.ids.is_some(), "mapping its ids", has(is::mapped)),
        (
            "the loopback interface",
            has(is::raising_loopback),
            "a network namespace",
            has(is::making_a_network),
        ),
        ("visiting", has(is::visiting), "returning", has(is::returning)),
        ("mounting", has(is::mounting), "making mounts private", has(is::making_private)),
        ("entering a root filesystem", has(is::entering), "pivot_root", has(is::pivoting)),
        ("opening a terminal", has(is::opening_a_terminal), "relaying it", has(is::relaying)),
        ("a job", has(is::becoming_a_job), "a new session", has(is::starting_a_session)),
        ("executing", true, "leaving no file open", has(is::closing)),
    ];
    match demands.iter().find(|(_, first, _, second)| *first && !*second) {
        Some((first, _, second, _)) => Err(format!("{first} demands {second}")),
        None => Ok(()),
    }
}

/// The runtime lives in the host's mount namespace. It builds only while it visits the container's, and nobody else acts
/// meanwhile: the container's code must never meet it there.
pub(super) fn runtime_mounts_where_it_visits(steps: &[Step]) -> Result<(), String> {
    let mut visiting = false;
    for (index, step) in steps.iter().enumerate() {
        let runtime = step.actor == Actor::Runtime;
        if runtime && is::building(&step.op) && !visiting {
            return Err(format!("step {} would be done to the host's mounts", index + 1));
        }
        if !runtime && visiting {
            return Err(format!("step {} comes while the runtime visits", index + 1));
        }
        visiting = (visiting || is::visiting(&step.op)) && !is::returning(&step.op);
    }
    Ok(())
}
