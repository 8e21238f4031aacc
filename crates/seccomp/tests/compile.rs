//! Whatever the profile, the compiled tree decides as a plain reading of it does.

mod common;

use std::ops::Range;

use common::{Call, execute, read};
use libc::c_long;
use proptest::collection::vec;
use proptest::prelude::*;
use seccomp::{Action, Case, Instruction, Profile, Rule, Test, Verdict, compile};

const ARCH: u32 = 0xC000_003E;
const LONG_JUMP: u16 = 0x05;

/// A rule that owns what a [`Rule`] borrows.
type Owned = (Vec<c_long>, Vec<Case>, Action);

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![Just(Action::Allow), Just(Action::KillProcess), (1_u16..5).prop_map(Action::Errno)]
}

/// Words that collide: none, all, one half, one bit, few values, and any.
fn word() -> impl Strategy<Value = u64> {
    const LOWER: u64 = 0xffff_ffff;
    let fixed = prop_oneof![Just(0), Just(u64::MAX), Just(LOWER), Just(!LOWER)];
    prop_oneof![fixed, (0_u32..64).prop_map(|bit| 1 << bit), 0_u64..8, any::<u64>()]
}

/// With an odd mask the value may have bits outside it: such a test never matches.
fn case() -> impl Strategy<Value = Case> {
    (0_u8..6, word(), word(), action()).prop_map(|(argument, mask, value, then)| {
        let value = if mask.is_multiple_of(2) { value & mask } else { value };
        Case { test: Test { argument, mask, value }, then }
    })
}

/// Numbers close together, so that intervals arise, and at the edges of what a number can be.
fn number() -> impl Strategy<Value = c_long> {
    let edge = c_long::from(0x4000_0000_u32);
    prop_oneof![18 => 0..600_i64, 1 => edge - 9..edge + 9, 1 => any::<u32>().prop_map(c_long::from)]
}

/// Half of the rules ask for no argument.
fn rules(count: Range<usize>) -> impl Strategy<Value = Vec<Owned>> {
    let cases = prop_oneof![Just(Vec::new()), vec(case(), 0..6)];
    vec((vec(number(), 1..4), cases, action()), count)
}

fn borrow(rules: &[Owned]) -> Vec<Rule<'_>> {
    rules
        .iter()
        .map(|(calls, cases, otherwise)| Rule { calls, verdict: Verdict { cases, otherwise: *otherwise } })
        .collect()
}

/// Calls at and beside every number of the profile, with arguments at and beside every tested value.
fn calls(profile: &Profile, noise: u64) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut call = |nr, arch, args| calls.push(Call { nr, arch, args });
    for rule in profile.rules {
        for nr in rule.calls.iter().map(|&nr| nr as u32) {
            call(nr.wrapping_sub(1), ARCH, [noise; 6]);
            call(nr.wrapping_add(1), ARCH, [noise; 6]);
            for (argument, value) in values(rule.verdict.cases, noise) {
                let mut args = [noise; 6];
                args[argument] = value;
                call(nr, ARCH, args);
            }
        }
    }
    for nr in [0, 1, 0x3fff_ffff, 0x4000_0000, u32::MAX] {
        call(nr, ARCH, [noise; 6]);
        call(nr, 0x4000_0003, [noise; 6]);
    }
    calls
}

/// Arguments that match a case, those that differ from them in one bit, and one of no case.
fn values(cases: &[Case], noise: u64) -> Vec<(usize, u64)> {
    let mut values = vec![(0, noise)];
    for Case { test, .. } in cases {
        let exact = test.value | (noise & !test.mask);
        let beside = (0..64).map(|bit| exact ^ (1 << bit));
        values.extend(beside.chain([exact]).map(|value| (usize::from(test.argument), value)));
    }
    values
}

/// Checks the program of such a profile with calls of every kind.
fn agree(rules: &[Owned], foreign: Action, default: Action, noise: u64) -> Result<usize, TestCaseError> {
    let rules = borrow(rules);
    let profile = Profile { arch: ARCH, foreign, default, rules: &rules };
    let program = compile(&profile);
    for call in calls(&profile, noise) {
        prop_assert_eq!(execute(&program, &call).0, read(&profile, &call).code(), "{:x?}", call);
    }
    Ok(program.len())
}

proptest! {
    #[test]
    fn random_profiles_are_decided_as_they_read(
        rules in rules(0..40), foreign in action(), default in action(), noise in any::<u64>(),
    ) {
        agree(&rules, foreign, default, noise)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn large_profiles_jump_far(
        rules in rules(200..300), foreign in action(), default in action(), noise in any::<u64>(),
    ) {
        prop_assert!(agree(&rules, foreign, default, noise)? > 255);
    }
}

/// Every call has its own errno, so no return is shared, and the tree's halves are out of reach of 8 bits.
#[test]
fn a_tree_of_distinct_leaves_uses_long_jumps_and_stays_shallow() {
    let calls: Vec<c_long> = (0..1500).collect();
    let rules: Vec<Rule> = calls.chunks(1).map(|call| Rule::errno(call, call[0] as u16 + 1)).collect();
    let profile = Profile { arch: ARCH, foreign: Action::KillProcess, default: Action::Allow, rules: &rules };
    let program = compile(&profile);
    assert!(program.iter().any(|instruction| instruction.code == LONG_JUMP));
    for nr in 0..1600 {
        let call = Call { nr, arch: ARCH, args: [0; 6] };
        let (value, steps) = execute(&program, &call);
        assert_eq!(value, read(&profile, &call).code(), "{nr}");
        // Architecture and number take 3; then 11 decisions among 1502 intervals, each with one long jump at most.
        assert!(steps <= 3 + 2 * 11 + 1, "{nr}: {steps}");
    }
}

/// Cases in one verdict that outgrow an 8-bit jump.
#[test]
fn many_cases_are_tried_in_order() {
    let case = |value| Case {
        test: Test { argument: 5, mask: u64::MAX, value },
        then: Action::Errno(value as u16 / 2),
    };
    let cases: Vec<Case> = (0..900).chain([7]).map(case).collect();
    let rules = [Rule { calls: &[3], verdict: Verdict { cases: &cases, otherwise: Action::Allow } }];
    let kill = Action::KillProcess;
    let profile = Profile { arch: ARCH, foreign: kill, default: kill, rules: &rules };
    let program = compile(&profile);
    for arg in (0..1000).chain([1 << 32, (1 << 32) + 7]) {
        let call = Call { nr: 3, arch: ARCH, args: [0, 0, 0, 0, 0, arg] };
        assert_eq!(execute(&program, &call).0, read(&profile, &call).code(), "{arg}");
    }
}

/// The x32 numbers are a second way to the same calls, also where everything unnamed is allowed.
#[test]
fn x32_is_no_way_around_a_rule() {
    let rules = [Rule::errno(&[101], 1), Rule::allow(&[0x4000_0065, -1])];
    let profile = Profile { arch: ARCH, foreign: Action::KillProcess, default: Action::Allow, rules: &rules };
    let program = compile(&profile);
    for nr in [0x4000_0000, 0x4000_0065, 0x4000_0209, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        let call = Call { nr, arch: ARCH, args: [0; 6] };
        assert_eq!(execute(&program, &call).0, Action::Errno(38).code(), "{nr:#x}");
    }
}

/// The slice is handed to the kernel as it is.
#[test]
fn an_instruction_is_the_kernels_sock_filter() {
    use std::mem::{align_of, offset_of, size_of};
    assert_eq!(size_of::<Instruction>(), size_of::<libc::sock_filter>());
    assert_eq!(align_of::<Instruction>(), align_of::<libc::sock_filter>());
    assert_eq!(offset_of!(Instruction, code), offset_of!(libc::sock_filter, code));
    assert_eq!(offset_of!(Instruction, jt), offset_of!(libc::sock_filter, jt));
    assert_eq!(offset_of!(Instruction, jf), offset_of!(libc::sock_filter, jf));
    assert_eq!(offset_of!(Instruction, k), offset_of!(libc::sock_filter, k));
}
