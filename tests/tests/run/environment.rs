//! What the command starts with: its environment, directory and name.

use crate::{ended, printed};
use end_to_end::{Running, Somebody, err, out};
use rustix::process::Signal;
use std::collections::BTreeSet;

const CLEAN: [&str; 4] = [
    "HOME=/root",
    "HOSTNAME=containerception",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/dev/.containerception/bin",
    "container=containerception",
];

#[test]
fn nothing_of_the_callers_environment_gets_in() {
    for somebody in Somebody::all("environment-clean") {
        let mut command = somebody.containerception();
        command.env("SECRET", "of the host").env("LD_PRELOAD", "").args(["run", "env"]);
        let output = Running::start(&mut command).finish();
        let environment = out(&output);
        let entries: BTreeSet<&str> = environment.lines().collect();
        assert_eq!(entries, BTreeSet::from(CLEAN), "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn what_is_named_gets_in() {
    for somebody in Somebody::all("environment-named") {
        let mut command = somebody.containerception();
        command.env("OWN", "a value").env_remove("MISSING");
        command.args(["run", "-e", "OWN", "-e", "MISSING", "--env", "GIVEN=x=y", "-e", "HOSTNAME=other"]);
        command.args(["-e", "EMPTY=", "env"]);
        let output = Running::start(&mut command).finish();
        let environment = out(&output);
        let entries: BTreeSet<&str> = environment.lines().collect();
        let mut expected = BTreeSet::from(CLEAN);
        expected.remove("HOSTNAME=containerception");
        expected.extend(["OWN=a value", "GIVEN=x=y", "HOSTNAME=other", "EMPTY="]);
        assert_eq!(entries, expected, "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn the_path_of_the_container_decides_where_the_command_is() {
    for somebody in Somebody::all("environment-path") {
        let (status, said) = ended(&somebody, &["-e", "PATH=/nowhere", "true"]);
        assert_eq!(status, Some(127), "{}: {said}", somebody.kind);
        assert_eq!(printed(&somebody, &["-e", "PATH=/nowhere:/usr/bin", "echo", "found"]), "found\n");
    }
}

#[test]
fn it_starts_in_the_root_or_where_it_is_told() {
    for somebody in Somebody::all("directory") {
        assert_eq!(printed(&somebody, &["pwd"]), "/\n", "{}", somebody.kind);
        assert_eq!(printed(&somebody, &["-w", "/usr/lib", "pwd"]), "/usr/lib\n", "{}", somebody.kind);
        assert_eq!(printed(&somebody, &["--tmpfs", "/a/b", "--workdir", "/a/b", "pwd"]), "/a/b\n");
    }
}

#[test]
fn the_umask_is_the_usual_one_and_no_other_file_is_open() {
    for somebody in Somebody::all("inherited") {
        // A descriptor of the caller that is not close-on-exec, and a mask that hides.
        let line = "umask 077; exec 9< /dev/zero; containerception run sh -c 'umask; echo /proc/self/fd/*'";
        let output = Running::start(&mut somebody.shell(line)).finish();
        let text = out(&output);
        let (mask, files) = text.split_once('\n').expect("two lines");
        assert_eq!(mask, "0022", "{}: {}", somebody.kind, err(&output));
        // The shell opens the directory itself to list it.
        let files: Vec<&str> = files.split_ascii_whitespace().collect();
        assert_eq!(
            files[..3],
            ["/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"],
            "{}",
            somebody.kind
        );
        assert!(files.len() <= 4, "{}: {files:?}", somebody.kind);
    }
}

#[test]
fn a_name_belongs_to_one_running_container() {
    for somebody in Somebody::all("name") {
        let name = format!("only-{}", std::process::id());
        let mut first = somebody.start(&["--name", &name, "--rm", "sh", "-c", "echo up; exec sleep 100"]);
        first.wait_for("up");
        let (status, said) = ended(&somebody, &["--name", &name, "true"]);
        assert_eq!(status, Some(125), "{}: {said}", somebody.kind);
        assert!(said.contains("CX1013") && said.contains(&name), "{}: {said}", somebody.kind);
        first.signal(Signal::TERM);
        assert_eq!(first.finish().status.code(), Some(143));
        assert_eq!(printed(&somebody, &["--name", &name, "echo", "again"]), "again\n", "{}", somebody.kind);
    }
}
