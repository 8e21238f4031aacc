//! Test programs and their tests.

use crate::{cargo, harness};
use std::error::Error;
use std::path::{Path, PathBuf};

/// The packages whose test programs can run in the machine: where each is, and what the names of its suites begin with.
const PACKAGES: [(&str, &str); 2] = [("crates/cgroup", "cgroup"), ("tests", "")];

/// A test program.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// What it is called: `run`, or `cgroup-pids` for one of a package of the product.
    pub name: String,
    /// Where it is.
    pub program: PathBuf,
    /// The names of its tests.
    pub tests: Vec<String>,
}

impl Suite {
    /// The full names of its tests: `SUITE::TEST`.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.tests.iter().map(|test| full(&self.name, test))
    }

    /// The same with those tests alone whose full name is chosen; `None` if that is no test.
    pub fn only(mut self, is_chosen: impl Fn(&str) -> bool) -> Option<Suite> {
        self.tests.retain(|test| is_chosen(&full(&self.name, test)));
        (!self.tests.is_empty()).then_some(self)
    }
}

/// The full name of a test.
pub fn full(suite: &str, test: &str) -> String {
    format!("{suite}::{test}")
}

/// Builds all that there are.
///
/// # Errors
/// Those of the compiler.
pub fn all() -> Result<Vec<Suite>, Box<dyn Error>> {
    let mut suites = Vec::new();
    for (directory, prefix) in PACKAGES {
        for program in cargo::tests(directory)? {
            let tests = harness::list(&program)?;
            let name = name(&program, prefix).ok_or_else(|| format!("{} has no hash", program.display()))?;
            suites.push(Suite { name, program, tests });
        }
    }
    suites.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(suites)
}

/// cargo adds a hyphen and a hash to the name of the target.
fn name(program: &Path, prefix: &str) -> Option<String> {
    let (target, _) = program.file_name()?.to_str()?.rsplit_once('-')?;
    Some(if prefix.is_empty() || target == prefix { target.to_owned() } else { format!("{prefix}-{target}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_targets() {
        let named = |file: &str, prefix| name(&Path::new("/t/deps").join(file), prefix);
        assert_eq!(named("run-21734857ba848c59", ""), Some("run".to_owned()));
        assert_eq!(named("cgroup-21734857ba848c59", "cgroup"), Some("cgroup".to_owned()));
        assert_eq!(named("pids-21734857ba848c59", "cgroup"), Some("cgroup-pids".to_owned()));
        assert_eq!(named("pids", ""), None);
    }

    #[test]
    fn a_suite_without_tests_is_none() {
        let tests = ["a::b".to_owned(), "c".to_owned()].to_vec();
        let suite = Suite { name: "s".to_owned(), program: PathBuf::from("/s"), tests };
        let only = |part: &str| suite.clone().only(|name| name.contains(part)).map(|suite| suite.tests);
        assert_eq!(only("s::a"), Some(vec!["a::b".to_owned()]));
        assert_eq!(only("s::b"), None);
    }
}
