//! In containers of docker's: what works, and what an error says where docker keeps something from working.

use crate::docker::Daemon;
use end_to_end::{err, out};
use std::process::Output;

const PS: [&str; 4] = ["containerception", "run", "ps", "aux"];

/// Docker's options for two of the three things that stand in the way; AppArmor is not on every machine.
const NO_FILTER: [&str; 4] =
    ["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"];

/// The pids that `ps aux` shows.
fn pids(output: &Output) -> Vec<String> {
    let column = |line: &str| line.split_ascii_whitespace().nth(1).map(str::to_owned);
    out(output).lines().skip(1).filter_map(column).collect()
}

fn assert_init_and_ps(output: &Output) {
    assert_eq!(pids(output), ["1", "2"], "{}{}", out(output), err(output));
    assert!(output.status.success(), "{:?}", output.status);
}

/// Docker's options in `fix:  start the outer one with  OPTIONS  (docker) or …`.
fn named(error: &str) -> Vec<&str> {
    let fix = error.lines().find_map(|line| line.split_once("start the outer one with  "));
    let options = fix.and_then(|(_, rest)| rest.split("  ").next()).unwrap_or_default();
    options.split_ascii_whitespace().collect()
}

#[test]
fn in_a_privileged_container_of_docker_s_the_default_run_works() {
    let Some(daemon) = Daemon::start("docker-privileged") else { return };
    assert_init_and_ps(&daemon.run(&["--privileged"], &PS));
}

#[test]
fn in_a_default_container_of_docker_s_an_error_names_the_options_that_are_missing_and_with_them_it_works() {
    let Some(daemon) = Daemon::start("docker-default") else { return };
    let refused = daemon.run(&[], &PS);
    let error = err(&refused);
    assert!(error.starts_with("error[CX2001]"), "{error}");
    assert_eq!((refused.status.code(), out(&refused).as_str()), (Some(125), ""));
    assert!(named(&error).contains(&"seccomp=unconfined"), "{error}");
    assert!(named(&error).contains(&"systempaths=unconfined"), "{error}");
    assert_init_and_ps(&daemon.run(&named(&error), &PS));
    // For an ordinary user of the container as well.
    let user = [&["--user", "1000"], named(&error).as_slice()].concat();
    assert_init_and_ps(&daemon.run(&user, &PS));
}

#[test]
fn where_docker_only_covers_parts_of_proc_the_outer_one_is_seen_and_that_is_told() {
    let Some(daemon) = Daemon::start("docker-proc") else { return };
    let inner = "test -e /proc/self/stat && kill -0 1 && containerception depth";
    let output = daemon.run(&NO_FILTER, &["containerception", "nest", "3", "sh", "-c", inner]);
    let told = err(&output);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "3\n"), "{told}");
    assert!(told.contains("warning: /proc is that of the container around"), "{told}");
    assert_eq!(named(&told), ["--security-opt", "systempaths=unconfined"], "{told}");
    assert_init_and_ps(&daemon.run(&[NO_FILTER.as_slice(), &named(&told)].concat(), &PS));
}

/// A job as CI systems run it: a script in a container, which needs containers and has no privilege but an unfiltered kernel.
#[test]
fn a_job_in_docker_has_a_chain_of_three_and_its_fork_bomb_is_held_by_the_first() {
    let Some(daemon) = Daemon::start("docker-job") else { return };
    let job = "set -e
        containerception run containerception run containerception run sh -c 'touch /x; id -u; containerception depth'
        bomb='for i in $(seq 200); do sleep 3 & done; echo all'
        held=$(containerception run --pids-limit 60 containerception run containerception run sh -c \"$bomb\" 2>&1) || true
        case $held in *all*) echo 'not held' ;; *) echo held ;; esac
        containerception run true && echo 'the job goes on'";
    let output = daemon.run(&["--security-opt", "seccomp=unconfined"], &["sh", "-c", job]);
    assert_eq!(out(&output), "0\n3\nheld\nthe job goes on\n", "{}", err(&output));
    assert!(output.status.success(), "{}", err(&output));
}

#[test]
fn what_cannot_be_had_in_docker_is_told_by_explain() {
    let Some(daemon) = Daemon::start("docker-explain") else { return };
    let options = [NO_FILTER.as_slice(), &["--security-opt", "systempaths=unconfined"]].concat();
    let command =
        ["containerception", "run", "--explain", "sh", "-c", "cat /proc/self/limits; ls -l /usr/bin/true"];
    let output = daemon.run(&options, &command);
    let (said, printed) = (err(&output), out(&output));
    // Control groups are read-only there.
    assert!(said.contains("note: no control group") && said.contains("RLIMIT_NPROC"), "{said}");
    let limit = printed.lines().find(|line| line.starts_with("Max processes")).unwrap_or_default();
    assert_eq!(limit.split_ascii_whitespace().nth(2), Some("2048"), "{printed}");
    // Ids cannot be mapped without the rights of the host's root, nor on docker's overlay.
    assert!(said.contains("note: the host's files belong to nobody inside"), "{said}");
    assert!(printed.contains(" nobody "), "{printed}");
}
