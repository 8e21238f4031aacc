//! R15 and R19: who joins is bound as the container is, and the caller's terminal stays outside.

use super::{ALL, Victim};
use crate::{quoted, text, tool};
use end_to_end::{Somebody, eventually, lacks, out};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;

#[test]
fn who_joins_cannot_leave_the_group_or_raise_the_limit() {
    if lacks("exec-limit", &["prlimit"]) {
        return;
    }
    let fork = "i=0; while [ $i -lt 60 ]; do sleep 99 > /dev/null 2>&1 & i=$((i + 1)); done 2> /dev/null; ls -d /proc/[0-9]* | wc -l";
    let raise = "prlimit --nproc=unlimited --pid $$ 2> /dev/null; ulimit -u unlimited 2> /dev/null
        for tasks in $(find /sys/fs/cgroup -name tasks -o -name cgroup.procs); do echo $$ > $tasks; done 2> /dev/null";
    for somebody in Somebody::all("exec-limit") {
        for options in [&["--pids-limit", "30"][..], &[&ALL[..], &["--pids-limit", "30"]].concat()] {
            for script in [
                format!("{raise}; {fork}"),
                format!("unshare -UrC sh -c '{}'", quoted(&format!("{raise}; {fork}"))),
            ] {
                let victim = Victim::prepared(&somebody, options, "cat /proc/self/cgroup > /tmp/group");
                let group = out(&victim
                    .exec(&[], &["sh", "-c", "cat /proc/self/cgroup | diff - /tmp/group && echo same"]));
                assert_eq!(group, "same\n", "{}", somebody.kind);
                let printed = out(&victim.exec(&[], &["sh", "-c", &format!("{script} 2> /dev/null")]));
                let last = printed.lines().last().and_then(|line| line.trim().parse::<u32>().ok());
                // A shell that cannot even start ls has met the limit, too.
                assert!(last.is_none_or(|count| count <= 33), "{}: {script}: {printed}", somebody.kind);
            }
        }
    }
}

/// CVE-2017-5226 and CVE-2016-2781: keys typed into the terminal of whoever joins. Where stdout is a file, the command
/// has that terminal as stdin, but not as the one of its session.
#[test]
fn nothing_is_typed_into_the_terminal_of_whoever_joins() {
    for somebody in Somebody::all("exec-typed") {
        let Some(tool) = tool(&somebody, "exec-typed") else { return };
        let volume = format!("{}:/tool:ro", text(&tool));
        for options in [&[][..], &ALL] {
            let victim = Victim::prepared(&somebody, &[options, &["-v", &volume]].concat(), "");
            for both in [true, false] {
                let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
                let terminal = openpt(flags).expect("a terminal");
                grantpt(&terminal).and_then(|()| unlockpt(&terminal)).expect("it can be opened");
                let inner = ioctl_tiocgptpeer(&terminal, flags).expect("its inner side");
                let device = rustix::fs::fstat(&inner).expect("a terminal");
                let told = somebody.home().join("told");
                let file = std::fs::File::create(&told).expect("a file");
                // At a terminal stdout is one: what is told then is written down inside.
                let script = "{ stat -L -c %d:%i /dev/fd/0 /dev/tty; for fd in 0 1 2; do /tool push /dev/fd/$fd; done; } > /tmp/told 2>&1";
                let mut exec = somebody.command("setsid");
                exec.args(["--ctty", "--wait", "--", text(&somebody.program()), "exec"]);
                exec.args([&victim.name, "sh", "-c", script])
                    .stdin(Stdio::from(inner.try_clone().expect("a copy")));
                let out_and_err = || {
                    if both {
                        Stdio::from(inner.try_clone().expect("a copy"))
                    } else {
                        file.try_clone().expect("a copy").into()
                    }
                };
                let mut child = exec.stdout(out_and_err()).stderr(out_and_err()).spawn().expect("it starts");
                eventually("it ends", || child.try_wait().is_ok_and(|ended| ended.is_some()));
                let printed = out(&victim.exec(&[], &["cat", "/tmp/told"]));
                let typed = printed.lines().filter(|line| *line == "done").count();
                let own = format!("{}:{}", device.st_dev, device.st_ino);
                assert_eq!(printed.contains(&own), !both, "{}: {options:?}: {printed}", somebody.kind);
                // Without the filter a command may type into the terminal of its own session.
                assert!(
                    typed == 0 || both && !options.is_empty(),
                    "{}: {options:?} {both}: {printed}",
                    somebody.kind
                );
                assert!(
                    std::fs::metadata(&told).is_ok_and(|metadata| metadata.is_file() && metadata.size() == 0),
                    "{}",
                    somebody.kind
                );
            }
        }
    }
}
