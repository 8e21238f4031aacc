//! Rules as a program of eBPF for v2, of the type `BPF_PROG_TYPE_CGROUP_DEVICE` (Linux 4.15).
//!
//! The kernel asks it with the kind and the numbers of a device and with what is wanted of it, all at once: opening for
//! reading and writing is one question. It goes through the rules in order as [`spec::device::allowed`] does, keeping what
//! is allowed so far in one register, and then sees whether anything is wanted that is not allowed. There is no shorter
//! way out; a default container's rules are 46 instructions, which take less time than the call that asks.

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

// Operations on 32 bits, which leave the upper half of a register zero; comparing 32 bits is new in Linux 5.1.
const LOAD: u8 = 0x61;
const SET: u8 = 0xb4;
const COPY: u8 = 0xbc;
const AND: u8 = 0x54;
const AND_SOURCE: u8 = 0x5c;
const OR: u8 = 0x44;
const XOR: u8 = 0xa4;
const SHIFT_DOWN: u8 = 0x74;
const IF_EQUAL: u8 = 0x16;
const UNLESS_EQUAL: u8 = 0x56;
const EXIT: u8 = 0x95;

// Registers. The first is what the program returns; the kernel passes the question in the second, as the address of a
// `struct bpf_cgroup_dev_ctx`.
const ALLOWED: u8 = 0;
const QUESTION: u8 = 1;
const KIND: u8 = 2;
const WANTED: u8 = 3;
const MAJOR: u8 = 4;
const MINOR: u8 = 5;

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
        Instruction { source: KIND, ..with(COPY, WANTED, 0) },
        with(SHIFT_DOWN, WANTED, 16),
        with(AND, KIND, 0xffff),
        load(MAJOR, AT_MAJOR),
        load(MINOR, AT_MINOR),
        with(SET, ALLOWED, 0),
    ];
    rules.iter().for_each(|rule| program.extend(one(rule)));
    program.extend(answer());
    Ok(program)
}

/// One rule: steps over its last instruction unless all that it asks for is so.
fn one(rule: &Rule) -> Vec<Instruction> {
    let kind = match rule.kind {
        Kind::All => None,
        Kind::Character => Some(CHARACTER),
        Kind::Block => Some(BLOCK),
    };
    let asked = [(KIND, kind), (MAJOR, rule.major), (MINOR, rule.minor)];
    let mut code: Vec<Instruction> = asked
        .iter()
        .filter_map(|(register, value)| value.map(|value| with(UNLESS_EQUAL, *register, value)))
        .collect();
    code.push(match rule.allow {
        true => with(OR, ALLOWED, bits(rule.access)),
        false => with(AND, ALLOWED, !bits(rule.access)),
    });
    let last = code.len() - 1;
    for (at, jump) in code[..last].iter_mut().enumerate() {
        // At most 3.
        jump.offset = (last - at) as i16;
    }
    code
}

/// The kernel's bits: `BPF_DEVCG_ACC_MKNOD`, `_READ` and `_WRITE`.
fn bits(access: Access) -> u32 {
    u32::from(access.make) | u32::from(access.read) << 1 | u32::from(access.write) << 2
}

/// 1 if nothing is wanted that is not allowed, else 0.
fn answer() -> [Instruction; 7] {
    [
        with(XOR, ALLOWED, bits(Access::ALL)),
        Instruction { source: WANTED, ..with(AND_SOURCE, ALLOWED, 0) },
        Instruction { offset: 2, ..with(IF_EQUAL, ALLOWED, 0) },
        with(SET, ALLOWED, 0),
        with(EXIT, 0, 0),
        with(SET, ALLOWED, 1),
        with(EXIT, 0, 0),
    ]
}

fn load(destination: u8, offset: i16) -> Instruction {
    Instruction { code: LOAD, destination, source: QUESTION, offset, immediate: 0 }
}

/// An operation with a constant, taken for 32 bits without a sign.
fn with(code: u8, destination: u8, constant: u32) -> Instruction {
    Instruction { code, destination, source: 0, offset: 0, immediate: constant as i32 }
}
