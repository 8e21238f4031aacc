//! Whether the calls that were made are those that were told: each of them in its place, and none more.

use crate::agree::agree;
use crate::told::{self, Count, Step};
use crate::trace;
use std::collections::BTreeSet;

/// A piece of what was told.
#[derive(Debug)]
struct Piece<'a> {
    /// Of which step: an index.
    step: usize,
    kind: Kind<'a>,
}

#[derive(Debug)]
enum Kind<'a> {
    Once(&'a told::Call),
    If(&'a told::Call),
    /// What is made for one item, for each kind of item; items come as the host has them.
    Each(Vec<Vec<&'a told::Call>>),
    /// These, up to some one.
    UntilRefused(Vec<&'a told::Call>),
}

impl Kind<'_> {
    fn show(&self) -> String {
        let show = |calls: &[&told::Call]| {
            let calls = calls.iter().map(|call| format!("{}({})", call.name, call.arguments));
            calls.collect::<Vec<_>>().join("; ")
        };
        match self {
            Kind::Once(call) => show(&[call]),
            Kind::If(call) => format!("perhaps {}", show(&[call])),
            Kind::Each(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(|calls| show(calls)).collect();
                format!("any number of {}", kinds.join(" or "))
            }
            Kind::UntilRefused(calls) => format!("some of {}", show(calls)),
        }
    }
}

/// Where a call was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// The index of its step.
    pub step: usize,
    /// Whether that step would have been told in the same words without this call.
    pub conditional: bool,
}

/// Finds each of `made` in `steps`, in order.
///
/// # Errors
/// The place from which on they differ.
pub fn find(steps: &[&Step], made: &[&trace::Call]) -> Result<Vec<Found>, String> {
    let pieces = pieces(steps);
    // For each piece, how many calls may have been made before it.
    let mut before = vec![BTreeSet::from([0])];
    for piece in &pieces {
        let here: &BTreeSet<usize> = &before[before.len() - 1];
        let next: BTreeSet<usize> = here.iter().flat_map(|from| ends(&piece.kind, made, *from)).collect();
        if next.is_empty() {
            let furthest = here.last().copied().unwrap_or(0);
            return Err(differ(Some(piece), steps, made.get(furthest)));
        }
        before.push(next);
    }
    let last = &before[pieces.len()];
    if !last.contains(&made.len()) {
        return Err(differ(None, steps, made.get(last.last().copied().unwrap_or(0))));
    }
    Ok(trace_back(&pieces, &before, made))
}

fn differ(piece: Option<&Piece<'_>>, steps: &[&Step], call: Option<&&trace::Call>) -> String {
    let told = piece.map_or("nothing more is told".to_owned(), |piece| {
        let step = steps[piece.step];
        format!("step {} ({}) tells {}", step.number, step.title, piece.kind.show())
    });
    format!("{told}\n  but what was made is {}", call.map_or("nothing more".to_owned(), |call| call.show()))
}

fn pieces<'a>(steps: &[&'a Step]) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for (step, told) in steps.iter().enumerate() {
        let begin = pieces.len();
        for (index, call) in told.calls.iter().enumerate() {
            let last =
                if pieces.len() > begin { pieces.last_mut().map(|piece| &mut piece.kind) } else { None };
            match (&call.count, last) {
                (Count::Each(_), Some(Kind::Each(kinds))) => match kinds.last_mut() {
                    Some(same) if told.calls[index - 1].count == call.count => same.push(call),
                    _ => kinds.push(vec![call]),
                },
                (Count::UntilRefused, Some(Kind::UntilRefused(calls))) => calls.push(call),
                (Count::Once, _) => pieces.push(Piece { step, kind: Kind::Once(call) }),
                (Count::If, _) => pieces.push(Piece { step, kind: Kind::If(call) }),
                (Count::Each(_), _) => pieces.push(Piece { step, kind: Kind::Each(vec![vec![call]]) }),
                (Count::UntilRefused, _) => pieces.push(Piece { step, kind: Kind::UntilRefused(vec![call]) }),
            }
        }
    }
    pieces
}

/// How many calls may have been made after a piece, if `from` were before it.
fn ends(kind: &Kind<'_>, made: &[&trace::Call], from: usize) -> BTreeSet<usize> {
    let is = |told: &told::Call, at: usize| made.get(at).is_some_and(|call| agree(told, call));
    let in_turn = |calls: &[&told::Call], at: usize| {
        calls.iter().enumerate().all(|(index, call)| is(call, at + index)).then_some(at + calls.len())
    };
    match kind {
        Kind::Once(call) => in_turn(&[*call], from).into_iter().collect(),
        Kind::If(call) => [Some(from), in_turn(&[*call], from)].into_iter().flatten().collect(),
        Kind::UntilRefused(calls) => {
            (0..=calls.len()).filter_map(|count| in_turn(&calls[..count], from)).collect()
        }
        Kind::Each(kinds) => {
            let mut all = BTreeSet::from([from]);
            let mut fresh = vec![from];
            while let Some(at) = fresh.pop() {
                fresh.extend(
                    kinds.iter().filter_map(|calls| in_turn(calls, at)).filter(|end| all.insert(*end)),
                );
            }
            all
        }
    }
}

/// Which piece each call belongs to, from the last to the first.
fn trace_back(pieces: &[Piece<'_>], before: &[BTreeSet<usize>], made: &[&trace::Call]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut end = made.len();
    for (piece, starts) in pieces.iter().zip(before).rev() {
        let start = starts.iter().find(|start| ends(&piece.kind, made, **start).contains(&end)).copied();
        let start = start.expect("what was reached was reached from somewhere");
        let conditional = match &piece.kind {
            Kind::Once(_) => false,
            Kind::If(_) | Kind::UntilRefused(_) => true,
            Kind::Each(kinds) => kinds.iter().any(|calls| calls.len() == 1),
        };
        found.extend((start..end).map(|_| Found { step: piece.step, conditional }));
        end = start;
    }
    found.reverse();
    found
}
