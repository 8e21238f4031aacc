//! The binary is linked statically, which needs libc.a. Many systems have that in a package of its own, and what the
//! linker says without it ("unable to find library -lc", far below) names none.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let has = |variable: &str, value: &str| {
        env::var(variable).is_ok_and(|list| list.split(',').any(|item| item == value))
    };
    if has("CARGO_CFG_TARGET_FEATURE", "crt-static") && has("CARGO_CFG_TARGET_ENV", "gnu") && lacks_libc() {
        println!("cargo::error=libc.a is missing: containerception is one static file");
        println!("cargo::error=Debian, Ubuntu: apt-get install libc6-dev");
        println!("cargo::error=Fedora, RHEL: dnf install glibc-static");
        println!("cargo::error=openSUSE: zypper install glibc-devel-static");
    }
}

/// gcc and clang answer with the bare name where they find no such file. Where they do not answer, the linker is left
/// to speak for itself.
fn lacks_libc() -> bool {
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let answer = Command::new(linker).arg("-print-file-name=libc.a").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"libc.a")
}
