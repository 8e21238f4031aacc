//! R4: neither what the caller nor what the runtime has open is open to the command.

use super::{Victim, faulty};
use end_to_end::{Somebody, err, out};
use std::fs;

/// The caller's own directory, which no container sees, at 3 to 9: as many as sh(1) opens.
const OPENED: &str = "cd host; exec 3< . 4< . 5< . 6< . 7< . 8< . 9< marker";

fn host(somebody: &Somebody) {
    let host = somebody.home().join("host");
    fs::create_dir(&host).expect("a directory");
    fs::write(host.join("marker"), "of the host\n").expect("a file");
    somebody.give(&host);
}

/// CVE-2016-9962 and CVE-2024-21626: a descriptor of the caller's, or of the process that joins.
#[test]
fn the_command_has_three_descriptors() {
    for somebody in Somebody::all("exec-leaked") {
        host(&somebody);
        let victim = Victim::prepared(&somebody, &[], "");
        let list = "NAME sh -c 'echo /proc/self/fd/*; cat /proc/self/fd/7/marker'";
        let output = victim.typed(&somebody.program(), "", OPENED, list);
        // 0 to 2, and the directory that the shell itself reads.
        let four: Vec<String> = (0..4).map(|number| format!("/proc/self/fd/{number}")).collect();
        assert_eq!(out(&output), four.join(" ") + "\n", "{}", somebody.kind);
        let Some(faulty) = faulty(&somebody, "exec-leaked") else { return };
        let output = victim.typed(&faulty, "close-files", OPENED, list);
        assert!(out(&output).ends_with("of the host\n"), "{}: {}", somebody.kind, out(&output));
    }
}

/// CVE-2024-21626: the working directory is such a descriptor, by its path or by a link that the container has made.
#[test]
fn no_descriptor_is_a_working_directory() {
    let script = "cd /tmp; for n in $(seq 0 64); do ln -s /proc/self/fd/$n $n; done";
    for somebody in Somebody::all("exec-workdir") {
        host(&somebody);
        let victim = Victim::prepared(&somebody, &[], script);
        let linked = (0..=64).map(|number| format!("/tmp/{number}"));
        let named = (0..=64).map(|number| format!("/proc/self/fd/{number}"));
        for path in named.chain(linked) {
            let arguments = format!("-w {path} NAME cat marker < .");
            let output = victim.typed(&somebody.program(), "", OPENED, &arguments);
            let said = err(&output);
            assert!(said.starts_with("error[CX6006]: "), "{}: {path}: {said}{}", somebody.kind, out(&output));
            assert_eq!(
                (output.status.code(), out(&output).as_str()),
                (Some(125), ""),
                "{}: {path}",
                somebody.kind
            );
        }
        for path in ["/proc/1/root", "/proc/1/cwd", "/proc/self/task/1/root"] {
            let output = victim.exec(&["-w", path], &["pwd"]);
            assert_eq!(
                (output.status.code(), out(&output).as_str()),
                (Some(125), ""),
                "{}: {path}",
                somebody.kind
            );
        }
        let Some(faulty) = faulty(&somebody, "exec-workdir") else { return };
        for path in ["/proc/self/fd/7", "/tmp/7"] {
            let output = victim.typed(&faulty, "cwd", OPENED, &format!("-w {path} NAME cat marker"));
            assert_eq!(out(&output), "of the host\n", "{}: {path}: {}", somebody.kind, err(&output));
        }
    }
}
