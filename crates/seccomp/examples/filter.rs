//! Prints the default filter as the kernel gets it, its size, and how long it takes to compile.

use std::time::Instant;

use seccomp::{DEFAULT, Instruction, compile};

fn main() {
    let start = Instant::now();
    let program = compile(&DEFAULT);
    let time = start.elapsed();
    for (at, instruction) in program.iter().enumerate() {
        println!("{at:4}  {}", describe(at, instruction));
    }
    println!("{} instructions, compiled in {time:?}", program.len());
}

/// In the words of the kernel's bpf_asm, with absolute targets.
fn describe(at: usize, &Instruction { code, jt, jf, k }: &Instruction) -> String {
    let target = |skipped: usize| at + 1 + skipped;
    let (yes, no) = (target(jt.into()), target(jf.into()));
    match code {
        0x20 => format!("ld [{k}]"),
        0x54 => format!("and #{k:#x}"),
        0x05 => format!("jmp {}", target(k as usize)),
        0x15 => format!("jeq #{k:#x}, {yes}, {no}"),
        0x35 => format!("jge #{k}, {yes}, {no}"),
        _ => format!("ret #{k:#x}"),
    }
}
