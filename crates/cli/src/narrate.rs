//! Tells a plan: before it is performed (`--dry-run`), or as it is (`--explain`).

use crate::patience;
use plan::{Count, Plan, Tell};
use run::board::{Board, Went};
use std::fmt::Write as _;
use std::io::IsTerminal;

/// The whole plan, at a level of 1 to 3.
pub fn plan(plan: &Plan, level: u8) -> String {
    let mut text = String::new();
    for note in &plan.notes {
        let _ = writeln!(text, "note: {note}");
    }
    for index in 0..plan.steps.len() {
        text.push_str(&step_text(plan, index, level, None));
    }
    text
}

/// Tells steps as they get done.
pub struct Narration {
    level: u8,
    /// How many steps were told.
    told: usize,
}

impl Narration {
    /// At a level of 1 to 3.
    pub fn new(level: u8) -> Self {
        Narration { level, told: 0 }
    }

    /// Tells the steps that are done since the last time, on stderr.
    pub fn tell(&mut self, plan: &Plan, board: &Board) {
        let mut text = String::new();
        for index in self.told..plan.steps.len() {
            let Some(went) = board.went(index) else { break };
            text.push_str(&step_text(plan, index, self.level, Some(went)));
            self.told = index + 1;
        }
        // The report itself is under way, and executing comes right after it; neither can be told later.
        if self.told + 2 == plan.steps.len() && board.failure().is_none() {
            for index in self.told..plan.steps.len() {
                text.push_str(&step_text(plan, index, self.level, None));
            }
            self.told = plan.steps.len();
        }
        // In raw mode a line feed does not return the carriage.
        let text = if std::io::stderr().is_terminal() { text.replace('\n', "\r\n") } else { text };
        patience::say(&text);
    }
}

fn step_text(plan: &Plan, index: usize, level: u8, went: Option<Went>) -> String {
    let step = &plan.steps[index];
    let (op, refused) = match (&step.otherwise, went) {
        (Some(otherwise), Some(went)) if went.otherwise => (&otherwise.op, true),
        _ => (&step.op, false),
    };
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
