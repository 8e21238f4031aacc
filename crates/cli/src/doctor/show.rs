//! Findings, for people and for programs.

use super::{Finding, Verdict, works};
use crate::paint::{Colour, Paint};
use std::fmt::Write;

/// A line for each, and what to do below those that could be better.
pub fn text(findings: &[Finding], paint: Paint) -> String {
    let mut text = String::new();
    for finding in findings {
        let (colour, mark) = mark(finding.verdict);
        let (mark, name) = (paint.with(colour, mark), finding.name);
        let _ = writeln!(text, "{mark}  {name:17} {}; {}", finding.found, finding.means);
        if let Some(fix) = &finding.fix {
            let _ = writeln!(text, "      what to do: {fix}");
        }
    }
    text + if works(findings) {
        "\ncontainers can be run here\n"
    } else {
        "\ncontainers cannot be run here: what is bad has to be mended first\n"
    }
}

/// The mark of a verdict, all of one width.
fn mark(verdict: Verdict) -> (Colour, &'static str) {
    match verdict {
        Verdict::Ok => (Colour::Green, "ok  "),
        Verdict::Limits => (Colour::Yellow, "note"),
        Verdict::Fails => (Colour::Red, "bad "),
    }
}

/// An array of objects.
pub fn json(findings: &[Finding]) -> String {
    crate::json::pretty(&findings) + "\n"
}
