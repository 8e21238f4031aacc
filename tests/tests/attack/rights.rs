//! R7: what the caller has beyond its ids does not come along; what is inside does not grow.

use crate::{text, tool};
use end_to_end::{Kind, Running, Somebody, lacks, out};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// CVE-2022-29162 and CVE-2022-24769: inheritable capabilities that are not empty.
#[test]
fn inheritable_and_ambient_capabilities_of_the_caller_are_not_inside() {
    let Some(somebody) = Somebody::only(Kind::Root, "ambient") else { return };
    let script = "grep -E '^Cap(Inh|Amb)' /proc/self/status | tr -d '[:space:]'";
    for options in [&[][..], &["--userns", "host"], &["--no-init"], &["-u", "1000"], &["--cap-add", "ALL"]] {
        let mut command = Command::new("setpriv");
        command.args(["--inh-caps", "+net_admin,+sys_admin", "--ambient-caps", "+net_admin,+sys_admin"]);
        command.arg(somebody.program()).arg("run").args(options).args(["sh", "-c", script]);
        let output = Running::start(command.stdin(Stdio::null())).finish();
        assert_eq!(out(&output), "CapInh:0000000000000000CapAmb:0000000000000000", "{options:?}");
    }
}

/// CVE-2022-2989 and CVE-2022-2995: groups of the caller that open files to the command.
#[test]
fn groups_of_the_caller_are_not_inside() {
    let Some(somebody) = Somebody::only(Kind::Root, "groups") else { return };
    let script = "sed -n 's/^Groups:[[:space:]]*//p' /proc/self/status /proc/1/status; id -G";
    for (options, expected) in [
        (&[][..], " \n \n0\n"),
        (&["--userns", "host"], " \n \n0\n"),
        (&["--userns", "host", "-u", "1000:100"], " \n \n100\n"),
        (&["-u", "1000:100"], " \n \n100\n"),
    ] {
        let mut command = Command::new("setpriv");
        command
            .args(["--groups", "4,6,24"])
            .arg(somebody.program())
            .arg("run")
            .args(options)
            .args(["sh", "-c", script]);
        let output = Running::start(command.stdin(Stdio::null())).finish();
        assert_eq!(out(&output).replace(' ', ""), expected.replace(' ', ""), "{options:?}");
    }
}

/// A set-user-ID program of the image's root. That it works without no_new_privs shows that the attack is a real one.
#[test]
fn a_set_user_id_program_inside_gives_nothing() {
    if lacks("suid-inside", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("suid-inside").into_iter().filter(|one| one.kind != Kind::Single) {
        let Some(tool) = tool(&somebody, "suid-inside") else { return };
        let root = somebody.rootfs("root");
        std::fs::copy(&tool, root.join("bin/tool")).expect("a copy");
        somebody.give(&root);
        std::fs::set_permissions(root.join("bin/tool"), PermissionsExt::from_mode(0o6755)).expect("a mode");
        let run = |more: &[&str]| {
            let options = ["--rootfs", text(&root), "-u", "1000:1000"];
            out(&somebody.run(&[&options[..], more, &["tool", "ids"]].concat()))
        };
        assert_eq!(run(&["--security-opt", "no-new-privileges=false"]), "0 0\n", "{}", somebody.kind);
        assert_eq!(run(&[]), "1000 1000\n", "{}", somebody.kind);
        assert_eq!(run(&["--cap-add", "ALL"]), "1000 1000\n", "{}", somebody.kind);
    }
}
