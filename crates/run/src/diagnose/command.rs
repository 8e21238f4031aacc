//! Why a command could not be executed, told from the errno and the first bytes of its file.

use super::{Case, about_command, cause, general, image, place};
use spec::catalogue::{
    ARGUMENTS_TOO_LONG, COMMAND_NOT_EXECUTABLE, COMMAND_NOT_FOUND, INTERPRETER_MISSING, SCRIPT_CRLF,
    WRONG_ARCHITECTURE,
};
use spec::error::{Error, NOT_EXECUTABLE};
use std::ffi::CString;

/// `e_machine` of this machine's programs (elf(5)).
#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = 62;
/// `e_machine` of this machine's programs (elf(5)).
#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = 183;

pub(super) fn diagnose(case: &Case<'_>, candidates: &[CString], arguments: &[CString]) -> Error {
    let command = arguments.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let path = candidates
        .get(case.failure.item)
        .map_or_else(|| command.clone(), |path| path.to_string_lossy().into_owned());
    let error = match case.failure.errno {
        libc::ENOENT | libc::ENOTDIR if image::is_name(&command) => image::error(&command, arguments.get(1..).unwrap_or_default()),
        libc::ENOENT | libc::ENOTDIR => not_found(&command),
        libc::ELIBACC => interpreter(&path, &case.head),
        libc::ENOEXEC => format(&path, &case.head),
        libc::EACCES => not_executable(&path, &case.head),
        libc::ELOOP => about_command(COMMAND_NOT_EXECUTABLE, format!("{path} cannot be executed"))
            .why("its links form a loop, or it or its interpreter is a link of /proc to an open file, which may lie outside the container")
            .fix("give the path of the program itself"),
        libc::E2BIG => about_command(ARGUMENTS_TOO_LONG, "the argument list is too long".to_owned())
            .why("arguments and environment together may have a quarter of the stack limit, a single one 128 KiB (execve(2))")
            .fix("pass the data in a file or through stdin"),
        errno => general(errno).map(|error| error.status(NOT_EXECUTABLE)).unwrap_or_else(|| {
            about_command(COMMAND_NOT_EXECUTABLE, format!("{path} cannot be executed"))
                .why(cause(errno))
                .fix(format!("ls -l {path} and file {path} inside show what it is"))
        }),
    };
    error.step(place(case))
}

fn not_found(command: &str) -> Error {
    let error = about_command(COMMAND_NOT_FOUND, format!("{command}: command not found in the container"));
    if command.contains(|c: char| c.is_whitespace() || "|&;<>$*".contains(c)) {
        error
            .why("the first word is the name of a program; no shell reads it")
            .fix(format!("a line for a shell is run as: sh -c '{}'", command.replace('\'', "'\\''")))
    } else if command.starts_with("./") || command.starts_with("../") {
        error
            .why("the path starts where the command starts, and that is a directory of the container")
            .fix("to have this directory there: -v \"$PWD:/work\" -w /work")
    } else if command.contains('/') {
        error.why("the container has no such file").fix("check the path as it is inside the container")
    } else {
        error
            .why("no directory of the container's PATH has it")
            .fix("check the name; -e PATH=… changes where it is looked for")
    }
}

fn not_executable(path: &str, head: &[u8]) -> Error {
    let error = about_command(COMMAND_NOT_EXECUTABLE, format!("{path} is not executable"));
    let why = "a directory, lacks the x permission for this user, or lies on a file system mounted noexec";
    match shebang(head) {
        Some(name) => error
            .why(format!("it or its interpreter {name} is {why}"))
            .fix(format!("ls -ld {path} {name} inside shows which; chmod +x it")),
        None => error
            .why(format!("it is {why}"))
            .fix(format!("ls -ld {path} inside shows what it is; chmod +x a file")),
    }
}

/// The file is there, and what it needs to run is not.
fn interpreter(path: &str, head: &[u8]) -> Error {
    let Some(line) = shebang(head) else {
        let loader = elf_interpreter(head).unwrap_or_else(|| "its dynamic loader".to_owned());
        return about_command(
            INTERPRETER_MISSING,
            format!("{path} needs {loader}, which the container does not have"),
        )
        .why("the program was built for another C library or distribution")
        .fix("use a root filesystem that has it, or a statically linked program");
    };
    if line.ends_with('\r') {
        return about_command(SCRIPT_CRLF, format!("the script {path} has Windows line ends"))
            .why(format!("its first line names {line:?}, with a carriage return, as interpreter"))
            .fix(format!("remove them: sed -i 's/\\r$//' {path}"));
    }
    about_command(
        INTERPRETER_MISSING,
        format!("the script {path} needs {line}, which the container does not have"),
    )
    .fix("use a root filesystem that has it, or change the first line of the script")
}

/// The kernel does not know the format.
fn format(path: &str, head: &[u8]) -> Error {
    if head.starts_with(b"\x7fELF") {
        let machine = head.get(18..20).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes);
        let why = match machine {
            Some(MACHINE) => "its header is damaged, or it is not a program".to_owned(),
            Some(number) => {
                format!("it is for another kind of machine (ELF machine {number}, here {MACHINE})")
            }
            None => "it is cut off".to_owned(),
        };
        return about_command(WRONG_ARCHITECTURE, format!("{path} is not a program for this machine"))
            .why(why)
            .fix("use one that was built for this machine; file shows what it is");
    }
    if shebang(head).is_some_and(|name| !name.is_empty()) {
        return interpreter(path, head);
    }
    about_command(COMMAND_NOT_EXECUTABLE, format!("{path} has no format that the kernel can execute"))
        .why(if head.is_empty() {
            "it is empty"
        } else {
            "it is neither a program nor a script that starts with #! and an interpreter"
        })
        .fix(format!("if it is a shell script, run it with: sh {path}"))
}

/// The interpreter that a script names (execve(2), "Interpreter scripts").
fn shebang(head: &[u8]) -> Option<String> {
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let line = line.trim_matches([' ', '\t']);
    Some(line.split([' ', '\t']).next().unwrap_or_default().to_owned())
}

/// The loader that a program names (PT_INTERP), if that lies in its first bytes.
fn elf_interpreter(head: &[u8]) -> Option<String> {
    let number = |at: usize, size: usize| {
        let bytes = head.get(at..at.checked_add(size)?)?;
        Some(bytes.iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte)))
    };
    (0..number(56, 2)?).find_map(|index| {
        let header = number(32, 8)?.checked_add(index.checked_mul(56)?)?;
        if number(header, 4)? != 3 {
            return None;
        }
        let (offset, size) = (number(header + 8, 8)?, number(header + 32, 8)?);
        let text = head.get(offset..offset.checked_add(size)?)?;
        Some(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts() {
        assert_eq!(shebang(b"#! /bin/sh -e\nls\n").as_deref(), Some("/bin/sh"));
        assert_eq!(interpreter("/x", b"#!/bin/sh\r\nls\r\n").code, SCRIPT_CRLF);
        assert_eq!(interpreter("/x", b"#!/no/such\n").code, INTERPRETER_MISSING);
        assert_eq!(format("/x", b"ls\n").code, COMMAND_NOT_EXECUTABLE);
    }

    #[test]
    fn damaged_programs_do_not_panic() {
        let program = std::fs::read("/proc/self/exe").unwrap();
        for length in 0..1024.min(program.len()) {
            let _ = elf_interpreter(&program[..length]);
            let _ = format("/x", &program[..length]);
        }
        let mut hostile = b"\x7fELF".to_vec();
        hostile.resize(64, 0xff);
        assert_eq!(elf_interpreter(&hostile), None);
        assert_eq!(format("/x", &hostile).code, WRONG_ARCHITECTURE);
    }
}
