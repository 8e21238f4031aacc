//! Reading ELF files: those of this machine, and those that lie.

use super::{Elf, Scratch};
use crate::init::elf as subject;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

fn read(scratch: &Scratch, bytes: &[u8]) -> io::Result<Option<subject::Elf>> {
    subject::Elf::read(&File::open(scratch.file("subject", bytes)).unwrap())
}

fn made() -> Vec<u8> {
    let needed = ["liba.so.1", "libb.so"];
    let elf = Elf {
        interpreter: Some("/lib/ld.so"),
        needed: &needed,
        rpath: Some("/r"),
        runpath: Some("/a:/b"),
        e_machine: 62,
    };
    elf.bytes()
}

#[test]
fn everything_that_was_written_is_read() {
    let found = read(&Scratch::new("elf"), &made()).unwrap().unwrap();
    assert_eq!(found.interpreter, Some(PathBuf::from("/lib/ld.so")));
    assert_eq!(found.needed, ["liba.so.1", "libb.so"]);
    assert_eq!(found.rpath.unwrap(), "/r");
    assert_eq!(found.runpath.unwrap(), "/a:/b");
}

#[test]
fn the_shell_of_this_machine() {
    let file = File::open("/bin/sh").unwrap();
    let found = subject::Elf::read(&file).unwrap().unwrap();
    let other =
        read(&Scratch::new("machine"), &Elf { e_machine: 8, ..Elf::default() }.bytes()).unwrap().unwrap();
    assert_ne!(found.machine, other.machine, "nobody runs these tests on MIPS in little-endian 64 bits");
    if let Some(interpreter) = found.interpreter {
        assert!(interpreter.exists(), "{}", interpreter.display());
    }
}

#[test]
fn what_is_not_elf_is_none() {
    let scratch = Scratch::new("other");
    for bytes in [&b""[..], b"\x7f", b"\x7fEL", b"#!/bin/sh\n", &[0; 4096]] {
        assert_eq!(read(&scratch, bytes).unwrap(), None);
    }
}

#[test]
fn a_file_that_was_cut_off_is_an_error() {
    let scratch = Scratch::new("cut");
    let whole = made();
    for length in 4..whole.len() {
        assert!(read(&scratch, &whole[..length]).is_err(), "after {length} bytes");
    }
}

/// Puts `value` into eight bytes of a good file, and expects it to be refused.
fn refuse(scratch: &Scratch, at: usize, value: u64, what: &str) {
    let mut bytes = made();
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    assert!(read(scratch, &bytes).is_err(), "{what}");
}

#[test]
fn lies_are_errors_and_cost_no_memory() {
    let scratch = Scratch::new("lies");
    let segment = |number: usize| 64 + number * 56;
    refuse(&scratch, 32, u64::MAX, "program headers beyond all files");
    refuse(&scratch, segment(1) + 8, u64::MAX - 7, "a dynamic section beyond all files");
    refuse(&scratch, segment(1) + 32, u64::MAX, "a dynamic section of all memory");
    refuse(&scratch, segment(2) + 8, u64::MAX, "an interpreter beyond all files");
    refuse(&scratch, segment(2) + 32, 1, "an interpreter without an end");
    refuse(&scratch, segment(0) + 16, 1 << 40, "strings in no segment");
    let dynamic = made().len() - 7 * 16;
    refuse(&scratch, dynamic + 8, u64::MAX, "a name outside of the strings");
    refuse(&scratch, dynamic + 5 * 16 + 8, 1, "strings shorter than the names");
}

/// Any single byte, changed to any of a few values: an answer or an error, but an answer.
#[test]
fn no_byte_makes_it_panic() {
    let scratch = Scratch::new("bytes");
    let whole = made();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            if let Ok(Some(elf)) = read(&scratch, &bytes) {
                assert!(elf.needed.len() <= 8);
            }
        }
    }
}

#[test]
fn all_programs_of_this_machine_are_readable() {
    let is_file = |path: &PathBuf| path.metadata().is_ok_and(|metadata| metadata.is_file());
    let programs = fs::read_dir("/usr/bin").unwrap().flatten().map(|entry| entry.path()).filter(is_file);
    let mut count = 0;
    for program in programs.filter(|path| File::open(path).is_ok()) {
        let found = subject::Elf::read(&File::open(&program).unwrap());
        assert!(found.is_ok(), "{}: {:?}", program.display(), found.err());
        count += usize::from(found.is_ok_and(|found| found.is_some()));
    }
    assert!(count > 50, "only {count} programs");
}
