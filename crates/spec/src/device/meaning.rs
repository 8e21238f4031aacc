//! What rules mean, however the kernel is told.

use super::{Access, Kind, Rule};

/// What may be done with a device: nothing at first, and then each rule that matches adds what it allows, or takes away
/// what it denies. So the last word on reading, on writing and on making may be of three rules, and opening for reading
/// and writing needs both.
///
/// Where all rules say all of `rwm`, this is the OCI specification's "the last rule that matches". Runtimes differ where they
/// do not: runc keeps a list as cgroup v1 does, crun looks for one rule that has all that is asked for.
pub fn allowed(rules: &[Rule], kind: Kind, major: u32, minor: u32) -> Access {
    rules.iter().filter(|rule| rule.matches(kind, major, minor)).fold(Access::NONE, |access, rule| {
        if rule.allow { access.with(rule.access) } else { access.without(rule.access) }
    })
}

impl Rule {
    /// Whether it is about that device.
    pub fn matches(&self, kind: Kind, major: u32, minor: u32) -> bool {
        (self.kind == Kind::All || self.kind == kind)
            && self.major.is_none_or(|number| number == major)
            && self.minor.is_none_or(|number| number == minor)
    }

    /// Whether it is about everything that can be done with any device: what comes before it means nothing.
    pub fn is_whole(&self) -> bool {
        let Rule { allow: _, kind, major, minor, access } = *self;
        (kind, major, minor, access) == (Kind::All, None, None, Access::ALL)
    }
}

impl Access {
    /// Nothing.
    pub const NONE: Access = Access { read: false, write: false, make: false };
    /// Everything.
    pub const ALL: Access = Access { read: true, write: true, make: true };

    /// This and `other`.
    #[must_use]
    pub fn with(self, other: Access) -> Access {
        Access {
            read: self.read || other.read,
            write: self.write || other.write,
            make: self.make || other.make,
        }
    }

    /// This, but nothing of `other`.
    #[must_use]
    pub fn without(self, other: Access) -> Access {
        Access {
            read: self.read && !other.read,
            write: self.write && !other.write,
            make: self.make && !other.make,
        }
    }

    /// Whether all of `other` is in it.
    pub fn contains(self, other: Access) -> bool {
        other.without(self) == Access::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is allowed with the character device 1:3 by rules, each with a sign for whether it allows.
    fn null(rules: &[&str]) -> String {
        let rule = |text: &&str| Rule { allow: text.starts_with('+'), ..Rule::parse(&text[1..]).unwrap() };
        let rules: Vec<Rule> = rules.iter().map(rule).collect();
        allowed(&rules, Kind::Character, 1, 3).to_string()
    }

    #[test]
    fn without_a_rule_nothing_is_allowed() {
        assert_eq!(null(&[]), "");
        assert_eq!(null(&["+b 1:3 rwm", "+c 1:4 rwm", "+c 2:* rwm", "-c *:3 rwm"]), "");
    }

    #[test]
    fn the_last_rule_decides() {
        assert_eq!(null(&["-a *:* rwm", "+c 1:3 rwm"]), "rwm");
        assert_eq!(null(&["+c 1:3 rwm", "-a *:* rwm"]), "");
        assert_eq!(null(&["+a *:* rwm", "-c 1:* rwm", "+c *:3 r"]), "r");
    }

    #[test]
    fn each_access_is_decided_by_itself() {
        assert_eq!(null(&["+c 1:* r", "+c 1:3 w"]), "rw");
        assert_eq!(null(&["+c 1:3 rwm", "-c 1:* m", "-a 1:3 w"]), "r");
    }

    #[test]
    fn only_one_rule_is_whole() {
        let whole = |text| Rule::parse(text).unwrap().is_whole();
        assert!(whole("a *:* rwm"));
        assert!(!["c *:* rwm", "a 0:* rwm", "a *:0 rwm", "a *:* rw"].into_iter().any(whole));
    }

    #[test]
    fn access_is_a_set() {
        let Rule { access: read_write, .. } = Rule::parse("c 1:3 rw").unwrap();
        assert!(Access::ALL.contains(read_write) && !read_write.contains(Access::ALL));
        assert!(Access::NONE.contains(Access::NONE));
        assert_eq!(Access::ALL.without(read_write).to_string(), "m");
    }
}
