//! From a system call profile to the classic BPF program that seccomp(2) takes.
//!
//! Pure: no system call, no file, no `unsafe`. [`DEFAULT`] says what a container may call, [`compile`]
//! turns any [`Profile`] into a program, and whoever starts the container hands that to the kernel:
//!
//! ```
//! let program = seccomp::compile(&seccomp::DEFAULT);
//! assert!(program.len() <= 200);
//! ```
//!
//! To see the program: `cargo run -p seccomp --example filter`. What is allowed and refused, and why:
//! `docs/seccomp.md`.

// Numbers, argument layout and byte order below are those of these two ABIs. Another one needs its own lists, so
// it must not compile by luck.
#[cfg(not(all(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_pointer_width = "64",
    target_endian = "little"
)))]
compile_error!("the seccomp profile is written for 64-bit x86_64 and aarch64, little-endian");

mod allowed;
mod compile;
mod default;
mod numbers;
mod profile;
mod program;

pub use compile::compile;
pub use default::{AUDIT_ARCH, DEFAULT, HOST_IDS};
pub use profile::{Action, Case, Profile, Rule, Test, Verdict};
pub use program::Instruction;
