//! Two judges that share nothing with the compiler: a BPF machine, and a plain reading of a profile.

use seccomp::{Action, Instruction, Profile};

/// The kernel's `struct seccomp_data`.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub nr: u32,
    pub arch: u32,
    pub args: [u64; 6],
}

impl Call {
    /// The 32-bit word at a byte offset of the struct, little-endian; None where the kernel would refuse the load.
    fn word(&self, offset: u32) -> Option<u32> {
        let ip = 0x0000_7fff_dead_beef_u64;
        let mut words = vec![self.nr, self.arch, ip as u32, (ip >> 32) as u32];
        words.extend(self.args.iter().flat_map(|&arg| [arg as u32, (arg >> 32) as u32]));
        offset.is_multiple_of(4).then(|| words.get(offset as usize / 4).copied()).flatten()
    }
}

/// Runs `program` as the kernel would, to the value it returns and the number of instructions executed.
///
/// # Panics
/// On an instruction that seccomp does not take, a load or a jump out of bounds, or an end without a return.
pub fn execute(program: &[Instruction], call: &Call) -> (u32, usize) {
    let (mut accumulator, mut at) = (0, 0);
    for steps in 1.. {
        let Instruction { code, jt, jf, k } = program[at];
        let skip = |holds| usize::from(if holds { jt } else { jf });
        at += 1 + match code {
            0x20 => {
                accumulator = call.word(k).expect("an aligned load from seccomp_data");
                0
            }
            0x54 => {
                accumulator &= k;
                0
            }
            0x05 => k as usize,
            0x15 => skip(accumulator == k),
            0x35 => skip(accumulator >= k),
            0x06 => return (k, steps),
            other => panic!("instruction {other:#x} at {at}"),
        };
    }
    unreachable!("jumps go forward only")
}

/// What the profile says of this call, rule by rule.
pub fn read(profile: &Profile, call: &Call) -> Action {
    if call.arch != profile.arch {
        return profile.foreign;
    }
    if call.nr >= 0x4000_0000 {
        return Action::Errno(38);
    }
    let Some(rule) = profile.rules.iter().find(|rule| rule.calls.contains(&call.nr.into())) else {
        return profile.default;
    };
    for case in rule.verdict.cases {
        if call.args[usize::from(case.test.argument)] & case.test.mask == case.test.value {
            return case.then;
        }
    }
    rule.verdict.otherwise
}
