//! Where `unsafe` may be written.
//!
//! The compiler enforces the rule (`unsafe_code = "deny"` in the workspace's lints), and clippy that each block says why
//! it is sound. What is left to be examined is that nobody opts out of either.

use super::sources::ending_with;
use super::{Verdict, unless_any};
use std::io;

/// The one room that may.
const ROOM: &str = "crates/sys/";

/// Every other file of Rust leaves the lint as it is, and every package takes the workspace's lints.
pub fn only_in_sys() -> io::Result<Verdict> {
    let elsewhere = ending_with(".rs")?.into_iter().filter(|source| !source.path.starts_with(ROOM));
    let allowed = elsewhere.filter(|source| source.text.lines().any(lifts_the_lint));
    let allowed = allowed.map(|source| format!("{}: lifts the lint unsafe_code", source.path));
    let manifests =
        ending_with("Cargo.toml")?.into_iter().filter(|manifest| manifest.text.contains("[package]"));
    let free = manifests.filter(|manifest| !manifest.text.contains("[lints]\nworkspace = true"));
    let free = free.map(|manifest| format!("{}: does not take the workspace's lints", manifest.path));
    Ok(unless_any(allowed.chain(free).collect()))
}

/// `#[allow(unsafe_code)]`, its sisters `expect` and `warn`, and the same for a whole file.
fn lifts_the_lint(line: &str) -> bool {
    let attribute = line.trim_start();
    attribute.starts_with('#') && attribute.contains("unsafe_code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_told_from_text() {
        assert!(lifts_the_lint("    #[allow(unsafe_code)]"));
        assert!(lifts_the_lint("#![expect(unsafe_code, reason = \"because\")]"));
        assert!(!lifts_the_lint("//! The compiler enforces `unsafe_code`."));
        assert!(!lifts_the_lint("#[test]"));
    }
}
