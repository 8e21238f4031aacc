//! A plan for programs: JSON lines, whose fields docs/explain-json.md describes.

use super::performed;
use crate::json;
use plan::{Count, Op, Plan, Tell};
use run::board::Went;
use run::errno_name;
use serde::Serialize;

/// The first line.
#[derive(Serialize)]
struct Head<'a> {
    version: &'static str,
    notes: &'a [String],
    steps: usize,
}

/// A line for each step.
#[derive(Serialize)]
struct Step {
    step: usize,
    actor: String,
    title: String,
    calls: Vec<Call>,
    why: String,
    lesson: Lesson,
    #[serde(skip_serializing_if = "Option::is_none")]
    otherwise: Option<Alternative>,
    alongside: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    nanoseconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Alternative>,
}

#[derive(Serialize)]
struct Call {
    name: &'static str,
    arguments: String,
    count: Often,
}

/// `"once"`, `{"if": CONDITION}`, `{"each": ITEM}`.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Often {
    Once,
    If(&'static str),
    Each(&'static str),
}

#[derive(Serialize)]
struct Lesson {
    why: &'static str,
    without: &'static str,
    man: &'static str,
}

/// Of an op and the one that replaces it, the one that is not told as the step.
#[derive(Serialize)]
struct Alternative {
    title: String,
    calls: Vec<Call>,
    /// The errnos that lead from the first to the second.
    on: Vec<String>,
}

/// The first line: what stands before the steps.
pub fn head(plan: &Plan, notes: &[String]) -> String {
    line(&Head { version: env!("CARGO_PKG_VERSION"), notes, steps: plan.steps.len() })
}

/// The line of a step; `went` once it is done.
pub fn step(plan: &Plan, index: usize, went: Option<Went>) -> String {
    let step = &plan.steps[index];
    let (op, refused) = performed(step, went);
    let lesson = op.lesson();
    let (first, second) = match &step.otherwise {
        None => (None, None),
        Some(otherwise) if refused => (Some(alternative(&step.op, otherwise.on)), None),
        Some(otherwise) => (None, Some(alternative(&otherwise.op, otherwise.on))),
    };
    line(&Step {
        step: index + 1,
        actor: step.actor.to_string(),
        title: op.title(),
        calls: plan.record(index).into_iter().chain(op.calls()).map(call).collect(),
        why: step.why.to_string(),
        lesson: Lesson { why: lesson.why, without: lesson.without, man: lesson.man },
        otherwise: second,
        alongside: plan.alongside().contains(&index),
        nanoseconds: went.map(|went| went.nanoseconds),
        refused: first,
    })
}

fn alternative(op: &Op, on: &[i32]) -> Alternative {
    Alternative {
        title: op.title(),
        calls: op.calls().into_iter().map(call).collect(),
        on: on.iter().map(|errno| errno_name(*errno)).collect(),
    }
}

fn call(call: plan::Call) -> Call {
    let count = match call.count {
        Count::Once => Often::Once,
        Count::If(condition) => Often::If(condition),
        Count::Each(item) => Often::Each(item),
    };
    Call { name: call.name, arguments: call.arguments, count }
}

fn line(value: &impl Serialize) -> String {
    json::line(value) + "\n"
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
