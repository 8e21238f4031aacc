//! Classic BPF and its assembly.
//!
//! Classic BPF jumps forward only. So a program is built from its end: every target is in place before the jump to
//! it, and its distance is known.

use std::collections::BTreeMap;
use std::mem::offset_of;

use libc::seccomp_data;

use crate::profile::Action;

/// One instruction, laid out as the kernel's `struct sock_filter`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What to do: `BPF_*` of linux/bpf_common.h.
    pub code: u16,
    /// For a conditional jump: how many instructions to skip when it holds.
    pub jt: u8,
    /// How many to skip when it does not.
    pub jf: u8,
    /// The operand: a constant, an offset into `struct seccomp_data`, a return value, a long jump's distance.
    pub k: u32,
}

/// Jumps if the loaded word is the operand.
pub(crate) const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
/// Jumps if the loaded word, unsigned, is the operand or more.
pub(crate) const GREATER_OR_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const JUMP: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// Where the call's number is in `struct seccomp_data`.
pub(crate) const NR: u32 = offset_of!(seccomp_data, nr) as u32;
/// Where its architecture is.
pub(crate) const ARCH: u32 = offset_of!(seccomp_data, arch) as u32;
/// Where the lower word of its first argument is; the others follow, 8 bytes each.
pub(crate) const LOWER: u32 = offset_of!(seccomp_data, args) as u32;
/// Where the upper word of its first argument is.
pub(crate) const UPPER: u32 = LOWER + 4;

/// How far a conditional jump goes: its offset has 8 bits, and one instruction may still be put in between.
const REACH: usize = 254;

/// Where an instruction is, counted from the program's end.
pub(crate) type Label = usize;

/// A program under construction, last instruction first. What is added runs just before what was added last.
#[derive(Default)]
pub(crate) struct Backwards {
    code: Vec<Instruction>,
    /// The nearest instruction that returns each value.
    returns: BTreeMap<u32, Label>,
}

impl Backwards {
    /// The program in the order in which it runs.
    pub(crate) fn finish(mut self) -> Vec<Instruction> {
        self.code.reverse();
        self.code
    }

    pub(crate) fn load(&mut self, offset: u32) -> Label {
        self.push(LOAD, offset)
    }

    pub(crate) fn and(&mut self, mask: u32) -> Label {
        self.push(AND, mask)
    }

    /// Shares the return instructions within reach: most leaves cost nothing.
    pub(crate) fn ret(&mut self, action: Action) -> Label {
        let value = action.code();
        match self.returns.get(&value) {
            Some(&label) if self.distance(label) <= REACH => label,
            _ => {
                let label = self.push(RETURN, value);
                self.returns.insert(value, label);
                label
            }
        }
    }

    /// A conditional jump, over a stepping stone (`BPF_JA`, 32 bits) where a target is too far.
    pub(crate) fn branch(&mut self, code: u16, k: u32, yes: Label, no: Label) -> Label {
        let yes = self.within_reach(yes);
        let no = self.within_reach(no);
        let (jt, jf) = (self.distance(yes) as u8, self.distance(no) as u8);
        self.add(Instruction { code, jt, jf, k })
    }

    fn within_reach(&mut self, target: Label) -> Label {
        match self.distance(target) {
            near if near <= REACH => target,
            far => self.push(JUMP, far as u32),
        }
    }

    /// How many instructions lie between `target` and the one added next.
    fn distance(&self, target: Label) -> usize {
        self.code.len() - 1 - target
    }

    fn push(&mut self, code: u16, k: u32) -> Label {
        self.add(Instruction { code, jt: 0, jf: 0, k })
    }

    fn add(&mut self, instruction: Instruction) -> Label {
        self.code.push(instruction);
        self.code.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a jump from `at` that skips as many instructions ends up, long jumps included.
    fn landing(code: &[Instruction], at: usize, skipped: usize) -> Instruction {
        let target = at + 1 + skipped;
        match code[target] {
            Instruction { code: JUMP, k, .. } => landing(code, target, k as usize),
            other => other,
        }
    }

    /// Around 255 the second target's stepping stone may push the first one out of reach.
    #[test]
    fn a_branch_reaches_both_its_targets_at_any_distance() {
        let distances = || (0..3).chain(250..260).chain([510, 511]);
        for (yes, no) in distances().flat_map(|yes| distances().map(move |no| (yes, no))) {
            let mut program = Backwards::default();
            let last = (0..512).map(|name| program.load(name)).max().unwrap_or_default();
            let branch = program.branch(EQUAL, 0, last - yes, last - no);
            let code = program.finish();
            let at = code.len() - 1 - branch;
            let Instruction { jt, jf, .. } = code[at];
            assert_eq!(landing(&code, at, jt.into()).k as usize, last - yes, "{yes} {no}");
            assert_eq!(landing(&code, at, jf.into()).k as usize, last - no, "{yes} {no}");
        }
    }
}
