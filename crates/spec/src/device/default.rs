//! The devices that every container has.

use super::{Access, Kind, Rule};

/// Character devices that are bound into every `/dev`, or that its own devpts makes (`Documentation/admin-guide/devices.txt`
/// of the kernel).
const CHARACTER: [(u32, Option<u32>); 8] = [
    // null, zero and full: part of every Unix; programs redirect to them and test with them.
    (1, Some(3)),
    (1, Some(5)),
    (1, Some(7)),
    // random and urandom: chance, for programs older than getrandom(2).
    (1, Some(8)),
    (1, Some(9)),
    // tty: another name of the terminal that a process has already.
    (5, Some(0)),
    // ptmx and the terminals that it makes: those of the container's own devpts only, whatever their numbers.
    (5, Some(2)),
    (136, None),
];

/// What every container may do: nothing at first, then read and write the devices that it has.
///
/// Making a device is not among it. The OCI specification and docker let a container make any device, as long as it
/// does not open it; but what is needed is bound from outside, and a file that nobody can open is of no use. Nor is
/// `console` (5:1), the host's own: a container's console is a terminal of its own.
///
/// Whiteouts of overlayfs need no rule: the kernel lets everybody make them (`WHITEOUT_DEV`, Linux 5.8).
pub fn default_rules() -> Vec<Rule> {
    let nothing = Rule { allow: false, kind: Kind::All, major: None, minor: None, access: Access::ALL };
    let device = |(major, minor)| Rule {
        allow: true,
        kind: Kind::Character,
        major: Some(major),
        minor,
        access: Access { make: false, ..Access::ALL },
    };
    std::iter::once(nothing).chain(CHARACTER.map(device)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_may_be_made_and_what_is_used_is_named() {
        let rules: Vec<String> = default_rules().iter().map(Rule::to_string).collect();
        let expected = [
            "a *:* rwm",
            "c 1:3 rw",
            "c 1:5 rw",
            "c 1:7 rw",
            "c 1:8 rw",
            "c 1:9 rw",
            "c 5:0 rw",
            "c 5:2 rw",
            "c 136:* rw",
        ];
        assert_eq!(rules, expected);
        assert_eq!(default_rules().iter().filter(|rule| !rule.allow).count(), 1);
        assert!(default_rules().iter().all(|rule| !(rule.allow && rule.access.make)));
    }
}
