//! What was typed: commands, options, and what they are given.

use crate::{alone, anybody, assert_refused, refused, works};
use end_to_end::{Kind, Running, Somebody};
use std::process::{Command, Stdio};

#[test]
fn an_unknown_command_is_told_with_the_one_that_was_meant() {
    let somebody = anybody("unknown-command");
    let said = assert_refused(&somebody, &alone(&somebody, &["rum", "true"]), 125, "CX1001");
    assert!(said.contains("did you mean run?"), "{said}");
    assert_refused(&somebody, &alone(&somebody, &["frobnicate"]), 125, "CX1001");
}

/// `run alpine sh`: the muscle memory of other engines.
#[test]
fn an_image_is_told_from_a_command_that_is_not_there() {
    let somebody = anybody("image");
    for image in ["alpine", "nowhere/frobnicate:1.0"] {
        let said = refused(&somebody, &[image, "ls", "-l"], 127, "CX6008");
        assert!(said.contains("run --rootfs DIR ls -l"), "{said}");
    }
    works(&somebody, &["ls", "-l"]);
}

#[test]
fn an_unknown_option_is_not_taken_for_the_command() {
    let somebody = anybody("unknown-option");
    for arguments in [&["--frobnicate", "true"][..], &["-x", "true"], &["--frobnicate=1", "true"], &["-Z"]] {
        refused(&somebody, arguments, 125, "CX1002");
    }
    let said = refused(&somebody, &["--hostnam", "x", "true"], 125, "CX1002");
    assert!(said.contains("did you mean --hostname?"), "{said}");
    works(&somebody, &["--hostname", "x", "true"]);
    // After the command every word is the command's, and after -- the first one is the command.
    works(&somebody, &["test", "--frobnicate", "=", "--frobnicate"]);
    refused(&somebody, &["--", "--frobnicate"], 127, "CX6001");
}

#[test]
fn without_a_command_the_error_says_what_is_missing() {
    let somebody = anybody("no-command");
    for arguments in [&[][..], &["--read-only"], &["--"]] {
        let said = refused(&somebody, arguments, 125, "CX1002");
        assert!(said.contains("<COMMAND>"), "{said}");
    }
}

#[test]
fn an_option_lacks_its_value_or_has_one_that_it_does_not_take() {
    let somebody = anybody("option-values");
    for option in ["--rootfs", "-u", "-w", "-e", "-v", "--tmpfs", "--name", "--hostname", "--pids-limit"] {
        refused(&somebody, &[option], 125, "CX1002");
    }
    for option in ["--pass=9", "--pass=0", "--pass=x", "--explain=4", "--explain=0", "--explain=x"] {
        refused(&somebody, &[option, "true"], 125, "CX1002");
    }
    for option in ["--userns", "--network"] {
        let said = refused(&somebody, &[option, "xyz", "true"], 125, "CX1002");
        assert!(said.contains(" host"), "the values are offered: {said}");
    }
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let somebody = anybody("contradictions");
    refused(&somebody, &["--init", "--no-init", "true"], 125, "CX1002");
    let said = refused(&somebody, &["--ephemeral", "true"], 125, "CX1002");
    assert!(said.contains("--rootfs"), "{said}");
    for option in [&["--rootfs", "/"][..], &["-v", "/:/x"], &["--tmpfs", "/x"], &["--read-only"]] {
        for pass in ["--pass=1", "--pass=2"] {
            let said = refused(&somebody, &[&[pass], option, &["true"]].concat(), 125, "CX1013");
            assert!(said.contains("--pass 3"), "{said}");
        }
    }
}

#[test]
fn limits_are_parsed_strictly() {
    let somebody = anybody("limits-typed");
    for (option, value, code) in [
        ("--memory", "frobnicate", "CX1005"),
        ("-m", "1.5g", "CX1005"),
        ("--cpus", "many", "CX1022"),
        ("--cpus", "0", "CX1022"),
        ("--cpuset-cpus", "1-0", "CX1022"),
        ("--ulimit", "files=1", "CX1023"),
        ("--device-read-bps", "/dev/null", "CX1024"),
        ("--cgroup-parent", "../up", "CX1025"),
        ("--cgroup-conf", "cgroup.procs=1", "CX1026"),
        ("--device-cgroup-rule", "c 1:3", "CX1021"),
        ("--cgroup-manager", "nobody", "CX1002"),
    ] {
        refused(&somebody, &[option, value, "true"], 125, code);
    }
    works(&somebody, &["--pids-limit", "20", "--storage-opt", "size=16m", "true"]);
}

#[test]
fn capabilities_and_security_options_are_known_or_refused() {
    let somebody = anybody("security-options");
    for option in ["--cap-add", "--cap-drop"] {
        refused(&somebody, &[option, "FROBNICATE", "true"], 125, "CX1009");
        refused(&somebody, &[option, "", "true"], 125, "CX1009");
        works(&somebody, &[option, "CAP_SYS_PTRACE", option, "net_admin", "true"]);
    }
    let said = refused(&somebody, &["--cap-add", "NET_RWA", "true"], 125, "CX1009");
    assert!(said.contains("did you mean NET_RAW?"), "{said}");
    let said = refused(&somebody, &["--security-opt", "secomp=unconfined", "true"], 125, "CX1010");
    assert!(said.contains("did you mean seccomp=unconfined?"), "{said}");
    for value in ["frobnicate", "no-new-privileges=maybe", "seccomp=/nowhere.json", "seccomp=", ""] {
        refused(&somebody, &["--security-opt", value, "true"], 125, "CX1010");
    }
    works(
        &somebody,
        &["--security-opt", "no-new-privileges=false", "--security-opt", "seccomp=unconfined", "true"],
    );
}

/// With the host's ids a container has no capability that its caller lacks.
#[test]
fn a_capability_that_the_caller_lacks_is_told_as_such() {
    let Some(somebody) = Somebody::only(Kind::Root, "missing-capability") else { return };
    let without = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command.arg("--bounding-set=-sys_time").arg(somebody.program()).arg("run").args(arguments);
        Running::start(command.stdin(Stdio::null())).finish()
    };
    let said = assert_refused(
        &somebody,
        &without(&["--userns", "host", "--cap-add", "SYS_TIME", "true"]),
        125,
        "CX9001",
    );
    assert!(said.contains("leave the others out of --cap-add"), "{said}");
    assert!(without(&["--userns", "host", "true"]).status.success());
    assert!(without(&["--cap-add", "SYS_TIME", "true"]).status.success());
}

#[test]
fn a_code_that_does_not_exist_has_no_page() {
    let somebody = anybody("unknown-code");
    for code in ["CX9999", "frobnicate", "", "CX10011"] {
        assert_refused(&somebody, &alone(&somebody, &["explain", code]), 125, "CX1014");
    }
    let said = assert_refused(&somebody, &alone(&somebody, &["explain", "CX2030"]), 125, "CX1014");
    assert!(said.contains("did you mean CX2003,"), "{said}");
}
