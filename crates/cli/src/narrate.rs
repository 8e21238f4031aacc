//! Tells a plan: before it is performed (`--dry-run`), or as it is (`--explain`).

mod form;
mod json;

pub use form::Form;

use crate::patience;
use plan::{Count, Op, Plan, Step, Tell};
use run::board::{Board, Went};
use std::fmt::Write as _;
use std::io::IsTerminal;

/// The whole plan.
pub fn plan(plan: &Plan, form: Form) -> String {
    let steps = (0..plan.steps.len()).map(|index| step(plan, index, form, None));
    std::iter::once(head(plan, &plan.notes, form)).chain(steps).collect()
}

/// What is told before the steps: what a person should know about this container.
pub fn head(plan: &Plan, notes: &[String], form: Form) -> String {
    match form {
        Form::Text(_) => notes.iter().map(|note| format!("note: {note}\n")).collect(),
        Form::Json => json::head(plan, notes),
    }
}

fn step(plan: &Plan, index: usize, form: Form, went: Option<Went>) -> String {
    match form {
        Form::Text(level) => step_text(plan, index, level, went),
        Form::Json => json::step(plan, index, went),
    }
}

/// Tells steps as they get done.
pub struct Narration {
    form: Form,
    /// How many steps were told.
    told: usize,
}

impl Narration {
    /// In this form.
    pub fn new(form: Form) -> Self {
        Narration { form, told: 0 }
    }

    /// Tells the steps that are done since the last time, on stderr.
    pub fn tell(&mut self, plan: &Plan, board: &Board) {
        let mut text = String::new();
        for index in self.told..plan.steps.len() {
            let Some(went) = board.went(index) else { break };
            text.push_str(&step(plan, index, self.form, Some(went)));
            self.told = index + 1;
        }
        // The report itself is under way, and executing comes right after it; neither can be told later.
        if self.told + 2 == plan.steps.len() && board.failure().is_none() {
            for index in self.told..plan.steps.len() {
                text.push_str(&step(plan, index, self.form, None));
            }
            self.told = plan.steps.len();
        }
        // In raw mode a line feed does not return the carriage.
        let text = if std::io::stderr().is_terminal() { text.replace('\n', "\r\n") } else { text };
        patience::say(&text);
    }
}

/// The op that was, or is to be, performed, and whether the kernel refused the step's own.
fn performed(step: &Step, went: Option<Went>) -> (&Op, bool) {
    match (&step.otherwise, went) {
        (Some(otherwise), Some(went)) if went.otherwise => (&otherwise.op, true),
        _ => (&step.op, false),
    }
}

fn step_text(plan: &Plan, index: usize, level: u8, went: Option<Went>) -> String {
    let step = &plan.steps[index];
    let (op, refused) = performed(step, went);
    let mut text = format!("{:3}  {:7}  {}", index + 1, step.actor, op.title());
    if let Some(went) = went {
        let _ = write!(text, "  ({} µs)", went.nanoseconds / 1000);
    }
    text.push('\n');
    let mut line = |content: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "              {content}");
    };
    if refused {
        line(format_args!("instead of: {}, which the kernel refused here", step.op.title()));
    }
    if level >= 2 {
        for call in if refused { step.op.calls() } else { Vec::new() } {
            line(format_args!("{}({})  until one was refused", call.name, call.arguments));
        }
        for call in plan.record(index).into_iter().chain(op.calls()) {
            let result = if went.is_some() && call.count == Count::Once { " = ok" } else { "" };
            line(format_args!("{}({}){result}{}", call.name, call.arguments, call.count));
        }
    }
    if level >= 3 {
        let lesson = op.lesson();
        line(format_args!("here because: {}", step.why));
        if plan.alongside().contains(&index) {
            line(format_args!("alongside: the runtime goes on with its next steps meanwhile"));
        }
        line(format_args!("why: {}", lesson.why));
        line(format_args!("without it: {}", lesson.without));
        line(format_args!("read: {}", lesson.man));
        if let Some(otherwise) = step.otherwise.as_ref().filter(|_| !refused) {
            line(format_args!("where the kernel refuses it: {}", otherwise.op.title()));
        }
    }
    text
}
