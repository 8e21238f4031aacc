//! What a v1 group allows: everything, or a list.

use std::collections::BTreeSet;

use spec::device::{Access, Kind, Rule, allowed};

use crate::devices::MAX_RULES;

/// What a group allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum List {
    /// Any device.
    Everything,
    /// What one of these allows, each of characters or of blocks, and nothing else.
    Entries(Vec<Rule>),
}

/// The most entries that rules come to: a rule may be about both kinds.
const MAX_ENTRIES: usize = 2 * MAX_RULES;

const KINDS: [Kind; 2] = [Kind::Character, Kind::Block];

/// What the kernel asks for at once: by mknod(2), and by open(2) in three ways.
const QUESTIONS: [Access; 4] = [
    Access { make: true, ..Access::NONE },
    Access { read: true, ..Access::NONE },
    Access { write: true, ..Access::NONE },
    Access { make: false, ..Access::ALL },
];

impl List {
    /// The list that `rules` come to, if there is one; else it [differs](List::differs).
    pub(super) fn of(rules: &[Rule]) -> List {
        rules.iter().fold(List::Entries(Vec::new()), List::then)
    }

    /// What `devices.list` says, if that is of its form.
    pub(super) fn read(text: &str) -> Option<List> {
        let entries = text.lines().take(MAX_ENTRIES + 1).map(Rule::parse);
        let entries: Vec<Rule> = entries.collect::<Result<_, _>>().ok()?;
        if entries.iter().any(Rule::is_whole) {
            return Some(List::Everything);
        }
        let proper = entries.len() <= MAX_ENTRIES && entries.iter().all(|entry| entry.kind != Kind::All);
        proper.then_some(List::Entries(entries))
    }

    fn then(self, rule: &Rule) -> List {
        match self {
            _ if rule.is_whole() && rule.allow => List::Everything,
            _ if rule.is_whole() => List::Entries(Vec::new()),
            List::Everything => List::Everything,
            List::Entries(entries) => List::Entries(by_kind(rule).fold(entries, changed)),
        }
    }

    /// A device of which it answers a question otherwise than `rules` do: of each class of devices that neither tells
    /// apart, one is tried.
    pub(super) fn differs(&self, rules: &[Rule]) -> Option<(Kind, u32, u32)> {
        let entries = match self {
            List::Everything => &[],
            List::Entries(entries) => entries.as_slice(),
        };
        examples(&[rules, entries].concat()).into_iter().find(|&(kind, major, minor)| {
            let allowed = allowed(rules, kind, major, minor);
            let says = |question| self.allows(kind, major, minor, question);
            QUESTIONS.into_iter().any(|question| says(question) != allowed.contains(question))
        })
    }

    fn allows(&self, kind: Kind, major: u32, minor: u32, question: Access) -> bool {
        let by = |entry: &Rule| entry.matches(kind, major, minor) && entry.access.contains(question);
        match self {
            List::Everything => true,
            List::Entries(entries) => entries.iter().any(by),
        }
    }
}

/// Whether two entries are about the same devices: then the kernel has one of them.
pub(super) fn same(one: &Rule, other: &Rule) -> bool {
    (one.kind, one.major, one.minor) == (other.kind, other.major, other.minor)
}

/// Whether `wide` is about all devices that `narrow` is about.
fn covers(wide: &Rule, narrow: &Rule) -> bool {
    let number = |wide: Option<u32>, narrow| wide.is_none() || wide == narrow;
    wide.kind == narrow.kind && number(wide.major, narrow.major) && number(wide.minor, narrow.minor)
}

/// The rule as one or two that are each about one kind.
fn by_kind(rule: &Rule) -> impl Iterator<Item = Rule> + use<> {
    let rule = *rule;
    let kinds = KINDS.into_iter().filter(move |kind| rule.kind == Kind::All || rule.kind == *kind);
    kinds.map(move |kind| Rule { kind, ..rule })
}

/// The entries after one more rule. What a wider entry allows stands in the narrower ones as well, since for each question
/// there must be one entry that allows all of it.
fn changed(mut entries: Vec<Rule>, rule: Rule) -> Vec<Rule> {
    if rule.allow && !entries.iter().any(|entry| same(entry, &rule)) {
        let wider = entries.iter().filter(|entry| covers(entry, &rule));
        let access = wider.fold(Access::NONE, |access, entry| access.with(entry.access));
        entries.push(Rule { access, ..rule });
    }
    for entry in entries.iter_mut().filter(|entry| covers(&rule, entry)) {
        entry.access = match rule.allow {
            true => entry.access.with(rule.access),
            false => entry.access.without(rule.access),
        };
    }
    entries.retain(|entry| entry.access != Access::NONE);
    entries
}

/// A device of each class that `rules` tell apart: with each number that they name, and with one that they do not.
fn examples(rules: &[Rule]) -> Vec<(Kind, u32, u32)> {
    let mut examples = Vec::new();
    for kind in KINDS {
        let of_kind: Vec<&Rule> = rules.iter().filter(|r| r.kind == Kind::All || r.kind == kind).collect();
        for major in numbers(of_kind.iter().map(|rule| rule.major)) {
            let of_major = of_kind.iter().filter(|rule| rule.major.is_none_or(|number| number == major));
            let minors = numbers(of_major.map(|rule| rule.minor));
            examples.extend(minors.into_iter().map(|minor| (kind, major, minor)));
        }
    }
    examples
}

/// All that are named, and the least that is not.
fn numbers(named: impl Iterator<Item = Option<u32>>) -> BTreeSet<u32> {
    let mut numbers: BTreeSet<u32> = named.flatten().collect();
    let other = (0..).find(|number| !numbers.contains(number));
    numbers.extend(other);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list() {
        for text in ["x", "c 1:3", "\n", "a 1:3 rw", "a *:* rw", "c 1:3 rw\n\n"] {
            assert_eq!(List::read(text), None, "{text:?}");
        }
        assert_eq!(List::read(&"c 1:3 rw\n".repeat(MAX_ENTRIES + 1)), None);
        assert_eq!(List::read(""), Some(List::Entries(Vec::new())));
        assert_eq!(List::read("a *:* rwm\n"), Some(List::Everything));
    }

    #[test]
    fn an_example_of_each_class() {
        let rules = ["c 0:7 r", "c 1:* r"].map(|text| Rule::parse(text).unwrap());
        let characters = examples(&rules).into_iter().filter(|(kind, ..)| *kind == Kind::Character);
        let expected = [(0, 0), (0, 7), (1, 0), (2, 0)];
        assert!(characters.map(|(_, major, minor)| (major, minor)).eq(expected));
        assert_eq!(examples(&rules).last(), Some(&(Kind::Block, 0, 0)), "of blocks nothing is told apart");
    }
}
