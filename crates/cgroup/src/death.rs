//! Why a container has died: what its groups tell, to be read before they are removed.
//!
//! Who was killed for want of memory, is counted in the group of the process (`oom_kill`), whoever was short of
//! it: the container, by its own limit; a group above, by its; or the host. What tells them apart:
//!
//! - v2: `oom` is counted in the group whose limit was reached, and from there upwards (`memory.events`). In
//!   `memory.events.local` it is the group's own limit, which is neither that of a group above nor of one below.
//!   Both are counted from the beginning: who was at its own limit once and is killed for another's later has
//!   still reached its own.
//! - v1 counts nothing of the kind. `memory.failcnt` says how often a group's own limit was in the way; that may
//!   have been long before, and been mended by giving back what was kept of files. So those who may have been
//!   short instead are looked at as well: the groups above in the same way, the host by `allocstall` in
//!   `/proc/vmstat`, which counts how often somebody had to wait for free memory.
//!
//! Both as in `mm/memcontrol.c` and `mm/oom_kill.c` of Linux 6.12; cgroup-v2.rst, "Memory Interface Files".

mod v1;

use spec::resources::Bound;

use crate::controller::{Controller, Group};
use crate::opened::{Opened, Unread};
use crate::text::{bound, flat};

/// Why the kernel has killed processes of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The container has reached its own limit of memory, or that of memory and swap together.
    Memory {
        /// The limit of memory, in bytes, if it still has one.
        limit: Option<u64>,
        /// How many processes were killed, one by one or together.
        kills: u64,
    },
    /// A group that the container has made below its own has reached the limit that it has there.
    Below {
        /// How many processes were killed.
        kills: u64,
    },
    /// A group above has reached its limit, or the whole host was short of memory. The container was within its
    /// own limit.
    Outside {
        /// How many processes were killed.
        kills: u64,
    },
    /// More than one of them was short of memory, and it cannot be told which it was (v1).
    Unclear {
        /// The limit of memory, in bytes, if it still has one.
        limit: Option<u64>,
        /// How many processes were killed.
        kills: u64,
    },
}

/// Why the kernel has killed processes of the container that has `groups`; none if it has not, or if memory is not
/// counted in them.
///
/// # Errors
///
/// [`Unread`]: it is too late, the groups have gone.
pub fn cause(groups: &[Group]) -> Result<Option<Cause>, Unread> {
    let opened = Opened::open(groups)?;
    let cause = memory(groups, &opened);
    opened.are_there()?;
    Ok(cause)
}

/// How many processes of the container the kernel has killed for want of memory, whoever was short of it; none if
/// memory is not counted in `groups`. What groups below had counted that are gone by now is lost on v1.
pub fn oom_kills(groups: &[Group]) -> Option<u64> {
    kills(&Opened::open(groups).ok()?)
}

/// How often a fork of the container was refused by a limit of processes; none if that is not counted in `groups`.
///
/// v2 since Linux 6.12 has `pids.events.local`: by the limit of the group itself. In earlier kernels and on v1 it
/// is how often a member of this very group was refused, be it by a limit of a group above.
pub fn forks_refused(groups: &[Group]) -> Option<u64> {
    let opened = Opened::open(groups).ok()?;
    let group = opened.v1(Controller::Pids).or_else(|| opened.v2())?;
    let text = group.text("pids.events.local").or_else(|| group.text("pids.events"))?;
    flat(&text, "max")
}

fn memory(groups: &[Group], opened: &Opened<'_>) -> Option<Cause> {
    let kills = kills(opened).filter(|&kills| kills > 0)?;
    match opened.v1(Controller::Memory) {
        Some(files) => {
            let group = groups.iter().find(|group| group.controllers.contains(&Controller::Memory))?;
            Some(v1::cause(files, group, kills))
        }
        None => Some(unified(|name| opened.v2()?.text(name), kills)),
    }
}

/// As [`oom_kills`].
pub(crate) fn kills(opened: &Opened<'_>) -> Option<u64> {
    match opened.v1(Controller::Memory) {
        Some(files) => v1::kills(files),
        None => flat(&opened.v2()?.text("memory.events")?, "oom_kill"),
    }
}

/// Before Linux 5.2 there is no local file: a limit of a group below is then taken for its own.
fn unified(file: impl Fn(&str) -> Option<String>, kills: u64) -> Cause {
    let reached = |name| flat(&file(name)?, "oom").map(|times| times > 0);
    let all = reached("memory.events").unwrap_or(false);
    match (reached("memory.events.local").unwrap_or(all), all) {
        (true, _) => {
            Cause::Memory { limit: file("memory.max").as_deref().and_then(bound).and_then(bytes), kills }
        }
        (false, true) => Cause::Below { kills },
        (false, false) => Cause::Outside { kills },
    }
}

fn bytes(limit: Bound) -> Option<u64> {
    match limit {
        Bound::At(bytes) => Some(bytes),
        Bound::Unlimited => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &'static [(&'static str, &'static str)]) -> Cause {
        unified(
            |wanted| files.iter().find(|(name, _)| *name == wanted).map(|(_, text)| (*text).to_owned()),
            2,
        )
    }

    #[test]
    fn by_its_own_limit() {
        let cause = of(&[
            ("memory.events", "max 9\noom 1\noom_kill 2\noom_group_kill 1\n"),
            ("memory.events.local", "max 9\noom 1\noom_kill 2\noom_group_kill 1\n"),
            ("memory.max", "67108864\n"),
        ]);
        assert_eq!(cause, Cause::Memory { limit: Some(64 << 20), kills: 2 });
    }

    #[test]
    fn by_the_limit_of_a_group_above_or_of_the_host() {
        let cause = of(&[
            ("memory.events", "max 9\noom 0\noom_kill 2\n"),
            ("memory.events.local", "max 9\noom 0\noom_kill 2\n"),
            ("memory.max", "67108864\n"),
        ]);
        assert_eq!(cause, Cause::Outside { kills: 2 });
    }

    #[test]
    fn by_the_limit_of_a_group_below() {
        let cause = of(&[
            ("memory.events", "max 9\noom 1\noom_kill 2\n"),
            ("memory.events.local", "max 0\noom 0\noom_kill 0\n"),
            ("memory.max", "67108864\n"),
        ]);
        assert_eq!(cause, Cause::Below { kills: 2 });
    }

    #[test]
    fn a_limit_that_was_lifted_meanwhile_has_no_number() {
        let cause = of(&[("memory.events", "oom 1\noom_kill 2\n"), ("memory.max", "max\n")]);
        assert_eq!(cause, Cause::Memory { limit: None, kills: 2 });
    }
}
