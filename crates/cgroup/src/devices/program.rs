//! Rules as a program of eBPF for v2, of the type `BPF_PROG_TYPE_CGROUP_DEVICE` (Linux 4.15).
//!
//! The kernel asks it with the kind and the numbers of a device and with what is wanted of it, all at once: opening for
//! reading and writing is one question. It goes through the rules in order as [`spec::device::allowed`] does, keeping what
//! is allowed so far in one register, and then sees whether anything is wanted that is not allowed.
//!
//! A rule is no branch but arithmetic. The kernel's verifier follows each way through a program: with a branch for each
//! number of a rule, 256 rules took it 0.1 s, or were refused for their many ways (E2BIG). Straight on there is one. For
//! the same reason a match is 1 and not -1: of a number that is 0 or -1 some kernels follow both (Linux 6.18).

use spec::device::{Access, Kind, Rule};

use super::{MAX_RULES, NotHeld};

/// One instruction, `struct bpf_insn` of `linux/bpf.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u8,
    /// The register that is written, or compared: 0 to 10.
    pub destination: u8,
    /// The register that is read.
    pub source: u8,
    /// How many instructions a jump skips, or where in memory a load reads.
    pub offset: i16,
    /// A constant.
    pub immediate: i32,
}

// Operations on 32 bits, which leave the upper half of a register zero.
const LOAD: u8 = 0x61;
const SET: u8 = 0xb4;
const COPY: u8 = 0xbc;
const AND: u8 = 0x54;
const AND_SOURCE: u8 = 0x5c;
const OR_SOURCE: u8 = 0x4c;
const XOR: u8 = 0xa4;
const SHIFT_DOWN: u8 = 0x74;
const TIMES: u8 = 0x24;
// On 64 bits.
const LONG_ADD: u8 = 0x07;
const LONG_SHIFT_DOWN: u8 = 0x77;
const UNLESS_ZERO: u8 = 0x55;
const EXIT: u8 = 0x95;

// Registers. The first is what the program returns; the kernel passes the question in the second, as the address of a
// `struct bpf_cgroup_dev_ctx`.
const ALLOWED: u8 = 0;
const QUESTION: u8 = 1;
const KIND: u8 = 2;
const WANTED: u8 = 3;
const MAJOR: u8 = 4;
const MINOR: u8 = 5;
const MATCH: u8 = 6;
const OTHER: u8 = 7;

// Where in a question what is: the kind in the lower half of a word, what is wanted in its upper one; then the numbers.
const AT_KIND_AND_WANTED: i16 = 0;
const AT_MAJOR: i16 = 4;
const AT_MINOR: i16 = 8;

// `BPF_DEVCG_DEV_BLOCK` and `BPF_DEVCG_DEV_CHAR`.
const BLOCK: u32 = 1;
const CHARACTER: u32 = 2;

/// The program that allows what `rules` allow.
///
/// # Errors
/// [`NotHeld::TooMany`].
pub fn compile(rules: &[Rule]) -> Result<Vec<Instruction>, NotHeld> {
    if rules.len() > MAX_RULES {
        return Err(NotHeld::TooMany);
    }
    let mut program = vec![
        load(KIND, AT_KIND_AND_WANTED),
        from(COPY, WANTED, KIND),
        with(SHIFT_DOWN, WANTED, 16),
        with(AND, KIND, 0xffff),
        load(MAJOR, AT_MAJOR),
        load(MINOR, AT_MINOR),
        with(SET, ALLOWED, 0),
    ];
    rules.iter().for_each(|rule| one(rule, &mut program));
    program.extend(answer());
    Ok(program)
}

/// One rule: its bits in `MATCH` if it matches, else none; and then into `ALLOWED`, or out of it.
fn one(rule: &Rule, program: &mut Vec<Instruction>) {
    compare(rule, program);
    program.push(with(TIMES, MATCH, bits(rule.access)));
    if rule.allow {
        program.push(from(OR_SOURCE, ALLOWED, MATCH));
    } else {
        program.extend([with(XOR, MATCH, bits(Access::ALL)), from(AND_SOURCE, ALLOWED, MATCH)]);
    }
}

/// 1 in `MATCH` if all that the rule names is so, else 0. All that differs is put together there; one less is negative only
/// if that is nothing, and the sign is what is kept.
fn compare(rule: &Rule, program: &mut Vec<Instruction>) {
    let kind = match rule.kind {
        Kind::All => None,
        Kind::Character => Some(CHARACTER),
        Kind::Block => Some(BLOCK),
    };
    program.push(with(SET, MATCH, 0));
    for (register, value) in [(KIND, kind), (MAJOR, rule.major), (MINOR, rule.minor)] {
        let Some(value) = value else { continue };
        program.extend([from(COPY, OTHER, register), with(XOR, OTHER, value), from(OR_SOURCE, MATCH, OTHER)]);
    }
    program.extend([with(LONG_ADD, MATCH, u32::MAX), with(LONG_SHIFT_DOWN, MATCH, 63)]);
}

/// The kernel's bits: `BPF_DEVCG_ACC_MKNOD`, `_READ` and `_WRITE`.
fn bits(access: Access) -> u32 {
    u32::from(access.make) | u32::from(access.read) << 1 | u32::from(access.write) << 2
}

/// 1 if nothing is wanted that is not allowed, else 0.
fn answer() -> [Instruction; 7] {
    [
        with(XOR, ALLOWED, bits(Access::ALL)),
        from(AND_SOURCE, ALLOWED, WANTED),
        Instruction { offset: 2, ..with(UNLESS_ZERO, ALLOWED, 0) },
        with(SET, ALLOWED, 1),
        with(EXIT, 0, 0),
        with(SET, ALLOWED, 0),
        with(EXIT, 0, 0),
    ]
}

fn load(destination: u8, offset: i16) -> Instruction {
    Instruction { offset, ..from(LOAD, destination, QUESTION) }
}

/// An operation with another register.
fn from(code: u8, destination: u8, source: u8) -> Instruction {
    Instruction { code, destination, source, offset: 0, immediate: 0 }
}

/// An operation with a constant, whose bits the kernel takes for a number with a sign where it needs 64.
fn with(code: u8, destination: u8, constant: u32) -> Instruction {
    Instruction { code, destination, source: 0, offset: 0, immediate: constant as i32 }
}
