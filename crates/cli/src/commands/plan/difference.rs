//! The difference of two plans, for people.
//!
//! A mark stands before each step: `+` it comes, `-` it goes, `>` it moves, `~` it is done in another way. What is the
//! same is counted, not told.

use crate::paint::{Colour, Paint};
use plan::diff::{Edit, Line, diff, edits};
use plan::{Call, Plan, Step, Tell};
use std::fmt::Write;

/// Room for a step's mark and number, below which its details stand.
const INDENT: &str = "                ";

/// Tells what `after` does that `before` does not, and the reverse.
pub fn tell(before: &Plan, after: &Plan) -> String {
    let lines = diff(before, after);
    let mut told = Told { before, after, paint: Paint::for_stdout(), text: summary(&lines) };
    told.notes();
    if lines.iter().all(is_same) {
        return told.text;
    }
    for run in lines.chunk_by(|one, next| is_same(one) && is_same(next)) {
        match run {
            [Line::Same(..), ..] => told.same(run.len()),
            run => run.iter().for_each(|line| told.line(line)),
        }
    }
    told.text
}

fn is_same(line: &Line) -> bool {
    matches!(line, Line::Same(..))
}

/// `steps: 3 added (+), 1 dropped (-); 40 the same`.
fn summary(lines: &[Line]) -> String {
    let count = |is: fn(&Line) -> bool| lines.iter().filter(|line| is(line)).count();
    let all = [
        (count(|line| matches!(line, Line::Added(_))), "added (+)"),
        (count(|line| matches!(line, Line::Dropped(_))), "dropped (-)"),
        (count(|line| matches!(line, Line::Moved(..))), "moved (>)"),
        (count(|line| matches!(line, Line::Changed(..))), "changed (~)"),
    ];
    let some: Vec<String> =
        all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let same = count(is_same);
    match some.as_slice() {
        [] => format!("the plans are the same: {same} steps\n"),
        some => format!("steps: {}; {same} the same\n", some.join(", ")),
    }
}

struct Told<'a> {
    before: &'a Plan,
    after: &'a Plan,
    paint: Paint,
    text: String,
}

impl Told<'_> {
    /// What one of the containers lacks, and the other does not.
    fn notes(&mut self) {
        for edit in edits(&self.before.notes, &self.after.notes) {
            match edit {
                Edit::Kept(..) => {}
                Edit::Dropped(i) => self.marked(Colour::Red, '-', &format!("note: {}", self.before.notes[i])),
                Edit::Added(j) => self.marked(Colour::Green, '+', &format!("note: {}", self.after.notes[j])),
            }
        }
    }

    fn same(&mut self, count: usize) {
        let s = if count == 1 { " is" } else { "s are" };
        self.detail(&format!("… {count} step{s} the same"));
    }

    fn line(&mut self, line: &Line) {
        let (before, after) = (self.before, self.after);
        match *line {
            Line::Same(..) => self.same(1),
            Line::Dropped(i) => {
                self.marked(Colour::Red, '-', &title(before, i));
                self.detail(&because(&before.steps[i]));
            }
            Line::Added(j) => {
                self.marked(Colour::Green, '+', &title(after, j));
                self.detail(&because(&after.steps[j]));
            }
            Line::Moved(i, j) => {
                self.marked(Colour::Yellow, '>', &title(after, j));
                self.detail(&format!("it was step {}", i + 1));
                self.change(&before.steps[i], &after.steps[j]);
            }
            Line::Changed(i, j) => {
                self.marked(Colour::Yellow, '~', &title(after, j));
                self.change(&before.steps[i], &after.steps[j]);
            }
        }
    }

    /// What is different in a step that both have: in its words, which say enough, or else in its calls.
    fn change(&mut self, before: &Step, after: &Step) {
        if (before.actor, before.op.title()) != (after.actor, after.op.title()) {
            self.detail(&format!("before: {:7}  {}", before.actor, before.op.title()));
        } else {
            self.calls(&before.op.calls(), &after.op.calls());
        }
        if before.why != after.why {
            self.detail(&format!("here before because: {}", before.why));
        }
        self.detail(&because(after));
    }

    fn calls(&mut self, before: &[Call], after: &[Call]) {
        for edit in edits(before, after) {
            match edit {
                Edit::Kept(..) => {}
                Edit::Dropped(i) => self.call(Colour::Red, '-', &before[i]),
                Edit::Added(j) => self.call(Colour::Green, '+', &after[j]),
            }
        }
    }

    fn call(&mut self, colour: Colour, mark: char, call: &Call) {
        let text = format!("{mark} {}({}){}", call.name, call.arguments, call.count);
        self.detail(&self.paint.with(colour, &text));
    }

    fn marked(&mut self, colour: Colour, mark: char, text: &str) {
        let line = self.paint.with(colour, &format!("{mark} {text}"));
        let _ = writeln!(self.text, "{line}");
    }

    fn detail(&mut self, text: &str) {
        let _ = writeln!(self.text, "{INDENT}{text}");
    }
}

fn title(plan: &Plan, index: usize) -> String {
    let step = &plan.steps[index];
    format!("{:3}  {:7}  {}", index + 1, step.actor, step.op.title())
}

fn because(step: &Step) -> String {
    format!("here because: {}", step.why)
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use std::ffi::OsStr;

    fn told(before: &str, after: &str) -> String {
        compare(OsStr::new(before), OsStr::new(after)).unwrap()
    }

    #[test]
    fn what_is_the_same_is_counted() {
        let text = told("true", "--rm -i true");
        assert!(text.starts_with("the plans are the same: ") && text.lines().count() == 1, "{text}");
    }

    #[test]
    fn an_option_shows_in_its_steps_and_their_reasons() {
        let text = told("true", "--read-only true");
        assert!(text.starts_with("steps: 1 added (+); "), "{text}");
        assert!(text.contains("  init     make the root read-only\n"), "{text}");
        assert!(text.contains("here because: asked for by --read-only\n"), "{text}");
        assert!(told("--read-only true", "true").starts_with("steps: 1 dropped (-); "));
    }

    #[test]
    fn a_step_in_another_form_is_told_with_the_one_before() {
        let text = told("--hostname a true", "--hostname b true");
        assert!(
            text.starts_with("steps: 1 changed (~)") || text.starts_with("steps: 2 changed (~)"),
            "{text}"
        );
        assert!(text.contains("set the host name to b\n"), "{text}");
        assert!(text.contains("before: init     set the host name to a\n"), "{text}");
    }
}
