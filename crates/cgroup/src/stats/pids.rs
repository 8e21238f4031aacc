//! Processes and threads.

use spec::resources::Bound;

use crate::controller::Controller;
use crate::opened::Opened;
use crate::text::{bound, flat, number};

/// Processes and threads, which count alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pids {
    /// How many there are.
    pub current: Option<u64>,
    /// How many there may be.
    pub limit: Option<Bound>,
    /// The most that there were; not in older kernels.
    pub peak: Option<u64>,
    /// How often fork(2) was refused: [`crate::death::forks_refused`] says what is counted.
    pub at_limit: Option<u64>,
}

/// The files have the same names and forms in both versions.
pub(super) fn read(groups: &Opened<'_>) -> Pids {
    let group = groups.v1(Controller::Pids).or_else(|| groups.v2());
    group.map(|files| of(|name| files.text(name))).unwrap_or_default()
}

fn of(file: impl Fn(&str) -> Option<String>) -> Pids {
    Pids {
        current: file("pids.current").as_deref().and_then(number),
        limit: file("pids.max").as_deref().and_then(bound),
        peak: file("pids.peak").as_deref().and_then(number),
        at_limit: file("pids.events").and_then(|text| flat(&text, "max")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    #[test]
    fn with_and_without_a_limit() {
        let texts =
            [("pids.current", "3\n"), ("pids.max", "20\n"), ("pids.peak", "5\n"), ("pids.events", "max 1\n")];
        let expected =
            Pids { current: Some(3), limit: Some(Bound::At(20)), peak: Some(5), at_limit: Some(1) };
        assert_eq!(of(files(&texts)), expected);
        let pids = of(files(&[("pids.current", "3\n"), ("pids.max", "max\n")]));
        assert_eq!(pids, Pids { current: Some(3), limit: Some(Bound::Unlimited), ..Pids::default() });
    }
}
