//! How two plans differ, as a person reads it: which steps come, go, move, or are done in another way.
//!
//! Two steps are the same if the same actor does what has the same title. Where the plans differ between two such
//! steps, one that another actor does, or that teaches the same lesson as one of the other plan's, is that one in another
//! form: the command executed by init, the clone with other namespaces, the mount with another place.

mod sequence;

pub use sequence::{Edit, edits};

use crate::{Actor, Plan, Step, Tell};

/// One line of a comparison; each has the index of the step in the first plan, in the second, or in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    /// The step is in both, and the same.
    Same(usize, usize),
    /// It is in both, with another actor, other words, other calls, or another reason.
    Changed(usize, usize),
    /// It is in both, at another place of the order; the line stands where the second plan has it.
    Moved(usize, usize),
    /// It is in the first plan alone.
    Dropped(usize),
    /// It is in the second plan alone.
    Added(usize),
}

/// Compares two plans, in the order of the second.
pub fn diff(before: &Plan, after: &Plan) -> Vec<Line> {
    let edits = edits(&identities(before), &identities(after));
    let mut lines = Vec::with_capacity(edits.len());
    let moved = moved(before, after, &edits);
    for run in edits.chunk_by(|one, next| is_kept(one) == is_kept(next)) {
        match run {
            [Edit::Kept(..), ..] => lines.extend(run.iter().filter_map(|edit| kept(before, after, edit))),
            gap => lines.extend(between(before, after, gap, &moved)),
        }
    }
    lines
}

/// What makes a step the same in two plans.
fn identities(plan: &Plan) -> Vec<(Actor, String)> {
    plan.steps.iter().map(|step| (step.actor, step.op.title())).collect()
}

fn is_kept(edit: &Edit) -> bool {
    matches!(edit, Edit::Kept(..))
}

fn kept(before: &Plan, after: &Plan, edit: &Edit) -> Option<Line> {
    let Edit::Kept(i, j) = *edit else { return None };
    let same = is_told_alike(&before.steps[i], &after.steps[j]);
    Some(if same { Line::Same(i, j) } else { Line::Changed(i, j) })
}

/// Whether all is the same that is told of two steps, beside their titles.
fn is_told_alike(before: &Step, after: &Step) -> bool {
    let otherwise =
        |step: &Step| step.otherwise.as_ref().map(|otherwise| (otherwise.op.calls(), otherwise.on));
    before.op.calls() == after.op.calls() && before.why == after.why && otherwise(before) == otherwise(after)
}

/// The pairs of a dropped and an added step that are the same.
fn moved(before: &Plan, after: &Plan, edits: &[Edit]) -> Vec<(usize, usize)> {
    pairs(edits, |i, j| {
        let (before, after) = (&before.steps[i], &after.steps[j]);
        before.actor == after.actor && before.op.title() == after.op.title()
    })
}

fn in_another_form(before: &Step, after: &Step) -> bool {
    before.op.title() == after.op.title()
        || before.actor == after.actor && before.op.lesson() == after.op.lesson()
}

/// The lines of a part in which the plans have nothing in common: first what goes, then what the second plan has.
fn between(before: &Plan, after: &Plan, gap: &[Edit], moved: &[(usize, usize)]) -> Vec<Line> {
    let stays = |edit: &&Edit| match edit {
        Edit::Dropped(i) => moved.iter().all(|pair| pair.0 != *i),
        Edit::Added(j) => moved.iter().all(|pair| pair.1 != *j),
        Edit::Kept(..) => false,
    };
    let rest: Vec<Edit> = gap.iter().filter(stays).copied().collect();
    let changed = pairs(&rest, |i, j| in_another_form(&before.steps[i], &after.steps[j]));
    let goes = |i: &usize| changed.iter().all(|pair| pair.0 != *i);
    let come = |j: usize| match (with(moved, j), with(&changed, j)) {
        (Some(i), _) => Line::Moved(i, j),
        (_, Some(i)) => Line::Changed(i, j),
        _ => Line::Added(j),
    };
    dropped(&rest).filter(goes).map(Line::Dropped).chain(added(gap).map(come)).collect()
}

fn with(pairs: &[(usize, usize)], j: usize) -> Option<usize> {
    pairs.iter().find(|pair| pair.1 == j).map(|pair| pair.0)
}

/// Gives each dropped step the first added one that fits and is not given away yet.
fn pairs(edits: &[Edit], fits: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for i in dropped(edits) {
        let free = |j: &usize| with(&pairs, *j).is_none() && fits(i, *j);
        let found = added(edits).find(free);
        pairs.extend(found.map(|j| (i, j)));
    }
    pairs
}

fn dropped(edits: &[Edit]) -> impl Iterator<Item = usize> + '_ {
    edits.iter().filter_map(|edit| if let Edit::Dropped(i) = edit { Some(*i) } else { None })
}

fn added(edits: &[Edit]) -> impl Iterator<Item = usize> + '_ {
    edits.iter().filter_map(|edit| if let Edit::Added(j) = edit { Some(*j) } else { None })
}
