//! What the facts of this host mean for containers here, and what to do about them: judged without looking again.

mod ids;
mod kernel;
mod namespaces;
mod place;
mod show;

pub use show::{json, text};

use plan::{Facts, Plan};
use run::host::Host;
use serde::Serialize;
use spec::error::{Error, Result};

/// A fact, judged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// Its stable name.
    pub name: &'static str,
    /// What it does to `run`.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What that means for containers.
    pub means: String,
    /// What to do about it, where it is not as good as it could be.
    pub fix: Option<String>,
}

/// What a fact does to `run`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing is lost by it.
    Ok,
    /// Containers run, and lack something.
    Limits,
    /// No container runs.
    Fails,
}

impl Finding {
    fn ok(name: &'static str, found: impl Into<String>, means: impl Into<String>) -> Self {
        Finding { name, verdict: Verdict::Ok, found: found.into(), means: means.into(), fix: None }
    }

    fn limits(name: &'static str, found: impl Into<String>, means: impl Into<String>, fix: &str) -> Self {
        Finding { verdict: Verdict::Limits, fix: Some(fix.to_owned()), ..Self::ok(name, found, means) }
    }

    fn fails(name: &'static str, found: impl Into<String>, means: impl Into<String>, fix: &str) -> Self {
        Finding { verdict: Verdict::Fails, ..Self::limits(name, found, means, fix) }
    }

    /// What would be an error of `run`.
    fn error(name: &'static str, error: &Error, means: impl Into<String>) -> Self {
        let found = match &error.why {
            Some(why) => format!("{}: {why}", error.what),
            None => error.what.clone(),
        };
        let page = || format!("containerception explain {} tells more", error.code);
        Self::fails(name, found, means, &error.fix.clone().filter(|fix| !fix.is_empty()).unwrap_or_else(page))
    }
}

/// All findings: first what decides whether containers run at all. `plan` is that of `run true`.
pub fn examine(facts: &Facts, host: &Host, plan: &Result<Plan>) -> Vec<Finding> {
    vec![
        kernel::version(facts.kernel),
        namespaces::users(host, &facts.caller),
        namespaces::mounts(host),
        namespaces::proc(host),
        namespaces::outer(host),
        kernel::overlay(host.overlay),
        place::state(facts, host),
        ids::range(facts, &host.helpers),
        ids::helpers(facts, &host.helpers),
        place::group(host),
        kernel::id_mapped(facts, host.usr.as_deref()),
        kernel::attributes(facts),
        planned(plan),
    ]
}

/// Whether `run` would work.
pub fn works(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.verdict != Verdict::Fails)
}

fn planned(plan: &Result<Plan>) -> Finding {
    match plan {
        Ok(plan) => Finding::ok(
            "plan",
            format!("a container takes {} steps here", plan.steps.len()),
            "containerception run --dry-run true prints them",
        ),
        Err(error) => Finding::error("plan", error, "no container can be planned"),
    }
}

#[cfg(test)]
mod tests;
