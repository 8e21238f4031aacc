//! Whatever the rules, the program answers as a plain reading of them does.

mod random_rules;

use cgroup::devices::NotHeld;
use cgroup::devices::program::{Instruction, compile};
use proptest::prelude::*;
use random_rules::{any_access, number, rules};
use spec::device::{Access, Kind, Rule, allowed, default_rules};

/// What the kernel asks: `struct bpf_cgroup_dev_ctx`.
fn question(kind: Kind, wanted: Access, major: u32, minor: u32) -> [u32; 3] {
    let kind = if kind == Kind::Block { 1 } else { 2 };
    let Access { make, read, write } = wanted;
    let wanted = u32::from(make) + u32::from(read) * 2 + u32::from(write) * 4;
    [wanted << 16 | kind, major, minor]
}

/// Runs the few instructions that there are, and says what is in register 0 at the end.
fn run(program: &[Instruction], question: [u32; 3]) -> u64 {
    let (mut registers, mut at) = ([None; 11], 0);
    loop {
        let Instruction { code, destination, source, offset, immediate } = program[at];
        at += 1;
        let of = |register: u8| -> u64 { registers[usize::from(register)].expect("it was set") };
        // An operation on 32 bits takes the lower halves and leaves zero in the upper one.
        let (this, other, constant) = (|| of(destination) as u32, || of(source) as u32, immediate as u32);
        let value = match code {
            0x95 => return of(0),
            0x55 => {
                let skipped = if of(destination) == i64::from(immediate) as u64 { 0 } else { offset };
                at += usize::try_from(skipped).expect("no loops");
                continue;
            }
            0x61 => {
                assert_eq!((source, offset % 4), (1, 0), "it reads nothing but the question");
                u64::from(question[usize::try_from(offset / 4).unwrap()])
            }
            0xb4 => constant.into(),
            0xbc => other().into(),
            0x54 => (this() & constant).into(),
            0x5c => (this() & other()).into(),
            0x4c => (this() | other()).into(),
            0xa4 => (this() ^ constant).into(),
            0x74 => (this() >> constant).into(),
            0x07 => of(destination).wrapping_add(i64::from(immediate) as u64),
            0x77 => of(destination) >> immediate,
            0x24 => this().wrapping_mul(constant).into(),
            unknown => panic!("{unknown:#x}"),
        };
        registers[usize::from(destination)] = Some(value);
    }
}

proptest! {
    #[test]
    fn a_program_answers_as_the_rules_do(
        rules in rules(0..20), major in number(), minor in number(), wanted in any_access(), block in any::<bool>(),
    ) {
        let kind = if block { Kind::Block } else { Kind::Character };
        let expected = allowed(&rules, kind, major, minor).contains(wanted);
        let answer = run(&compile(&rules).unwrap(), question(kind, wanted, major, minor));
        prop_assert_eq!(answer, u64::from(expected), "{:?}", rules);
    }
}

#[test]
fn a_default_container() {
    let program = compile(&default_rules()).unwrap();
    assert_eq!(program.len(), 129);
    let (read_write, make) = (Access { make: false, ..Access::ALL }, Access { make: true, ..Access::NONE });
    let ask = |kind, wanted, major, minor| run(&program, question(kind, wanted, major, minor));
    assert_eq!(ask(Kind::Character, read_write, 1, 3), 1);
    assert_eq!(ask(Kind::Character, make, 1, 3), 0);
    assert_eq!(ask(Kind::Character, Access::ALL, 1, 3), 0);
    assert_eq!(ask(Kind::Block, read_write, 1, 3), 0);
    assert_eq!(ask(Kind::Character, read_write, 1, 1), 0);
    assert_eq!(ask(Kind::Character, read_write, 136, 1_000_000), 1);
}

#[test]
fn rules_are_bounded() {
    let rule = Rule::parse("c 1:3 rwm").unwrap();
    let program = compile(&[rule; 256]).unwrap();
    assert!(program.len() <= 4096, "what kernels before 5.2 take");
    assert_eq!(compile(&[rule; 257]), Err(NotHeld::TooMany));
}
