//! Where a command comes from: from the container's own files, and not through a magic link.
//!
//! Until its first `execve(2)` the command's process still has the host's program, which it could name as
//! `/proc/self/exe`. An image whose `sh` is a link to that, or a script with that as its interpreter, would have the
//! host's program run inside, where root may open it for writing (R5, CVE-2019-5736).

use crate::rule;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat2};
use std::ffi::CStr;
use sys::{Errno, Result};

/// How deep the kernel follows interpreters of interpreters (`exec_binprm()` in its fs/exec.c).
const DEPTH: usize = 5;
/// How much of a script the kernel reads for the name of its interpreter (BINPRM_BUF_SIZE).
const HEAD: usize = 256;

/// Checks the path of a program and those of its interpreters.
///
/// # Errors
/// ELOOP if one is reached through a magic link. All else is for `execve(2)` to say.
pub(crate) fn verify(program: &CStr) -> Result<()> {
    if !rule::holds("origin") {
        return Ok(());
    }
    let mut head = [0; HEAD + 1];
    let mut found = read_head(program, &mut head)?;
    for _ in 0..DEPTH {
        let Some(name) = found.then(|| interpreter(&mut head)).flatten() else { return Ok(()) };
        let mut next = [0; HEAD + 1];
        found = read_head(name, &mut next)?;
        head = next;
    }
    Ok(())
}

/// Reads the first bytes of a program; whether there are any to read.
fn read_head(path: &CStr, head: &mut [u8; HEAD + 1]) -> Result<bool> {
    let regular = |fd: &OwnedFd| {
        fstat(fd).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
    };
    match open(path, OFlags::PATH) {
        Err(Errno::LOOP) => return Err(Errno::LOOP),
        Ok(fd) if regular(&fd) => {}
        _ => return Ok(false),
    }
    let file = open(path, OFlags::RDONLY | OFlags::NONBLOCK);
    Ok(file.and_then(|file| rustix::io::read(&file, &mut head[..HEAD])).is_ok_and(|length| length > 0))
}

fn open(path: &CStr, flags: OFlags) -> Result<OwnedFd> {
    openat2(CWD, path, flags | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::NO_MAGICLINKS)
}

/// The interpreter that a script names in its first line, terminated in place (execve(2), "Interpreter scripts").
fn interpreter(head: &mut [u8; HEAD + 1]) -> Option<&CStr> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let from = 2 + head.strip_prefix(b"#!")?.iter().position(|byte| !blank(byte))?;
    let length = head[from..].iter().position(|byte| blank(byte) || matches!(byte, b'\n' | 0))?;
    head[from + length] = 0;
    CStr::from_bytes_until_nul(&head[from..]).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(script: &[u8]) -> Option<String> {
        let mut head = [0; HEAD + 1];
        let length = script.len().min(HEAD);
        head[..length].copy_from_slice(&script[..length]);
        interpreter(&mut head).map(|name| name.to_string_lossy().into_owned())
    }

    #[test]
    fn interpreters_are_read_as_the_kernel_reads_them() {
        assert_eq!(named(b"#!/bin/sh\n").as_deref(), Some("/bin/sh"));
        assert_eq!(named(b"#! \t/bin/sh -e x\n").as_deref(), Some("/bin/sh"));
        assert_eq!(named(b"#!/bin/sh").as_deref(), Some("/bin/sh"));
        for none in [&b""[..], b"#", b"#!", b"#!\n", b"#!   ", b"\x7fELF", b" #!/bin/sh\n"] {
            assert_eq!(named(none), None, "{none:?}");
        }
        let long = [b"#!".as_slice(), &[b'x'; 300]].concat();
        assert_eq!(named(&long).map(|name| name.len()), Some(HEAD - 2));
    }

    #[test]
    fn the_own_program_is_refused_however_it_is_named() {
        assert_eq!(verify(c"/proc/self/exe"), Err(Errno::LOOP));
        assert_eq!(verify(c"/proc/thread-self/exe"), Err(Errno::LOOP));
        let script = std::env::temp_dir().join(format!("containerception-origin-{}", std::process::id()));
        std::fs::write(&script, "#! /proc/self/exe run\n").unwrap();
        let path = std::ffi::CString::new(script.to_str().unwrap()).unwrap();
        assert_eq!(verify(&path), Err(Errno::LOOP));
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        assert_eq!(verify(&path), Ok(()));
        std::fs::remove_file(&script).unwrap();
        assert_eq!(verify(&path), Ok(()), "a missing file is for execve to report");
        assert_eq!(verify(c"/dev/null"), Ok(()));
    }
}
