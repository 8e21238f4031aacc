//! What comes before what.

use super::is::{self, Is};
use crate::{Op, Step};

/// The last step of the first kind comes before the first of the second, where a plan has both.
const LAWS: &[(&str, Is, &str, Is)] = &[
    // Nothing is made in a directory that might be somebody else's.
    ("tidying up", is::tidying, "making the journal", is::making_the_journal),
    ("making the journal", is::making_the_journal, "leaving something", is::leaving_something),
    // What is made before would be of no project, and nobody ever writes without the bound.
    ("making the directory on disk", is::making_storage, "bounding it", is::bounding_storage),
    ("bounding what is written", is::bounding_storage, "making sure of it", is::proving_the_quota),
    ("making sure of what is written", is::proving_the_quota, "cloning", is::cloning),
    // The user namespace keeps the limit of its maker.
    ("limiting processes", is::limiting, "cloning", is::cloning),
    // Nobody is ever in the group without them.
    ("limiting the group", is::limiting_the_group, "cloning", is::cloning),
    ("cloning", is::cloning, "mapping ids", is::writing_maps),
    ("cloning", is::cloning, "visiting", is::visiting),
    // So that the group becomes the root of what is seen.
    ("joining the group", is::joining, "the cgroup namespace", is::hiding_groups),
    // The group that init is in would be the root of what is seen.
    ("the cgroup namespace", is::hiding_groups, "moving on to the payload", is::leaving_the_group),
    ("moving on to the payload", is::leaving_the_group, "sharing out", is::sharing_out),
    ("entering the container", is::joining_namespaces, "forking inside", is::forking_inside),
    // In the caller's network it would be the caller's.
    ("a network namespace", is::making_a_network, "the loopback interface", is::raising_loopback),
    ("mapping ids", is::mapped, "becoming root inside", is::becoming_root),
    ("mapping ids", is::mapped, "mounting", is::mounting_new),
    // Paths are the caller's: they are looked up in the caller's mounts.
    ("taking", is::taking, "visiting", is::visiting),
    ("visiting", is::visiting, "returning", is::returning),
    ("making mounts private", is::making_private, "mounting", is::mounting),
    // The kernel clears it when ids change (prctl(2), PR_SET_PDEATHSIG).
    ("becoming root inside", is::becoming_root, "dying with the parent", is::dying_with_parent),
    // A cover lies on top; and the /proc that has none must be out of reach.
    ("mounting proc", is::mounting_proc, "covering parts of it", is::covering),
    ("mounting proc", is::mounting_proc, "hiding the one without covers", is::hiding_proc),
    ("mounting", is::mounting, "pivot_root", is::pivoting),
    ("pivot_root", is::pivoting, "no_new_privs", is::forbidding_privileges),
    ("pivot_root", is::pivoting, "the filter", is::filtering),
    ("pivot_root", is::pivoting, "becoming the user", is::becoming_user),
    // In the old root the directory would be one of the host's (CVE-2024-21626).
    ("pivot_root", is::pivoting, "going to the working directory", is::going_to_workdir),
    // Dropping from the bounding set takes CAP_SETPCAP; without no_new_privs, a filter takes CAP_SYS_ADMIN.
    ("bounding capabilities", is::bounding, "giving up capabilities", is::limiting_capabilities),
    ("the filter", is::filtering, "giving up capabilities", is::limiting_capabilities),
    ("a new session", is::starting_a_session, "becoming the user", is::becoming_user),
];

pub(super) fn in_order(steps: &[Step]) -> Result<(), String> {
    for (earlier, first, later, second) in LAWS {
        // A step may be of both kinds: the mount that hides /proc is a mount.
        let last = steps.iter().rposition(|step| first(&step.op) && !second(&step.op));
        let next = steps.iter().position(|step| second(&step.op));
        if let (Some(last), Some(next)) = (last, next)
            && last > next
        {
            return Err(format!("{earlier} (step {}) comes before {later} (step {})", last + 1, next + 1));
        }
    }
    confined_after_becoming_the_user(steps)?;
    shut_out_throughout(steps)
}

/// Who lives where the container's code does is looked into by nobody: not once it is inside (CVE-2016-9962), and not
/// after its ids have changed, when the kernel forgets that it may not be (proc_pid(5)).
fn shut_out_throughout(steps: &[Step]) -> Result<(), String> {
    let (mut shut, mut asked) = (false, false);
    for (index, step) in steps.iter().enumerate() {
        if is::joining_namespaces(&step.op) && !shut {
            return Err(format!("step {} enters a container while others may look in", index + 1));
        }
        asked |= is::shutting_out_tracers(&step.op);
        shut = is::shutting_out_tracers(&step.op) || shut && !is::becoming_root(&step.op);
    }
    if asked && !shut {
        Err("becoming root inside comes before shutting out tracers".to_owned())
    } else {
        Ok(())
    }
}

/// The command's own capabilities are the last right that it gives up: becoming a user needs some of them.
fn confined_after_becoming_the_user(steps: &[Step]) -> Result<(), String> {
    let last = |is: fn(&Op) -> bool| steps.iter().rposition(|step| is(&step.op));
    match (last(is::becoming_user), last(is::limiting_capabilities)) {
        (Some(user), Some(limit)) if user > limit => {
            Err("becoming the user comes before giving up capabilities".to_owned())
        }
        _ => Ok(()),
    }
}
