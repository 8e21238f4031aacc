//! Whether a rule of the security design is in force: always, but in the build that shows by attacks why each is needed.
//!
//! `CONTAINERCEPTION_WITHOUT=RULE[,RULE...]` is read by a build with the feature `faults`, which no release has. The rules
//! are `dumpable`, `sealed` (R6), `origin` (R5), `close-files` and `cwd` (R4), `state` (R16).

/// Whether `rule` holds.
#[cfg(not(feature = "faults"))]
pub(crate) const fn holds(_rule: &str) -> bool {
    true
}

/// Whether `rule` holds, or a test has put it out of force.
#[cfg(feature = "faults")]
pub(crate) fn holds(rule: &str) -> bool {
    !std::env::var("CONTAINERCEPTION_WITHOUT")
        .is_ok_and(|without| without.split(',').any(|name| name == rule))
}
