//! R5: PID 1 is a copy of the host's program; nothing inside can reach it, or have it run.

use crate::{all_refused, inside, text, told, tool};
use end_to_end::{Kind, Somebody, err, lacks, out};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

/// CVE-2019-5736: root inside opens the runtime's program through `/proc/PID/exe`, and writes to it.
#[test]
fn nothing_of_pid_1_can_be_opened() {
    let files =
        ["environ", "maps", "mem", "auxv", "stack", "syscall", "io", "pagemap", "smaps", "clear_refs"];
    let links = ["exe", "root", "cwd", "ns/mnt", "ns/user", "ns/net"];
    let mut attacks: Vec<String> = files.iter().map(|file| format!("head -c 1 /proc/1/{file}")).collect();
    attacks.extend(links.iter().map(|link| format!("readlink /proc/1/{link}")));
    attacks.extend(
        ["fd", "fdinfo", "map_files", "task/1/fd", "root/"].map(|name| format!("ls /proc/1/{name}/")),
    );
    attacks.extend(["exe", "task/1/exe", "mem"].map(|name| format!(": >> /proc/1/{name}")));
    attacks.extend(["cp /proc/1/exe /tmp/stolen".to_owned(), "nsenter -t 1 -m true".to_owned()]);
    attacks.extend(["echo 1000 > /proc/1/oom_score_adj".to_owned(), "echo x > /proc/1/comm".to_owned()]);
    let attacks: Vec<&str> = attacks.iter().map(String::as_str).collect();
    for somebody in Somebody::all("pid-1") {
        all_refused(&somebody, &[], &attacks);
        all_refused(&somebody, &["--cap-add", "SYS_PTRACE"], &attacks);
        if somebody.kind != Kind::Single {
            all_refused(&somebody, &["-u", "1000"], &attacks);
        }
    }
}

/// CVE-2016-9962 in kind: a process of the runtime is traced, and its descriptors are taken.
#[test]
fn pid_1_cannot_be_traced() {
    for somebody in Somebody::all("trace-1") {
        let Some(tool) = tool(&somebody, "trace-1") else { return };
        for options in [
            &[][..],
            &["--cap-add", "SYS_PTRACE"],
            &["--cap-add", "SYS_PTRACE", "--security-opt", "seccomp=unconfined"],
        ] {
            assert_eq!(
                told(&somebody, &tool, options, &["trace", "1"]),
                "EPERM\nEPERM\nEPERM\nEPERM",
                "{}: {options:?}",
                somebody.kind
            );
        }
    }
}

#[test]
fn pid_1_cannot_be_killed_or_stopped_from_inside() {
    for somebody in Somebody::all("kill-1") {
        let script = "for signal in KILL STOP SEGV ABRT SYS TRAP PIPE; do kill -$signal 1; done; sleep 0.2; echo alive";
        assert_eq!(inside(&somebody, &[], script), "alive\n", "{}", somebody.kind);
    }
}

/// CVE-2019-5736: the image's command is a link to the runtime's own program, or a script that it is to interpret.
#[test]
fn the_hosts_program_does_not_run_as_the_command() {
    if lacks("own-program", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("own-program") {
        let root = somebody.rootfs("root");
        for (name, target) in [
            ("one", "/proc/self/exe"),
            ("two", "../proc/self/exe"),
            ("three", "one"),
            ("four", "/proc/thread-self/exe"),
            ("five", "/proc/1/exe"),
            ("six", "/proc/self/fd/3"),
        ] {
            symlink(target, root.join("bin").join(name)).expect("a link");
        }
        let scripts =
            [("script", "#!/proc/self/exe run"), ("deeper", "#! /bin/script"), ("linked", "#!/bin/three")];
        for (name, line) in scripts {
            let path = root.join("bin").join(name);
            fs::write(&path, format!("{line}\n")).expect("a file");
            fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a mode");
        }
        somebody.give(&root);
        let names = [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "script",
            "deeper",
            "linked",
            "/proc/self/exe",
            "/proc/1/exe",
        ];
        for name in names {
            for options in [&[][..], &["--no-init"]] {
                let output = somebody.run(&[options, &["--rootfs", text(&root), name, "--version"]].concat());
                let said = err(&output);
                assert_eq!(
                    output.status.code(),
                    Some(if said.contains("CX6001") { 127 } else { 126 }),
                    "{}: {name}: {said}",
                    somebody.kind
                );
                assert!(output.stdout.is_empty(), "{}: {name}", somebody.kind);
            }
        }
    }
}

/// Where the command is PID 1 itself, its program is its own, and the host's is nowhere.
#[test]
fn without_init_no_process_has_the_hosts_program() {
    for somebody in Somebody::all("no-init-exe") {
        let script = "basename $(readlink /proc/1/exe); readlink /proc/[0-9]*/exe | grep containerception";
        let program = out(&somebody.run(&["--no-init", "sh", "-c", script]));
        assert!(
            !program.contains("containerception") && program.lines().count() == 1,
            "{}: {program}",
            somebody.kind
        );
    }
}
