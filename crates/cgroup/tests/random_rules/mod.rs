//! Rules by chance, few enough of each kind to meet.

#![allow(dead_code, reason = "each test file uses its part")]

use std::ops::Range;

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use spec::device::{Access, Kind, Rule};

pub fn any_access() -> impl Strategy<Value = Access> {
    any::<[bool; 3]>().prop_map(|[read, write, make]| Access { read, write, make })
}

/// Small ones that are often the same, and those at which a constant with a sign would be another.
pub fn number() -> impl Strategy<Value = u32> + Clone {
    prop_oneof![8 => 0..4_u32, 1 => prop_oneof![Just(1 << 31), Just(u32::MAX), Just(0xffff), Just(1 << 16)]]
}

pub fn rules(count: Range<usize>) -> impl Strategy<Value = Vec<Rule>> {
    vec(rule(number()), count)
}

/// Mostly rules that allow, as rules that deny leave little to see.
pub fn rule(number: impl Strategy<Value = u32> + Clone) -> impl Strategy<Value = Rule> {
    let kind = prop_oneof![Just(Kind::All), Just(Kind::Character), Just(Kind::Character), Just(Kind::Block)];
    let numbers = (weighted(0.7, number.clone()), weighted(0.7, number));
    let access = prop_oneof![Just(Access::ALL), any_access()];
    (proptest::bool::weighted(0.7), kind, numbers, access)
        .prop_map(|(allow, kind, (major, minor), access)| Rule { allow, kind, major, minor, access })
}
