//! R5 and R6: the host's program is not what is executed, and nobody inside changes it.

use super::{Victim, copy, faulty};
use crate::{text, tool};
use end_to_end::{Kind, Somebody, binary, err, out, skip};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// CVE-2019-5736: the command of the image is a link to the program that joins, or a script that it interprets.
#[test]
fn the_program_that_joins_is_not_the_command() {
    let script = "cd /tmp; ln -s /proc/self/exe one; ln -s one two; ln -s /proc/thread-self/exe three; ln -s /proc/1/exe four
        echo '#!/proc/self/exe' > five; echo '#! /tmp/five' > six; echo '#!/tmp/two' > seven; chmod 755 five six seven";
    let names = ["one", "two", "three", "four", "five", "six", "seven"];
    for somebody in Somebody::all("exec-program") {
        let victim = Victim::prepared(&somebody, &[], script);
        for name in names {
            let output = victim.exec(&[], &[&format!("/tmp/{name}"), "--version"]);
            let told = err(&output);
            assert_eq!(
                (output.status.code(), out(&output).as_str()),
                (Some(126), ""),
                "{}: {name}: {told}",
                somebody.kind
            );
            assert!(told.starts_with("error[CX6002]: "), "{}: {name}: {told}", somebody.kind);
        }
        let Some(faulty) = faulty(&somebody, "exec-program") else { return };
        for name in ["one", "two", "three"] {
            let output = victim.typed(&faulty, "origin", "", &format!("NAME /tmp/{name} --version"));
            assert!(
                out(&output).starts_with("containerception "),
                "{}: {name}: {}",
                somebody.kind,
                err(&output)
            );
        }
    }
}

/// The same without any path to check, which a swap between the check and the execution is in kind: whoever has
/// CAP_SYS_ADMIN inside says that files of a kind are interpreted by `/proc/self/exe`.
fn hunted(somebody: &Somebody, tool: &Path, program: &Path, without: &str) -> Option<u32> {
    let script = "mkdir /tmp/misc && mount -t binfmt_misc none /tmp/misc || { echo ready, and no more; exit; }
        echo ':own:M::EVIL::/proc/self/exe:' > /tmp/misc/register; echo EVIL > /tmp/evil; chmod 755 /tmp/evil; exec /tool hunt";
    let volume = format!("{}:/tool:ro", text(tool));
    let victim = Victim::start(somebody, &["--cap-add", "SYS_ADMIN", "-v", &volume], &["sh", "-c", script]);
    for _ in 0..8 {
        let output = victim.typed(program, without, "", "NAME /tmp/evil");
        if !err(&output).contains("error[CX1001]") {
            return None;
        }
    }
    victim.typed(program, without, "", "NAME touch /tmp/stop");
    assert!(out(&victim.run.finish()).contains("exe"), "{}: its program was not found", somebody.kind);
    Some(fs::metadata(program).expect("the program").mode() & 0o777)
}

/// The program is the user's own, as `cargo install` leaves it. Root's is nobody's inside, so that not even the
/// capabilities of root reach it.
#[test]
fn the_hosts_program_cannot_be_changed_by_a_command_that_is_it() {
    for somebody in Somebody::all("exec-sealed") {
        let Some(tool) = tool(&somebody, "exec-sealed") else { return };
        let program = copy(&somebody, &binary(), "containerception-of-mine");
        let before = fs::read(&program).expect("the program");
        match hunted(&somebody, &tool, &program, "") {
            Some(mode) => assert_eq!(mode, 0o755, "{}", somebody.kind),
            None => return skip("exec-sealed", "no binfmt_misc of a user namespace (Linux 6.7)"),
        }
        assert!(fs::read(&program).expect("the program") == before, "{}", somebody.kind);
        let Some(faulty) = faulty(&somebody, "exec-sealed") else { return };
        let changed = if somebody.kind == Kind::Root { 0o755 } else { 0o777 };
        assert_eq!(hunted(&somebody, &tool, &faulty, "sealed"), Some(changed), "{}", somebody.kind);
    }
}

/// What rules are put out of force by is in no release.
#[test]
fn a_release_knows_of_no_way_without_rules() {
    let release = fs::read(binary()).expect("the program");
    let name = b"CONTAINERCEPTION_WITHOUT";
    assert!(!release.windows(name.len()).any(|bytes| bytes == name));
}
