//! A profile as a program: a binary search over intervals of numbers that meet the same verdict.
//!
//! The shape is chosen for the kernel, which runs the program once per number when it is installed (Linux 5.11) to
//! learn which calls are always allowed, and after that does not run it for them at all. Installing is therefore
//! what costs, and a path of log2(intervals) jumps keeps it low. The kernel can only learn this from paths that
//! load nothing but the architecture and the number, so arguments are loaded below the tree's leaves, never before.

use std::iter::once;

use crate::profile::{Action, Profile, Test, Verdict};
use crate::program::{ARCH, Backwards, EQUAL, GREATER_OR_EQUAL, Instruction, LOWER, Label, NR, UPPER};

/// `__X32_SYSCALL_BIT`: numbers from here on belong to x86_64's second, 32-bit ABI, which shares the architecture
/// value. No architecture has other calls up there.
const X32_BIT: u32 = 0x4000_0000;

/// What they meet. Not the action for foreign calls: a tracer cancels a call by setting its number to -1, which is up
/// there too, and must not get its tracee killed. ENOSYS is also what a kernel without x32 says.
const X32: Verdict<'static> = Verdict::always(Action::Errno(libc::ENOSYS as u16));

/// The program that decides as `profile` says.
///
/// The kernel takes up to 4096 instructions (EINVAL beyond).
#[must_use]
pub fn compile(profile: &Profile) -> Vec<Instruction> {
    let mut program = Backwards::default();
    search(&mut program, &intervals(profile));
    let native = program.load(NR);
    let foreign = program.ret(profile.foreign);
    program.branch(EQUAL, profile.arch, native, foreign);
    program.load(ARCH);
    program.finish()
}

/// The numbers from `start` up to the next interval's start.
struct Interval<'a> {
    start: u32,
    verdict: Verdict<'a>,
}

/// Covers all numbers from 0; neighbours differ in their verdict. Never empty: x32 is always there.
fn intervals<'a>(profile: &Profile<'a>) -> Vec<Interval<'a>> {
    let mut list: Vec<Interval> = Vec::new();
    let mut add = |start, verdict| {
        if list.last().is_none_or(|last| last.verdict != verdict) {
            list.push(Interval { start, verdict });
        }
    };
    let named = numbers(profile).into_iter().map(|(nr, rule)| (nr, profile.rules[rule].verdict));
    let mut next = 0;
    for (nr, verdict) in named.chain(once((X32_BIT, X32))) {
        if nr > next {
            add(next, Verdict::always(profile.default));
        }
        add(nr, verdict);
        next = nr + 1;
    }
    list
}

/// Every number below x32's that is named, in order, with the index of its rule.
fn numbers(profile: &Profile) -> Vec<(u32, usize)> {
    let mut list = Vec::with_capacity(profile.rules.iter().map(|rule| rule.calls.len()).sum());
    for (index, rule) in profile.rules.iter().enumerate() {
        list.extend(rule.calls.iter().map(|&nr| (nr as u32, index)));
    }
    list.sort_unstable();
    list.dedup_by_key(|&mut (nr, _)| nr);
    list.truncate(list.partition_point(|&(nr, _)| nr < X32_BIT));
    list
}

/// Finds the interval of the number that is loaded.
fn search(program: &mut Backwards, intervals: &[Interval]) -> Label {
    if let [only] = intervals {
        return judge(program, only.verdict);
    }
    let (low, high) = intervals.split_at(intervals.len() / 2);
    let start = high[0].start;
    let high = search(program, high);
    let low = search(program, low);
    program.branch(GREATER_OR_EQUAL, start, high, low)
}

fn judge(program: &mut Backwards, verdict: Verdict) -> Label {
    let mut next = program.ret(verdict.otherwise);
    for case in verdict.cases.iter().rev() {
        let then = program.ret(case.then);
        next = test(program, &case.test, then, next);
    }
    next
}

/// An argument's 64 bits are compared as two words; the upper one only if it counts.
fn test(program: &mut Backwards, test: &Test, yes: Label, no: Label) -> Label {
    let mut compare = |half: u32, mask: u32, value: u32, yes| {
        program.branch(EQUAL, value, yes, no);
        if mask != u32::MAX {
            program.and(mask);
        }
        program.load(half + 8 * u32::from(test.argument))
    };
    let lower = compare(LOWER, test.mask as u32, test.value as u32, yes);
    match ((test.mask >> 32) as u32, (test.value >> 32) as u32) {
        (0, 0) => lower,
        (mask, value) => compare(UPPER, mask, value, lower),
    }
}
