//! Between clone and exec nothing is allocated, neither by the container's init nor by what becomes the command, and
//! nothing by init as long as it lives.
//!
//! Real containers are started under an allocator that ends every other process that uses it. Whoever clones must be
//! single-threaded, so this test has a main of its own, in place of libtest's. Each case runs in a process of its own,
//! some of them as other users.

mod case;
mod harness;
mod wish;

use case::{CASES, PERFORM};
use std::process::ExitCode;
use sys::guard::Guard;

#[global_allocator]
static GUARD: Guard = Guard::new();

fn main() -> ExitCode {
    match std::env::var_os(PERFORM) {
        Some(name) => CASES.iter().find(|case| name == case.name).expect("a case").perform(&GUARD),
        None => harness::main(CASES),
    }
}
