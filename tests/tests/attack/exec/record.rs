//! R16 and R9: what is written down of a container is believed from its owner alone, and only as far as it makes sense.

use super::{Victim, copy, faulty};
use crate::{by_root, with_bind};
use end_to_end::{Kind, Running, Somebody, binary, err, out};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A record of a container that has nothing of its own: whoever joins it runs the command on the host.
fn forged(name: &str) -> String {
    let pid = std::process::id();
    format!(
        "{{\"version\":2,\"name\":\"{name}\",\"init\":{pid},\"runtime\":{pid},\"since\":0,\"command\":[],\"limits\":[],
        \"devices\":[],\"container\":{{\"namespaces\":[],\"held\":null,\"groups\":[],\"scope\":null,\"uids\":null,\"gids\":null,\"sets_groups\":false,
        \"has_host_root\":true,\"capabilities\":null,\"no_new_privileges\":false,\"filter\":false,\"rlimits\":[],\"oom_score\":null,\"limit_inside\":null,
        \"environment\":[\"PATH=/usr/bin:/bin\"],\"workdir\":\"/\",\"user\":{{\"uid\":0,\"gid\":0,\"groups\":[],\"home\":null}}}}}}"
    )
}

/// A state directory with a container that seems to run, for this process has its journal locked.
fn directory(at: &Path, name: &str) -> File {
    let containers = at.join("containers");
    fs::create_dir_all(&containers).expect("directories");
    fs::write(containers.join(format!("{name}:state")), forged(name).replace("\"held\":null", "\"held\":[]"))
        .expect("a file");
    let journal = File::create(containers.join(name)).expect("a file");
    flock(&journal, FlockOperation::LockExclusive).expect("a lock");
    journal
}

/// `exec` as the user `uid`, who has no other state directory than the one in `/tmp`; that is `tmp` here.
fn exec(tmp: &Path, uid: u32, program: &str, without: &str) -> String {
    let (id, without) = (uid.to_string(), format!("CONTAINERCEPTION_WITHOUT={without}"));
    let mut exec = Command::new("setpriv");
    exec.args([
        "--reuid",
        &id,
        "--regid",
        &id,
        "--clear-groups",
        "env",
        "-i",
        "PATH=/usr/bin:/bin",
        &without,
    ]);
    let output = with_bind(tmp, Path::new("/tmp"), exec.args([program, "exec", "forged", "echo", "owned"]));
    out(&output) + &err(&output)
}

/// CVE-2020-15257 in kind: another user makes the victim's directory in `/tmp`, with a container in which the victim
/// would run what that user says, as himself; and again and again just between being looked at and being read.
#[test]
fn a_container_that_somebody_else_wrote_down_is_not_joined() {
    if !by_root("exec-forged") {
        return;
    }
    for somebody in Somebody::all("exec-forged").into_iter().filter(|one| one.kind != Kind::Root) {
        let uid = fs::metadata(somebody.home()).expect("a directory").uid();
        let tmp = somebody.home().join("tmp");
        fs::create_dir(&tmp).expect("a directory");
        copy(&somebody, &binary(), "tmp/program");
        let (place, staged) = (tmp.join(format!("containerception-{uid}")), tmp.join("staged"));
        let _journal = directory(&place, "forged");
        let said = exec(&tmp, uid, "/tmp/program", "");
        assert!(said.starts_with("error[CX2008]: "), "{}: {said}", somebody.kind);
        if let Some(faulty) = faulty(&somebody, "exec-forged") {
            fs::rename(faulty, tmp.join("faulty")).expect("a rename");
            assert_eq!(exec(&tmp, uid, "/tmp/faulty", "state"), "owned\n", "{}", somebody.kind);
        }
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    fs::rename(&place, &staged).expect("a rename");
                    fs::rename(&staged, &place).expect("a rename");
                }
            });
            let said: Vec<String> = (0..60).map(|_| exec(&tmp, uid, "/tmp/program", "")).collect();
            over.store(true, Ordering::Relaxed);
            assert!(said.iter().all(|said| said.starts_with("error[CX20")), "{}: {said:?}", somebody.kind);
        });
    }
}

/// Nothing of this is anybody's attack, since the directory is the user's own: but it ends, and is told.
#[test]
fn a_record_that_makes_no_sense_is_told_in_time() {
    // Each text is waited for, as one that might be written just now: all users at once.
    thread::scope(|scope| {
        for somebody in Somebody::all("exec-nonsense") {
            scope.spawn(move || makes_no_sense(&somebody));
        }
    });
}

fn makes_no_sense(somebody: &Somebody) {
    let name = format!("nonsense-{}-{}", std::process::id(), somebody.kind.word());
    let containers = somebody.state().join("containers");
    if !containers.exists() {
        assert!(somebody.run(&["true"]).status.success());
    }
    let (journal, record) = (containers.join(&name), containers.join(format!("{name}:state")));
    let lock = File::create(&journal).expect("a file");
    flock(&lock, FlockOperation::LockExclusive).expect("a lock");
    somebody.give(&journal);
    let tried = |what: &str| {
        somebody.give(&containers);
        let all = [&["exec", &name, "echo", "owned"][..], &["inspect", &name], &["ps"]];
        for arguments in all.into_iter().take(if what.starts_with('{') { 1 } else { 3 }) {
            let output = Running::start(somebody.containerception().args(arguments)).finish();
            let told = err(&output);
            assert!(
                !out(&output).contains("owned") && !told.contains("panicked"),
                "{}: {what}: {told}",
                somebody.kind
            );
            let refused = output.status.code() == Some(125) && told.starts_with("error[CX");
            assert!(refused || arguments[0] != "exec", "{}: {what}: {told}", somebody.kind);
        }
        let _ = fs::remove_file(&record).or_else(|_| fs::remove_dir(&record));
    };
    let valid = forged(&name);
    let pid = std::process::id().to_string();
    let texts = [
        String::new(),
        "x".repeat(20 << 20),
        valid.replace("\"version\":1", "\"version\":2"),
        valid.replace("\"plan\":null", &format!("\"plan\":{}", "[".repeat(1000))),
        valid.replace(&format!("\"init\":{pid}"), "\"init\":-1"),
        valid.replace(&format!("\"init\":{pid}"), "\"init\":0"),
        valid.replace(&format!("\"init\":{pid}"), "\"init\":99999999999"),
        valid.replace("PATH=", "PATH\\u0000="),
        valid.replace("\"namespaces\":[],\"held\":null", "\"namespaces\":[\"mnt\"],\"held\":[0]"),
        valid.replace("\"namespaces\":[],\"held\":null", "\"namespaces\":[\"mnt\"],\"held\":[-1,7,7]"),
        valid.replace("\"namespaces\":[],\"held\":null", "\"namespaces\":[\"mnt\",\"user\"],\"held\":[]"),
        valid.replace("\"namespaces\":[],\"held\":null", "\"namespaces\":[\"user\"],\"held\":null"),
        valid.replace("\"group\":null", "\"group\":{\"path\":\"/etc/tasks\",\"at_birth\":false}"),
        valid.replace("\"group\":null", "\"group\":{\"path\":\"/etc/passwd\",\"at_birth\":true}"),
        valid.replace("\"uids\":null,\"gids\":null", "\"uids\":[[0,4294967295,4294967295]],\"gids\":[]"),
        valid.replace("\"workdir\":\"/\"", "\"workdir\":\"\\u0000\""),
    ];
    for text in &texts {
        fs::write(&record, text).expect("a file");
        tried(&text[..text.len().min(400)]);
    }
    symlink("/etc/passwd", &record).expect("a link");
    tried("a link");
    fs::create_dir(&record).expect("a directory");
    tried("a directory");
    let made = Command::new("mkfifo").arg(&record).status();
    assert!(made.is_ok_and(|status| status.success()), "a pipe");
    tried("a pipe");
    fs::remove_file(&journal).expect("a file");
}

/// The pid that is written down is another process's by now.
#[test]
fn the_pid_of_somebody_else_is_not_joined() {
    let own = fs::read_link("/proc/self/ns/mnt").expect("a namespace");
    for somebody in Somebody::all("exec-reused") {
        let victim = Victim::prepared(&somebody, &[], "");
        assert!(victim.exec(&[], &["true"]).status.success());
        let record = somebody.state().join("containers").join(format!("{}:state", victim.name));
        let text = fs::read_to_string(&record).expect("a record");
        let from = text.find("\"init\":").expect("a pid") + "\"init\":".len();
        let length = text[from..].find(',').expect("an end");
        let mut other =
            Running::start(somebody.shell("echo up; exec sleep 1000").stdin(std::process::Stdio::null()));
        other.wait_for("up");
        fs::write(&record, format!("{}{}{}", &text[..from], other.pid(), &text[from + length..]))
            .expect("a file");
        let output = victim.exec(&[], &["readlink", "/proc/self/ns/mnt"]);
        let (printed, told) = (out(&output), err(&output));
        assert_ne!(printed.trim(), own.to_string_lossy(), "{}", somebody.kind);
        assert!(output.status.success() || told.starts_with("error[CX"), "{}: {told}", somebody.kind);
    }
}
