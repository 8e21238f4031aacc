//! `exec`: one more command, in all that the container is.

use crate::{Container, containerception};
use end_to_end::{Running, Somebody, err, eventually, out};
use rustix::process::Signal;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn it_is_among_the_processes_of_the_container_and_nobody_else_comes_along() {
    for somebody in Somebody::all("exec-ps") {
        let container = Container::start(&somebody, &[]);
        let processes = container.prints(&["ps", "-e", "-o", "pid=,args="]);
        let lines: Vec<&str> = processes.lines().map(str::trim).collect();
        assert_eq!(lines.len(), 3, "{}: {processes}", somebody.kind);
        assert!(lines[1].starts_with("2 sleep 1000") && lines[2].contains("ps -e"), "{processes}");
    }
}

#[test]
fn its_namespaces_root_group_and_rights_are_those_of_the_container() {
    let script = "hostname; readlink /proc/self/ns/user /proc/self/ns/mnt /proc/self/ns/pid /proc/self/ns/uts \
        /proc/self/ns/ipc /proc/self/ns/net /proc/self/ns/cgroup; cat /proc/self/uid_map /proc/self/cgroup; \
        grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)' /proc/self/status; umask; pwd; ls -d /home/*; \
        grep -E '^(Max processes|Max open)' /proc/self/limits; env | sort";
    for somebody in Somebody::all("exec-same") {
        let command = format!("( {script} ) > /tmp/own 2>&1; echo ready; sleep 1000");
        for options in [&[][..], &["-u", "0:0", "-e", "A=b", "-w", "/usr"], &["--network", "host"]] {
            let container = Container::running(&somebody, options, &["sh", "-c", &command]);
            let own = container.prints(&["cat", "/tmp/own"]);
            let same = container.exec(&[], &["sh", "-c", &format!("( {script} ) 2>&1")]);
            let differing: Vec<(&str, &str)> = own
                .lines()
                .zip(out(&same).leak().lines())
                .filter(|(a, b)| a != b && !a.starts_with("OLDPWD") && !a.starts_with("PWD"))
                .collect();
            assert!(differing.is_empty() && own.lines().count() > 20, "{}: {differing:?}", somebody.kind);
        }
    }
}

#[test]
fn its_status_output_and_input_are_its_own() {
    for somebody in Somebody::all("exec-status") {
        let container = Container::start(&somebody, &[]);
        for (command, status) in [
            (&["sh", "-c", "exit 7"][..], 7),
            (&["true"], 0),
            (&["frobnicate"], 127),
            (&["/etc/passwd"], 126),
            (&["sh", "-c", "kill -TERM $$"], 143),
        ] {
            let output = container.exec(&[], command);
            assert_eq!(
                output.status.code(),
                Some(status),
                "{}: {command:?}: {}",
                somebody.kind,
                err(&output)
            );
        }
        let streams = container.exec(&[], &["sh", "-c", "echo out; echo err >&2"]);
        assert_eq!((out(&streams), err(&streams)), ("out\n".to_owned(), "err\n".to_owned()));
        let mut cat = container.exec_command(&[], &["cat"]);
        let mut child = cat.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let text: Vec<u8> = (0..1 << 20).map(|n| (n * 7 % 251) as u8).collect();
        let mut stdin = child.stdin.take().expect("a pipe");
        let typed = text.clone();
        let typist = std::thread::spawn(move || stdin.write_all(&typed).expect("a reader"));
        assert_eq!(child.wait_with_output().expect("it ends").stdout, text, "{}", somebody.kind);
        typist.join().expect("it wrote all");
    }
}

#[test]
fn users_directories_and_variables() {
    for somebody in Somebody::all("exec-user") {
        let container = Container::start(&somebody, &["-e", "KEPT=1", "-e", "CHANGED=1", "-w", "/usr"]);
        let options = ["-e", "CHANGED=2", "-e", "NEW=3", "-w", "/tmp"];
        let told = out(&container.exec(&options, &["sh", "-c", "echo $KEPT $CHANGED $NEW $HOME; pwd"]));
        assert_eq!(told, "1 2 3 /root\n/tmp\n", "{}", somebody.kind);
        assert_eq!(container.prints(&["pwd"]), "/usr\n");
        if somebody.kind != end_to_end::Kind::Single {
            assert_eq!(out(&container.exec(&["-u", "1234:100"], &["id", "-u"])), "1234\n");
            let name = out(&container.exec(&["-u", "daemon"], &["sh", "-c", "id -un; echo $HOME"]));
            assert_eq!(name, "daemon\n/usr/sbin\n", "{}", somebody.kind);
            let held = container.exec(&["-u", "daemon"], &["grep", "CapEff", "/proc/self/status"]);
            assert_eq!(out(&held), "CapEff:\t0000000000000000\n");
        }
        let unknown = container.exec(&["-u", "nobody-at-all"], &["true"]);
        assert!(err(&unknown).starts_with("error[CX4001]: "), "{}", err(&unknown));
        let missing = container.exec(&["-w", "/no/such"], &["true"]);
        assert!(err(&missing).starts_with("error[CX6006]: "), "{}", err(&missing));
    }
}

#[test]
fn signals_reach_it_and_it_ends_with_whoever_started_it() {
    for somebody in Somebody::all("exec-signals") {
        let container = Container::start(&somebody, &[]);
        for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130)] {
            let mut exec =
                Running::start(&mut container.exec_command(&[], &["sh", "-c", "echo up; exec sleep 99"]));
            exec.wait_for("up");
            exec.signal(signal);
            assert_eq!(exec.finish().status.code(), Some(status), "{}", somebody.kind);
        }
        let mut killed =
            Running::start(&mut container.exec_command(&[], &["sh", "-c", "echo up; exec sleep 98"]));
        killed.wait_for("up");
        killed.signal(Signal::KILL);
        drop(killed);
        eventually("it is gone from the container", || {
            !container.prints(&["ps", "-e", "-o", "args="]).contains("sleep 98")
        });
        assert_eq!(container.prints(&["echo", "alive"]), "alive\n");
    }
}

#[test]
fn it_dies_with_the_container() {
    for somebody in Somebody::all("exec-dies") {
        let container = Container::start(&somebody, &[]);
        let mut exec =
            Running::start(&mut container.exec_command(&[], &["sh", "-c", "echo up; exec sleep 99"]));
        exec.wait_for("up");
        container.run.signal(Signal::KILL);
        assert_eq!(exec.finish().status.code(), Some(137), "{}", somebody.kind);
    }
}

/// What the container may have in all, its guests may have no more of.
#[test]
fn a_fork_bomb_in_it_counts_against_the_container() {
    for somebody in Somebody::all("exec-bomb") {
        let container = Container::start(&somebody, &["--pids-limit", "20"]);
        let script = "for i in $(seq 40); do sleep 5 & done 2>&1 | grep -c .; true";
        let output = container.exec(&[], &["sh", "-c", script]);
        let said = out(&output) + &err(&output);
        assert!(
            said.contains("fork") || said.contains("Cannot") || said.trim() != "0",
            "{}: {said}",
            somebody.kind
        );
        let count: usize = container_processes(&container);
        assert!(count <= 20, "{}: {count} processes", somebody.kind);
    }
}

fn container_processes(container: &Container<'_>) -> usize {
    let mut count = 0;
    eventually("there is room for one that counts", || {
        let output = container.exec(&[], &["sh", "-c", "echo /proc/[0-9]*"]);
        count = out(&output).split_whitespace().count();
        output.status.success()
    });
    count
}

#[test]
fn who_does_not_run_is_told_with_those_who_do() {
    for somebody in Somebody::all("exec-missing") {
        let container = Container::start(&somebody, &[]);
        let output = containerception(&somebody, &["exec", "second-nobody", "true"]);
        assert_eq!(output.status.code(), Some(125));
        assert!(err(&output).starts_with("error[CX2013]: "), "{}", err(&output));
        if somebody.kind != end_to_end::Kind::Root {
            assert!(err(&output).contains(&container.name), "{}", err(&output));
        }
        let bad = containerception(&somebody, &["exec", "../x", "true"]);
        assert!(err(&bad).starts_with("error[CX1012]: "), "{}", err(&bad));
    }
}

#[test]
fn each_step_is_told_and_a_dry_run_does_nothing() {
    for somebody in Somebody::all("exec-explain") {
        let container = Container::start(&somebody, &[]);
        let told = container.exec(&["--explain=2"], &["echo", "done"]);
        let text = err(&told);
        assert_eq!(out(&told), "done\n");
        for part in ["enter all namespaces of the container", "setns(", "CLONE_NEWNS", "filter system calls"]
        {
            assert!(text.contains(part), "{}: {part}: {text}", somebody.kind);
        }
        let dry = container.exec(&["--dry-run"], &["sh", "-c", "echo > /tmp/done"]);
        assert!(out(&dry).contains("execute sh -c"), "{}", out(&dry));
        assert_eq!(container.prints(&["ls", "/tmp"]), "");
    }
}

/// The record says what another command is planned from: nobody but its owner may have written it.
#[test]
fn the_record_is_its_owners_alone_and_goes_with_the_container() {
    for somebody in Somebody::all("exec-record") {
        let container = Container::start(&somebody, &[]);
        assert!(container.exec(&[], &["true"]).status.success());
        let record = somebody.state().join("containers").join(format!("{}:state", container.name));
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&record).expect("a record"));
        assert_eq!(mode & 0o777, 0o600);
        let killed = containerception(&somebody, &["kill", &container.name]);
        assert!(killed.status.success(), "{}", err(&killed));
        let name = container.name.clone();
        assert_eq!(container.run.finish().status.code(), Some(137));
        assert!(!record.exists() && !somebody.state().join("containers").join(name).exists());
    }
}

/// Somewhere between 5 and 40 descriptors lies each place that makes one.
#[test]
fn with_few_open_files_it_says_so_or_works() {
    for somebody in Somebody::all("exec-few-files") {
        let container = Container::start(&somebody, &[]);
        let mut enough = false;
        for limit in 5..=40 {
            let whole = container.exec_command(&[], &["true"]);
            let mut limited = Command::new("prlimit");
            limited.arg(format!("--nofile={limit}:{limit}")).arg(whole.get_program()).args(whole.get_args());
            for (name, value) in whole.get_envs() {
                value.map(|value| limited.env(name, value));
            }
            whole.get_current_dir().map(|directory| limited.current_dir(directory));
            let output = limited.output().expect("it starts");
            let said = err(&output);
            let told = said.starts_with("error[CX2010]: ");
            assert!(output.status.success() || (told && !enough), "{}: {limit}: {said}", somebody.kind);
            enough |= output.status.success();
        }
        assert!(enough, "{}", somebody.kind);
    }
}
