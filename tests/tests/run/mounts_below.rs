//! A host with file systems mounted below its top directories, such as a `/usr/local` of its own.

use end_to_end::{Running, Somebody, err, out, skip};
use std::process::{Command, Output, Stdio};

/// Mounts a file system with a file in it below /usr, for one command alone.
const MOUNT: &str =
    r#"mount -t tmpfs none /usr/local/share && echo below > /usr/local/share/file && exec "$@""#;

/// Runs `run ARGUMENTS…` on such a host; `None` if whoever runs the tests cannot make one.
fn run(test: &str, somebody: &Somebody, arguments: &[&str]) -> Option<Output> {
    if testbed::caller::uid().expect("the caller is known") != 0 {
        skip(test, "only root can mount");
        return None;
    }
    let inner = somebody.containerception();
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", MOUNT, "sh"]).arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        value.map(|value| command.env(name, value));
    }
    command.args(["run"]).args(arguments).current_dir(somebody.home()).stdin(Stdio::null());
    Some(Running::start(&mut command).finish())
}

#[test]
fn a_top_directory_with_mounts_below_it_is_read_only() {
    let test = "mounts-below";
    let script =
        "cat /usr/local/share/file; touch /usr/bin/new /usr/local/share/new; touch /opt/new && echo written";
    for somebody in Somebody::all(test) {
        let Some(output) = run(test, &somebody, &["sh", "-c", script]) else { return };
        assert_eq!(out(&output), "below\nwritten\n", "{}: {}", somebody.kind, err(&output));
        let refusals = err(&output).matches("Read-only file system").count();
        assert_eq!(refusals, 2, "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn that_it_is_so_can_be_read_in_the_explanation() {
    let test = "mounts-below-told";
    for somebody in Somebody::all(test) {
        let Some(output) = run(test, &somebody, &["--explain", "true"]) else { return };
        let note = "note: /usr has other file systems mounted below it: it is read-only inside";
        assert!(err(&output).contains(note), "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn a_container_that_was_given_a_file_below_usr_is_such_a_host() {
    for somebody in Somebody::all("mounts-below-nested") {
        let volume = format!("{}:/usr/local/bin/containerception", somebody.program().display());
        let arguments = ["-v", &volume, "containerception", "run", "sh", "-c", "echo $$"];
        let output = somebody.run(&arguments);
        assert_eq!(out(&output), "2\n", "{}: {}", somebody.kind, err(&output));
    }
}
