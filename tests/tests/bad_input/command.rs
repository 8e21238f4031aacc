//! The command is not there, or cannot be executed: 127 and 126, as shells have it.

use crate::{refused, text, works};
use end_to_end::{Somebody, lacks, out};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A root filesystem with a file of this content and mode in `/bin`.
fn with_program(somebody: &Somebody, name: &str, content: &[u8], mode: u32) -> PathBuf {
    let root = somebody.rootfs("root");
    let path = root.join("bin").join(name);
    fs::write(&path, content).expect("a file");
    fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("a mode");
    somebody.give(&path);
    root
}

/// The first 64 bytes of a program for `machine` (elf(5)).
fn program_for(machine: u16) -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(64, 0);
    header[16] = 2; // an executable
    header[18..20].copy_from_slice(&machine.to_le_bytes());
    header[20] = 1;
    header
}

#[test]
fn a_command_that_is_not_there() {
    for somebody in Somebody::all("not-found") {
        for command in ["frobnicate", "/frobnicate", "/bin/frobnicate", "./frobnicate", "/bin/sh/x", ""] {
            refused(&somebody, &[command], 127, "CX6001");
        }
        refused(&somebody, &["-e", "PATH=/nowhere", "true"], 127, "CX6001");
        works(&somebody, &["-e", "PATH=/nowhere:/bin", "true"]);
        // The host's files are not the container's.
        let script = somebody.home().join("script");
        fs::write(&script, "#!/bin/sh\n").expect("a file");
        refused(&somebody, &[text(&script)], 127, "CX6001");
    }
}

#[test]
fn a_command_that_is_not_there_because_another_was_meant() {
    for somebody in Somebody::all("not-meant") {
        for (command, instead) in [
            ("ls | wc -l", "sh -c 'ls | wc -l'"),
            ("echo 'a' | wc", "sh -c 'echo"),
            ("./build.sh", "-v \"$PWD:/work\" -w /work"),
        ] {
            let said = refused(&somebody, &[command], 127, "CX6001");
            assert!(said.contains(instead), "{command}: {said}");
        }
    }
}

#[test]
fn a_command_that_the_given_root_filesystem_lacks() {
    if lacks("rootfs-lacks", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("rootfs-lacks") {
        let root = somebody.rootfs("root");
        refused(&somebody, &["--rootfs", text(&root), "frobnicate"], 127, "CX6001");
        refused(&somebody, &["--rootfs", text(&root), "--ephemeral", "/usr/bin/env"], 127, "CX6001");
        let empty = somebody.home().join("empty");
        fs::create_dir_all(empty.join("bin")).expect("a directory");
        somebody.give(&empty);
        refused(&somebody, &["--rootfs", text(&empty), "sh"], 127, "CX6001");
        works(&somebody, &["--rootfs", text(&root), "true"]);
    }
}

#[test]
fn a_file_that_may_not_be_executed() {
    if lacks("not-executable", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("not-executable") {
        refused(&somebody, &["/etc"], 126, "CX6002");
        refused(&somebody, &["/etc/passwd"], 126, "CX6002");
        let root = with_program(&somebody, "script", b"#!/bin/sh\n", 0o644);
        let run = ["--rootfs", text(&root), "script"];
        let said = refused(&somebody, &run, 126, "CX6002");
        assert!(said.contains("chmod +x"), "{said}");
        works(&somebody, &["--rootfs", text(&root), "chmod", "+x", "/bin/script"]);
        works(&somebody, &run);
    }
}

#[test]
fn a_file_without_a_format() {
    if lacks("no-format", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("no-format") {
        let root = with_program(&somebody, "lines", b"exit 0\n", 0o755);
        let said = refused(&somebody, &["--rootfs", text(&root), "lines"], 126, "CX6002");
        assert!(said.contains("sh /bin/lines"), "{said}");
        works(&somebody, &["--rootfs", text(&root), "sh", "/bin/lines"]);
        for content in [&b""[..], b"#!", b"#!\n", b"\0\0\0\0"] {
            fs::write(root.join("bin/lines"), content).expect("a file");
            refused(&somebody, &["--rootfs", text(&root), "lines"], 126, "CX6002");
        }
    }
}

#[test]
fn a_program_for_another_machine() {
    if lacks("wrong-machine", &["busybox"]) {
        return;
    }
    let foreign: u16 = if cfg!(target_arch = "x86_64") { 183 } else { 62 };
    for somebody in Somebody::all("wrong-machine") {
        let root = with_program(&somebody, "program", &program_for(foreign), 0o755);
        let said = refused(&somebody, &["--rootfs", text(&root), "program"], 126, "CX6003");
        assert!(said.contains(&format!("ELF machine {foreign}")), "{said}");
        for cut in [4, 17, 19, 63] {
            fs::write(root.join("bin/program"), &program_for(foreign)[..cut]).expect("a file");
            refused(&somebody, &["--rootfs", text(&root), "program"], 126, "CX6003");
        }
    }
}

#[test]
fn a_script_whose_interpreter_is_missing() {
    if lacks("no-interpreter", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("no-interpreter") {
        let root = with_program(&somebody, "script", b"#! /bin/frobnicate -e\nexit 0\n", 0o755);
        let said = refused(&somebody, &["--rootfs", text(&root), "script"], 126, "CX6004");
        assert!(said.contains("needs /bin/frobnicate,"), "{said}");
        symlink("busybox", root.join("bin/frobnicate")).expect("a link");
        // Now it is there, and knows no applet of that name: the status is its own.
        let output = somebody.run(&["--rootfs", text(&root), "script"]);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(127), ""), "{}", somebody.kind);
        fs::write(root.join("bin/script"), "#!/bin/sh\nexit 0\n").expect("a file");
        works(&somebody, &["--rootfs", text(&root), "script"]);
    }
}

/// A program of the host in a root filesystem without libraries.
#[test]
fn a_program_whose_loader_is_missing() {
    if lacks("no-loader", &["busybox", "true"]) {
        return;
    }
    let program = Path::new("/bin/true");
    if testbed::tools::is_static(program) {
        return end_to_end::skip("no-loader", "/bin/true needs no loader here");
    }
    let content = fs::read(program).expect("a program");
    for somebody in Somebody::all("no-loader") {
        let root = with_program(&somebody, "dynamic", &content, 0o755);
        let said = refused(&somebody, &["--rootfs", text(&root), "dynamic"], 126, "CX6004");
        assert!(said.contains("/ld-"), "{said}");
        works(&somebody, &["true"]);
    }
}

#[test]
fn a_script_with_windows_line_ends() {
    if lacks("crlf", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("crlf") {
        let root = with_program(&somebody, "script", b"#!/bin/sh\r\nexit 0\r\n", 0o755);
        let said = refused(&somebody, &["--rootfs", text(&root), "script"], 126, "CX6005");
        assert!(said.contains(r"sed -i 's/\r$//' /bin/script"), "{said}");
        works(&somebody, &["--rootfs", text(&root), "sed", "-i", r"s/\r$//", "/bin/script"]);
        works(&somebody, &["--rootfs", text(&root), "script"]);
    }
}
