//! R4: a descriptor of the host's is a door to it, however the path of that door is hidden.

use end_to_end::{Running, Somebody, err, out};
use std::process::Output;

/// A shell line outside, with `/` open in many places.
fn typed(somebody: &Somebody, line: &str) -> Output {
    let opened = "exec 3< / 4< / 5< / 7< / 8< / 9< /etc/passwd";
    Running::start(&mut somebody.shell(&format!("{opened}; {line}"))).finish()
}

/// CVE-2024-21626: a descriptor leaks into the container.
#[test]
fn what_the_caller_has_open_is_not_open_inside() {
    for somebody in Somebody::all("leaked") {
        for options in ["", "--no-init"] {
            let line = format!("containerception run {options} sh -c 'echo /proc/self/fd/*'");
            let output = typed(&somebody, &line);
            // 0 to 2, and the directory that the shell itself reads.
            assert_eq!(
                out(&output),
                "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n",
                "{}",
                somebody.kind
            );
            let output = typed(
                &somebody,
                &format!("containerception run {options} sh -c 'ls /proc/self/fd/3/etc || echo no'"),
            );
            assert_eq!(out(&output), "no\n", "{}: {}", somebody.kind, err(&output));
        }
    }
}

/// CVE-2024-21626: the working directory is one of the runtime's own descriptors, or one of its caller's.
#[test]
fn no_descriptor_is_a_working_directory() {
    for somebody in Somebody::all("fd-workdir") {
        for number in 0..24 {
            for path in [
                format!("/proc/self/fd/{number}"),
                format!("/proc/1/fd/{number}"),
                format!("/dev/fd/{number}"),
            ] {
                let output = typed(&somebody, &format!("containerception run -w {path} pwd < /"));
                let said = err(&output);
                assert!(
                    said.starts_with("error[CX6006]: "),
                    "{}: {path}: {said}{}",
                    somebody.kind,
                    out(&output)
                );
                assert_eq!(
                    (output.status.code(), out(&output).as_str()),
                    (Some(125), ""),
                    "{}: {path}",
                    somebody.kind
                );
            }
        }
        for path in ["/proc/1/root", "/proc/1/cwd", "/proc/self/task/1/root"] {
            let output = typed(&somebody, &format!("containerception run -w {path} pwd"));
            assert_eq!(
                (output.status.code(), out(&output).as_str()),
                (Some(125), ""),
                "{}: {path}",
                somebody.kind
            );
        }
    }
}

/// The command begins in the container's root, not in the caller's directory.
#[test]
fn the_callers_directory_is_left() {
    for somebody in Somebody::all("cwd") {
        let line = "cd /etc && containerception run sh -c 'pwd; readlink /proc/self/cwd /proc/1/cwd; cat shadow passwd 2> /dev/null'";
        assert_eq!(out(&typed(&somebody, line)), "/\n/\n", "{}", somebody.kind);
    }
}
