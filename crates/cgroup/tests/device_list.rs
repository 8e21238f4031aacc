//! Whatever the rules, what is written to a v1 group makes it allow what a plain reading of them does.

mod random_rules;

use cgroup::devices::v1::{Write, changes, list_matches, writes};
use cgroup::devices::{MAX_RULES, NotHeld};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use random_rules::rule;
use spec::device::{Access, Kind, Rule, allowed, default_rules};

/// A group as the kernel keeps it (`security/device_cgroup.c`): entries are put together and taken away only where kind
/// and numbers are the same.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    everything: bool,
    entries: Vec<Rule>,
}

impl Group {
    /// A new one, below a group that has everything.
    fn new() -> Group {
        Group { everything: true, entries: Vec::new() }
    }

    fn write(&mut self, write: &Write) {
        let allow = write.file == "devices.allow";
        assert!(allow || write.file == "devices.deny");
        if write.text == "a" {
            return *self = Group { everything: allow, entries: Vec::new() };
        }
        let rule = Rule::parse(&write.text).unwrap();
        assert!(rule.kind != Kind::All && !self.everything, "{write:?}");
        let same =
            |entry: &&mut Rule| (entry.kind, entry.major, entry.minor) == (rule.kind, rule.major, rule.minor);
        match self.entries.iter_mut().find(same) {
            Some(entry) if allow => entry.access = entry.access.with(rule.access),
            Some(entry) => entry.access = entry.access.without(rule.access),
            None if allow => self.entries.push(rule),
            None => panic!("nothing to take away: {write:?}"),
        }
        self.entries.retain(|entry| entry.access != Access::NONE);
    }

    fn written(&self, writes: &[Write]) -> Group {
        let mut group = self.clone();
        writes.iter().for_each(|write| group.write(write));
        group
    }

    /// `devices.list`.
    fn list(&self) -> String {
        match self.everything {
            true => "a *:* rwm\n".to_owned(),
            false => self.entries.iter().map(|entry| format!("{entry}\n")).collect(),
        }
    }

    /// One entry must allow all that is wanted.
    fn allows(&self, kind: Kind, major: u32, minor: u32, wanted: Access) -> bool {
        let entry = |entry: &Rule| entry.matches(kind, major, minor) && entry.access.contains(wanted);
        self.everything || self.entries.iter().any(entry)
    }

    fn agrees(&self, rules: &[Rule]) -> bool {
        questions().all(|(kind, major, minor, wanted)| {
            self.allows(kind, major, minor, wanted) == allowed(rules, kind, major, minor).contains(wanted)
        })
    }
}

/// What the kernel asks, of all devices that the rules here name and of some more.
fn questions() -> impl Iterator<Item = (Kind, u32, u32, Access)> {
    let wanted = ["m", "r", "w", "rw"].map(|access| Rule::parse(&format!("c 1:1 {access}")).unwrap().access);
    let numbers = (0..5).flat_map(|major| (0..5).map(move |minor| (major, minor)));
    numbers.flat_map(move |(major, minor)| {
        let kinds = [Kind::Character, Kind::Block].into_iter();
        kinds.flat_map(move |kind| wanted.map(|wanted| (kind, major, minor, wanted)))
    })
}

fn text(writes: &[Write]) -> Vec<String> {
    writes.iter().map(|write| format!("{} {}", write.file, write.text)).collect()
}

/// Rules, each with a sign for whether it allows.
fn parse(rules: &[&str]) -> Vec<Rule> {
    let rule = |text: &&str| Rule { allow: text.starts_with('+'), ..Rule::parse(&text[1..]).unwrap() };
    rules.iter().map(rule).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_group_allows_what_the_rules_do(rules in rules_of_few(0..7)) {
        let Ok(writes) = writes(&rules) else { return Ok(()) };
        let group = Group::new().written(&writes);
        prop_assert!(group.agrees(&rules), "{rules:?}: {}", group.list());
        prop_assert!(list_matches(&group.list(), &rules));
    }

    #[test]
    fn a_list_that_allows_something_else_does_not_match(is in rules_of_few(0..5), asked in rules_of_few(0..5)) {
        let Ok(writes) = writes(&is) else { return Ok(()) };
        let group = Group::new().written(&writes);
        prop_assert_eq!(list_matches(&group.list(), &asked), group.agrees(&asked));
    }

    #[test]
    fn changes_lead_to_the_same_list(old in rules_of_few(0..5), new in rules_of_few(0..5)) {
        let (Ok(old), Ok(written)) = (writes(&old), writes(&new)) else { return Ok(()) };
        let (old, expected) = (Group::new().written(&old), Group::new().written(&written));
        let changes = changes(&old.list(), &new).unwrap();
        let mut group = old.clone();
        for change in &changes {
            group.write(change);
            let kept = questions().all(|(kind, major, minor, wanted)| {
                let allows = |group: &Group| group.allows(kind, major, minor, wanted);
                allows(&group) || !allows(&old) || !allows(&expected)
            });
            prop_assert!(kept || old.everything, "{change:?} of {changes:?}");
        }
        prop_assert_eq!(sorted(group.list()), sorted(expected.list()));
    }
}

fn sorted(list: String) -> Vec<String> {
    let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

fn rules_of_few(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Rule>> {
    proptest::collection::vec(rule(0..3_u32), count)
}

/// The properties above say nothing if nearly nothing can be said on v1.
#[test]
fn most_rules_can_be_said() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut said = 0;
    for _ in 0..1000 {
        let rules = rules_of_few(0..7).new_tree(&mut runner).unwrap().current();
        said += u32::from(writes(&rules).is_ok());
    }
    assert!((300..1000).contains(&said), "{said} of 1000");
}

#[test]
fn a_default_container() {
    let expected = [
        "devices.deny a",
        "devices.allow c 1:3 rw",
        "devices.allow c 1:5 rw",
        "devices.allow c 1:7 rw",
        "devices.allow c 1:8 rw",
        "devices.allow c 1:9 rw",
        "devices.allow c 5:0 rw",
        "devices.allow c 5:2 rw",
        "devices.allow c 136:* rw",
    ];
    assert_eq!(text(&writes(&default_rules()).unwrap()), expected);
}

#[test]
fn everything_and_nothing() {
    assert_eq!(text(&writes(&[]).unwrap()), ["devices.deny a"]);
    assert_eq!(text(&writes(&parse(&["+c 1:3 r", "+a *:* rwm"])).unwrap()), ["devices.allow a"]);
    assert!(list_matches("", &[]) && !list_matches("", &default_rules()));
    assert!(list_matches("a *:* rwm\n", &parse(&["+a *:* rwm"])) && !list_matches("a *:* rwm\n", &[]));
    assert!(list_matches("c *:* rwm\nb *:* rwm\n", &parse(&["+a *:* rwm"])), "said in another way");
    assert!(!list_matches("no list", &[]));
}

#[test]
fn one_more_and_one_less() {
    let list = "c 1:3 rw\nc 1:5 rwm\nb 8:0 r\n";
    let rules = parse(&["+c 1:3 rw", "+c 1:5 rw", "+c 10:229 rw"]);
    let expected = ["devices.allow c 10:229 rw", "devices.deny c 1:5 m", "devices.deny b 8:0 r"];
    assert_eq!(text(&changes(list, &rules).unwrap()), expected);
    assert_eq!(changes("c 1:3 rw\n", &parse(&["+c 1:3 rw"])).unwrap(), []);
    assert_eq!(changes("a *:* rwm\n", &parse(&["+a *:* rwm"])).unwrap(), []);
    assert_eq!(text(&changes("a *:* rwm\n", &[]).unwrap()), ["devices.deny a"]);
}

#[test]
fn both_kinds_are_two_entries() {
    let written = writes(&parse(&["+a 1:3 rw"])).unwrap();
    assert_eq!(text(&written)[1..], ["devices.allow c 1:3 rw", "devices.allow b 1:3 rw"]);
}

#[test]
fn what_a_wider_entry_allows_is_in_the_narrower_one() {
    let rules = parse(&["+c 1:* r", "+c 1:3 w"]);
    let expected = ["devices.deny a", "devices.allow c 1:* r", "devices.allow c 1:3 rw"];
    assert_eq!(text(&writes(&rules).unwrap()), expected);
    assert!(!list_matches("c 1:* r\nc 1:3 w\n", &rules), "nothing there opens 1:3 for both");
}

#[test]
fn what_no_list_says_is_refused() {
    for (rules, guilty) in [
        (&["+c 1:* rw", "-c 1:3 w"][..], 1),
        (&["+a *:* rwm", "-c 1:3 rwm", "+c 1:5 r"], 1),
        (&["+c 1:* rw", "-c *:3 r", "+c 5:0 rw"], 1),
        (&["+c 1:* r", "+c *:3 w"], 1),
        (&["-a *:* rwm", "+c *:* m", "+c 1:3 rwm", "-c 1:3 m"], 3),
    ] {
        let rules = parse(rules);
        assert_eq!(writes(&rules), Err(NotHeld::NoList(rules[guilty])), "{rules:?}");
    }
    let mended = parse(&["+c 1:* rw", "-c 1:3 w", "-c 1:* rw"]);
    assert_eq!(text(&writes(&mended).unwrap()), ["devices.deny a"]);
    let rule = parse(&["-c 1:3 w"])[0];
    let expected = "the list of devices of cgroup v1 cannot deny c 1:3 w beside the rules before it";
    assert_eq!(NotHeld::NoList(rule).to_string(), expected);
}

/// As many rules as there may be, of the kind that takes longest to compare.
#[test]
fn rules_are_bounded() {
    let rule = |n: usize| match n % 2 {
        0 => format!("c {n}:* rw"),
        _ => format!("c *:{n} rw"),
    };
    let rules: Vec<Rule> = (0..MAX_RULES).map(|n| Rule::parse(&rule(n)).unwrap()).collect();
    let start = std::time::Instant::now();
    assert_eq!(writes(&rules).unwrap().len(), MAX_RULES + 1);
    println!("{:?}", start.elapsed());
    let more = [rules, default_rules()].concat();
    assert_eq!(writes(&more), Err(NotHeld::TooMany));
    assert!(!list_matches("a *:* rwm\n", &more));
}
