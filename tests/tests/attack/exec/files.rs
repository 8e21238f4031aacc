//! R9 of `exec -u`: the users of a container are what it says, in files that it can replace by anything.

use super::Victim;
use end_to_end::{Kind, Running, Somebody, err, out};
use std::fs;
use std::time::{Duration, Instant};

/// Longer is a hang; a file of the container's is read at most to its bound.
const PATIENCE: Duration = Duration::from_secs(10);

/// The caller's stdin, and a user whom its text would make.
const TRAP: &str = "evil:x:1:1::/of-the-host:\n";

#[test]
fn no_file_of_users_hangs_or_leads_outside() {
    let files = [
        "truncate -s 1G passwd",
        "head -c 8000000 /dev/zero | tr '\\0' : > passwd",
        "mkfifo passwd",
        "mkdir passwd",
        "ln -s passwd passwd",
        "ln -s /dev/zero passwd",
        "ln -s /dev/tty passwd",
        "ln -s /dev/pts/ptmx passwd",
        "ln -s /proc/self/fd/0 passwd",
        "ln -s /dev/stdin passwd",
        "ln -s /proc/thread-self/fd/7 passwd",
        "ln -s /proc/self/environ passwd",
        "ln -s /proc/1/environ passwd",
        "ln -s /proc/1/root/etc/shadow passwd",
        "ln -s /proc/kmsg passwd",
        "ln -s /proc/self/mem passwd",
        "printf 'evil\\377:x:1:1::/:\\n\\376' > passwd",
        "printf 'evil:x:4294967295:1::/:\\nevil:x:-1:1::/:\\nevil:x:1\\nevil\\n' > passwd",
    ];
    for somebody in Somebody::all("exec-passwd") {
        let trap = somebody.home().join("trap");
        fs::write(&trap, TRAP).expect("a file");
        somebody.give(&trap);
        let victim = Victim::prepared(&somebody, &[], "");
        for file in files {
            let made = victim.exec(&[], &["sh", "-c", &format!("cd /etc; rm -rf passwd; {file}")]);
            assert!(made.status.success(), "{}: {file}: {}", somebody.kind, err(&made));
            let begun = Instant::now();
            let line = "CX_SECRET=$(cat trap); export CX_SECRET; exec 7< trap";
            let output = victim.typed(&somebody.program(), "", line, "-u evil NAME env < trap");
            let told = err(&output) + &out(&output);
            assert!(begun.elapsed() < PATIENCE, "{}: {file}", somebody.kind);
            assert!(told.starts_with("error[CX4001]: "), "{}: {file}: {told}", somebody.kind);
            assert!(!told.contains("of-the-host"), "{}: {file}: {told}", somebody.kind);
        }
    }
}

/// What a file says is taken for no more than it is: ids of this container, and a bounded number of them.
#[test]
fn users_are_those_of_the_container() {
    for somebody in Somebody::all("exec-users").into_iter().filter(|somebody| somebody.kind != Kind::Single) {
        let script = "echo 'far:x:99999999:1::/:' >> /etc/passwd; echo 'many:x:7:7::/x=y:' >> /etc/passwd
            for n in $(seq 1000 2000); do echo g$n:x:$n:many; done >> /etc/group";
        let victim = Victim::prepared(&somebody, &[], script);
        let far = victim.exec(&["-u", "far"], &["id"]);
        assert!(err(&far).starts_with("error[CX40"), "{}: {}", somebody.kind, err(&far));
        let many = victim.exec(&["-u", "many"], &["sh", "-c", "id -G | wc -w"]);
        let count: usize = out(&many).trim().parse().unwrap_or(0);
        assert!((2..=257).contains(&count), "{}: {count} groups: {}", somebody.kind, err(&many));
    }
}

/// A container that is stopped, killed or replaced while it is joined: an end, and one with a reason.
#[test]
fn a_container_that_ends_while_it_is_joined_is_told() {
    for somebody in Somebody::all("exec-ends") {
        for delay in [0, 2, 5, 9] {
            let victim = Victim::prepared(&somebody, &[], "");
            let mut exec = somebody.containerception();
            exec.arg("exec").arg(&victim.name).args(["sleep", "1000"]);
            let exec = Running::start(&mut exec);
            std::thread::sleep(Duration::from_millis(delay));
            victim.run.signal(rustix::process::Signal::KILL);
            let output = exec.finish();
            let (code, told) = (output.status.code(), err(&output));
            let known = told.starts_with("error[CX") && !told.contains("CX9003");
            assert!(code == Some(137) || code == Some(125) && known, "{}: {code:?} {told}", somebody.kind);
        }
    }
}
