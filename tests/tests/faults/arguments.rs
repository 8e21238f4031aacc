//! E2BIG: more arguments than the kernel takes.

use crate::{Scene, and_tell};
use end_to_end::{err, lacks, out};
use std::fs;
use std::process::Output;

/// The shell makes `$1` words of 100,000 bytes, and `$last` of `$2`.
const ARGUMENTS: &str = r#"
word=$(head -c 100000 /dev/zero | tr '\0' x); last=$(head -c $2 /dev/zero | tr '\0' x)
i=0; set -- $1; while [ $i -lt $1 ]; do set -- "$@" $word; i=$((i + 1)); done; shift
"#;

impl Scene {
    /// Runs sh with so many bytes of arguments in a container, with a stack of so many KiB; it says how many it got.
    fn with_arguments(&self, bytes: usize, stack: u32, options: &str) -> Output {
        let (words, last) = (bytes / 100_000, bytes % 100_000);
        let count = "sh -c 'IFS=; x=\"$*\"; echo ${#x}' sh \"$@\" $last";
        let script = format!("set -- {words} {last}\n{ARGUMENTS}\nrun {options} {count}");
        self.play("size=1m", &and_tell(&format!("ulimit -s {stack}\n{script}")))
    }
}

/// A quarter of the stack's limit is for arguments and environment, at most 6 MB (`execve(2)`).
#[test]
fn three_megabytes_of_arguments_arrive() {
    for scene in Scene::all("three-megabytes") {
        let output = scene.with_arguments(3_000_000, 16 << 10, "");
        assert_eq!((out(&output).trim(), err(&output).as_str()), ("3000000", ""), "{}", scene.somebody.kind);
    }
}

/// Where the environment inside is larger than the one outside, here by a long HOME, what the program itself could
/// be given can be too much for the command.
#[test]
fn what_fits_at_the_edge_works_and_one_byte_more_is_told() {
    if lacks("edge", &["busybox"]) {
        return;
    }
    for scene in Scene::all("edge") {
        let passwd = scene.somebody.rootfs("root").join("etc/passwd");
        fs::write(passwd, format!("root:x:0:0:root:/{}:/bin/sh\n", "home".repeat(500))).expect("a file");
        let (mut fits, mut too_many, mut refused) = (1_040_000, 1 << 20, None);
        while too_many - fits > 1 {
            let middle = usize::midpoint(fits, too_many);
            let output = scene.with_arguments(middle, 4 << 10, "--rootfs root -u root");
            if output.status.success() {
                assert_eq!(out(&output).trim(), middle.to_string());
                fits = middle;
            } else {
                (too_many, refused) = (middle, Some(output));
            }
        }
        let said = scene.assert_told(&refused.expect("not everything fits"), "CX6007");
        assert!(said.contains("pass the data in a file"), "{said}");
    }
}

/// MAX_ARG_STRLEN is 32 pages, and the terminating NUL counts.
#[test]
fn a_single_argument_is_at_most_128_kib() {
    for scene in Scene::all("single-argument") {
        let script = "x=$(head -c 131071 /dev/zero | tr '\\0' x); run sh -c 'echo ${#1}' sh $x";
        let output = scene.play("size=1m", script);
        assert_eq!((out(&output).trim(), err(&output).as_str()), ("131071", ""), "{}", scene.somebody.kind);
    }
}
