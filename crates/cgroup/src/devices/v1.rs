//! Rules on v1: `devices.allow`, `devices.deny` and `devices.list` (`admin-guide/cgroup-v1/devices.rst` of the kernel).
//!
//! A group has either everything or a list of entries. What is opened for reading and writing needs both of *one* entry;
//! and taking away concerns an entry with just these numbers, so that nothing can be taken out of what a `*` allows. So
//! rules are not written as they come: the list that they come to is computed here, and compared with what they mean for
//! every device that they tell apart. A list that says something else is an error, and never written.
//!
//! Who writes needs CAP_SYS_ADMIN in the initial user namespace, else EPERM; and so says the kernel if the group above
//! does not have what is to be allowed here.

mod list;

use spec::device::{Access, Rule};

use super::{MAX_RULES, NotHeld};
use list::{List, same};

/// What is to be written to a group, each by one write(2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The control file: `devices.allow` or `devices.deny`.
    pub file: &'static str,
    /// A rule, or `a` for everything.
    pub text: String,
}

/// What to write to a new group, in order. EINVAL of the first write: the group has groups below it.
///
/// # Errors
/// [`NotHeld`].
pub fn writes(rules: &[Rule]) -> Result<Vec<Write>, NotHeld> {
    Ok(from_anything(&wanted(rules)?))
}

/// What to write to a group whose `devices.list` reads as `list`, in order: first what is more, then what is less, so
/// that no process in it misses for a moment what it has before and after. Only on the way from everything to less is
/// there such a moment. To everything, or from it, a group with groups below does not get (EINVAL).
///
/// # Errors
/// [`NotHeld`].
pub fn changes(list: &str, rules: &[Rule]) -> Result<Vec<Write>, NotHeld> {
    let wanted = wanted(rules)?;
    Ok(match (List::read(list), &wanted) {
        (Some(List::Everything), List::Everything) => Vec::new(),
        (Some(List::Entries(old)), List::Entries(new)) => {
            more(new, &old).map(allow).chain(more(&old, new).map(deny)).collect()
        }
        _ => from_anything(&wanted),
    })
}

/// Whether `list`, as `devices.list` reads, says what `rules` say. Of a group that has everything the kernel does not
/// show what a group further up has taken out.
pub fn list_matches(list: &str, rules: &[Rule]) -> bool {
    rules.len() <= MAX_RULES && List::read(list).is_some_and(|list| list.differs(rules).is_none())
}

fn wanted(rules: &[Rule]) -> Result<List, NotHeld> {
    if rules.len() > MAX_RULES {
        return Err(NotHeld::TooMany);
    }
    let list = List::of(rules);
    let last = |(kind, major, minor)| rules.iter().rfind(|rule| rule.matches(kind, major, minor));
    // What no rule is about, both deny.
    match list.differs(rules).and_then(last) {
        None => Ok(list),
        Some(rule) => Err(NotHeld::NoList(*rule)),
    }
}

/// A new group has what the group above it has.
fn from_anything(wanted: &List) -> Vec<Write> {
    let whole = || "a".to_owned();
    match wanted {
        List::Everything => vec![allow(whole())],
        List::Entries(entries) => {
            std::iter::once(deny(whole())).chain(more(entries, &[]).map(allow)).collect()
        }
    }
}

/// What each entry of `these` has and the same one of `those` has not.
fn more<'a>(these: &'a [Rule], those: &'a [Rule]) -> impl Iterator<Item = String> + use<'a> {
    these.iter().filter_map(|entry| {
        let had = those.iter().filter(|other| same(entry, other));
        let access = had.fold(entry.access, |left, other| left.without(other.access));
        (access != Access::NONE).then(|| Rule { access, ..*entry }.to_string())
    })
}

fn allow(text: String) -> Write {
    Write { file: "devices.allow", text }
}

fn deny(text: String) -> Write {
    Write { file: "devices.deny", text }
}
