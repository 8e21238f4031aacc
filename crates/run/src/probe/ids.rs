//! Which ids the caller has, and which are free.

use super::state::IDS;
use plan::facts::{Caller, Range, Subordinate};
use plan::identity::Extent;
use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::thread::no_new_privs;
use spec::catalogue::INTERNAL;
use spec::error::{Error, REPORT, Result};
use std::ffi::{CStr, CString};

/// Where root's containers get their ids: above what distributions give to people (60,000), to subordinate ids
/// (100,000 upwards; SUB_UID_MAX is 600,100,000), below 2^31, which some software takes for negative.
const FIRST: u32 = 805_306_368;
/// How many ids a container has.
const COUNT: u32 = 65_536;
/// How many containers can have a range at once.
const RANGES: u32 = 4_096;
/// Where the helpers may be: the absolute paths at which distributions install them.
const DIRECTORIES: [&str; 2] = ["/usr/bin", "/usr/sbin"];

/// The map in which the caller lives.
pub(super) fn own_map(path: &str) -> Result<Vec<Extent>> {
    let text = String::from_utf8_lossy(&super::read(path, 1 << 16)?).into_owned();
    let map: Option<Vec<Extent>> = text.lines().map(extent).collect();
    map.ok_or_else(|| Error::new(INTERNAL, format!("{path} cannot be understood")).fix(REPORT))
}

fn extent(line: &str) -> Option<Extent> {
    let mut numbers = line.split_ascii_whitespace().map(str::parse);
    let (Some(Ok(inside)), Some(Ok(outside)), Some(Ok(count)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return None;
    };
    Some(Extent { inside, outside, count })
}

/// Only the initial user namespace has all ids but -1 mapped to themselves (`user_namespaces(7)`).
pub(super) fn is_initial(map: &[Extent]) -> bool {
    map == [Extent { inside: 0, outside: 0, count: u32::MAX }]
}

/// The caller's subordinate ids, if both files give some that exist here, and both helpers are there and may gain rights:
/// inside of another container neither may be so, whatever its files say.
pub(crate) fn subordinate(caller: &Caller) -> Option<Subordinate> {
    let newuidmap = helper("newuidmap").filter(|path| may_gain_rights(path))?;
    let newgidmap = helper("newgidmap").filter(|path| may_gain_rights(path))?;
    let name = account_name(caller.uid);
    let range = |path: &str, map: &str| {
        let own = own_map(map).ok()?;
        let exists = |range: &Extent| own.iter().any(|extent| holds(extent, range));
        own_range(&read_text(path), name.as_deref(), caller.uid).filter(exists)
    };
    let (uids, gids) =
        (range("/etc/subuid", "/proc/self/uid_map")?, range("/etc/subgid", "/proc/self/gid_map")?);
    Some(Subordinate { uids, gids, newuidmap, newgidmap })
}

/// Whether all ids that `range` takes from outside are in one extent of the own map.
fn holds(extent: &Extent, range: &Extent) -> bool {
    let end = |first: u32, count: u32| u64::from(first) + u64::from(count);
    range.outside >= extent.inside && end(range.outside, range.count) <= end(extent.inside, extent.count)
}

/// Whether the set-user-ID bit of a program has an effect (`execve(2)`).
fn may_gain_rights(path: &CStr) -> bool {
    let no_suid = statvfs(path).is_ok_and(|stat| stat.f_flag.contains(StatVfsMountFlags::NOSUID));
    !no_suid && !no_new_privs().unwrap_or(false)
}

/// Where a helper is.
pub(crate) fn helper(name: &str) -> Option<CString> {
    let path = DIRECTORIES
        .iter()
        .map(|directory| format!("{directory}/{name}"))
        .find(|path| std::fs::metadata(path).is_ok())?;
    CString::new(path).ok()
}

fn account_name(uid: u32) -> Option<String> {
    let passwd = read_text("/etc/passwd");
    passwd
        .lines()
        .find(|line| line.split(':').nth(2) == Some(&uid.to_string()))
        .and_then(|line| line.split(':').next())
        .map(str::to_owned)
}

/// The first range of a user, by name or by number, in the text of `/etc/subuid` (`subuid(5)`).
pub(super) fn own_range(text: &str, name: Option<&str>, uid: u32) -> Option<Extent> {
    let uid = uid.to_string();
    ranges(text).find(|(owner, _)| Some(owner.as_str()) == name || *owner == uid).map(|(_, range)| range)
}

fn ranges(text: &str) -> impl Iterator<Item = (String, Extent)> {
    text.lines().filter_map(|line| {
        let mut parts = line.trim().split(':');
        let (owner, first, count) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let valid = count > 0 && u32::checked_add(first, count).is_some();
        valid.then(|| (owner.to_owned(), Extent { inside: 1, outside: first, count }))
    })
}

/// Whether an id is the first of one of these ranges.
pub(crate) fn is_first_of_range(id: u32) -> bool {
    id.checked_sub(FIRST).is_some_and(|offset| offset % COUNT == 0 && offset / COUNT < RANGES)
}

/// A range that no container has locked, that overlaps nothing that is given away elsewhere, and of which the first id
/// `is_free` otherwise. The plan locks it; where another container was faster, one probes again.
pub(super) fn free_range(state: &CStr, is_free: impl Fn(u32) -> bool) -> Result<Option<Range>> {
    let taken = taken_elsewhere();
    let directory = format!("{}/{IDS}", state.to_string_lossy());
    // Starting at a place that differs from process to process, runs that start together rarely meet.
    let start = rustix::process::getpid().as_raw_nonzero().get() as u32 % RANGES;
    for number in (0..RANGES).map(|n| (start + n) % RANGES) {
        let first = FIRST + number * COUNT;
        let lock = CString::new(format!("{directory}/{first}")).unwrap_or_default();
        let free = rustix::fs::access(&lock, rustix::fs::Access::EXISTS).is_err();
        if free && !taken.iter().any(|range| overlaps(*range, first)) && is_free(first) {
            return Ok(Some(Range { first, count: COUNT, lock }));
        }
    }
    Ok(None)
}

fn overlaps(range: Extent, first: u32) -> bool {
    range.outside < first + COUNT && first < range.outside.saturating_add(range.count)
}

/// Subordinate ids of users, and ids of accounts.
fn taken_elsewhere() -> Vec<Extent> {
    let mut taken: Vec<Extent> = Vec::new();
    for path in ["/etc/subuid", "/etc/subgid"] {
        taken.extend(ranges(&read_text(path)).map(|(_, range)| range));
    }
    for path in ["/etc/passwd", "/etc/group"] {
        let text = read_text(path);
        let ids = text.lines().filter_map(|line| line.split(':').nth(2)?.parse().ok());
        taken.extend(ids.map(|id| Extent { inside: 0, outside: id, count: 1 }));
    }
    taken
}

/// The text of a file that may be missing.
pub(super) fn read_text(path: &str) -> String {
    String::from_utf8_lossy(&super::read(path, 4 << 20).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subordinate_ranges() {
        let text = "root:1:2\n# no\nann:100000:65536\n1001:200000:10\nbob:x:1\neve:4294967295:9\nann:5:5\nzero:7:0\n";
        let extent = |outside, count| Some(Extent { inside: 1, outside, count });
        assert_eq!(own_range(text, Some("ann"), 7), extent(100_000, 65_536));
        assert_eq!(own_range(text, None, 1001), extent(200_000, 10));
        for (name, uid) in [(Some("bob"), 7), (Some("eve"), 7), (Some("zero"), 7), (None, 7)] {
            assert_eq!(own_range(text, name, uid), None, "{name:?}");
        }
    }

    #[test]
    fn maps() {
        assert_eq!(
            extent("         0       1000          1"),
            Some(Extent { inside: 0, outside: 1000, count: 1 })
        );
        for bad in ["", "0 1", "0 1 2 3", "a b c", "0 0 4294967296"] {
            assert_eq!(extent(bad), None, "{bad}");
        }
        assert!(is_initial(&[Extent { inside: 0, outside: 0, count: 4_294_967_295 }]));
        assert!(!is_initial(&[Extent { inside: 0, outside: 0, count: 65_536 }]));
    }

    #[test]
    fn first_ids_of_ranges() {
        for first in [FIRST, FIRST + COUNT, FIRST + (RANGES - 1) * COUNT] {
            assert!(is_first_of_range(first), "{first}");
        }
        for other in [0, 1, FIRST - COUNT, FIRST + 1, FIRST + RANGES * COUNT, u32::MAX] {
            assert!(!is_first_of_range(other), "{other}");
        }
    }

    #[test]
    fn a_range_is_in_a_map() {
        let extent = |inside, outside, count| Extent { inside, outside, count };
        assert!(holds(&extent(0, 0, u32::MAX), &extent(1, 100_000, 65_536)));
        assert!(holds(&extent(5, 9, 10), &extent(1, 5, 10)));
        assert!(!holds(&extent(5, 9, 10), &extent(1, 5, 11)) && !holds(&extent(5, 9, 10), &extent(1, 4, 1)));
    }

    #[test]
    fn overlaps_are_found_at_both_ends() {
        let range = |outside, count| Extent { inside: 1, outside, count };
        assert!(overlaps(range(FIRST, 1), FIRST) && overlaps(range(FIRST + COUNT - 1, 9), FIRST));
        assert!(overlaps(range(0, u32::MAX), FIRST) && overlaps(range(FIRST - 5, 6), FIRST));
        assert!(!overlaps(range(FIRST - 5, 5), FIRST) && !overlaps(range(FIRST + COUNT, 5), FIRST));
    }
}
