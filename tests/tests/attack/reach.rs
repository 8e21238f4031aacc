//! What of the host can be seen or reached from the default root: its programs, and nothing else.

use crate::{all_refused, inside, text, told, tool, with_bind};
use end_to_end::{Kind, Somebody, err, out};
use std::fs;
use testbed::scratch::Scratch;

#[test]
fn secrets_of_the_host_are_not_there() {
    let attacks = [
        "ls /etc/shadow || ls /etc/gshadow || ls /etc/shadow- || ls /etc/passwd-",
        "ls /etc/ssh || ls /root/.ssh || ls /etc/ssl/private",
        "ls /etc/machine-id || ls /var/lib/dbus/machine-id",
        "ls /etc/sudoers || ls /etc/sudoers.d || ls /etc/krb5.keytab",
        "ls /var/lib/dpkg || ls /var/log/wtmp || ls /var/spool/cron",
        "ls -A /home /root /tmp /run/user /srv /media | grep -v ':$' | grep .",
        "ls /boot || ls /lost+found || ls /old_root || ls /host",
        "ls /run/docker.sock || ls /var/run/docker.sock || ls /run/dbus || ls /run/containerception",
        "ls /dev/mem || ls /dev/kmsg || ls /dev/sda || ls /dev/vda || ls /dev/loop-control || ls /dev/fuse || ls /dev/kvm",
    ];
    for somebody in Somebody::all("secrets") {
        all_refused(&somebody, &[], &attacks);
        all_refused(&somebody, &["--read-only"], &attacks);
    }
}

/// What is mounted to build the root is out of reach when it stands.
#[test]
fn layers_below_the_overlay_are_out_of_reach() {
    let attacks = [
        "ls /lower || ls /upper || ls /work || ls /../upper || ls /usr/../../lower",
        "grep -E 'lowerdir=/(proc|run|tmp|home)' /proc/self/mountinfo",
        "mount -o remount,rw /usr || mount -t overlay -o lowerdir=/usr,upperdir=/tmp,workdir=/mnt none /usr",
        "umount /usr || umount -l /usr",
        "mkdir /tmp/x && pivot_root / /tmp/x",
    ];
    for somebody in Somebody::all("layers") {
        all_refused(&somebody, &[], &attacks);
    }
}

#[test]
fn what_is_written_to_programs_is_not_written_to_the_hosts() {
    for somebody in Somebody::all("overwritten") {
        let before = fs::metadata("/usr/bin/env").and_then(|file| file.modified()).expect("env is there");
        let _ = inside(
            &somebody,
            &[],
            "echo evil > /usr/bin/env; chmod 4777 /usr/bin/env; rm -rf /usr/bin /usr/lib",
        );
        assert_eq!(
            fs::metadata("/usr/bin/env").and_then(|file| file.modified()).expect("env is there"),
            before
        );
        assert_eq!(inside(&somebody, &[], "env true"), "", "{}", somebody.kind);
    }
}

/// All that the root consists of, not its topmost mount alone.
#[test]
fn a_read_only_root_is_read_only_everywhere() {
    let script = "for place in / /usr /usr/bin /usr/local/lib /opt /etc /root /tmp /run /var/tmp; do
        (: > $place/new) 2> /dev/null && echo wrote to $place; done; echo tried";
    for somebody in Somebody::all("read-only-root") {
        assert_eq!(inside(&somebody, &["--read-only"], script), "tried\n", "{}", somebody.kind);
        let namespace = format!(
            "unshare -Urm sh -c 'mount -o remount,rw,bind /; mount -o remount,rw,bind /usr; {script}' 2> /dev/null"
        );
        assert_eq!(inside(&somebody, &["--read-only"], &namespace), "tried\n", "{}", somebody.kind);
    }
}

/// The same in place, where other file systems are mounted below: they are the host's.
#[test]
fn a_read_only_tree_is_read_only_below_its_mounts_as_well() {
    if !crate::by_root("read-only-tree") || end_to_end::lacks("read-only-tree", &["busybox"]) {
        return;
    }
    for somebody in Somebody::all("read-only-tree").into_iter().filter(|one| one.kind != Kind::Root) {
        let (tree, data) = (somebody.rootfs("root"), somebody.home().join("data"));
        fs::create_dir(&data).expect("a directory");
        somebody.give(&data);
        let mut inner = somebody.command(somebody.program());
        inner.args([
            "run",
            "--rootfs",
            text(&tree),
            "--read-only",
            "sh",
            "-c",
            "touch /new /tmp/new 2> /dev/null; ls / /tmp",
        ]);
        let output = with_bind(&data, &tree.join("tmp"), &inner);
        assert!(output.status.success(), "{}: {}", somebody.kind, err(&output));
        assert!(!out(&output).contains("new"), "{}: {}", somebody.kind, out(&output));
        assert!(!data.join("new").exists() && !tree.join("new").exists(), "{}", somebody.kind);
    }
}

#[test]
fn processes_of_the_host_are_not_there() {
    for somebody in Somebody::all("host-processes") {
        let own = std::process::id();
        let script = format!(
            "kill -0 {own} && echo reached {own}; kill -KILL {own}; ls -d /proc/{own}; kill -KILL -1; true"
        );
        let printed =
            inside(&somebody, &[], &format!("( {script} ) 2> /dev/null; ls -d /proc/[0-9]* | wc -l"));
        assert!(
            !printed.contains("reached") && !printed.contains(&own.to_string()),
            "{}: {printed}",
            somebody.kind
        );
    }
}

/// The classic way out of a chroot, by a directory that is still open.
#[test]
fn a_chroot_inside_does_not_lead_out() {
    let scratch = Scratch::new("climb").expect("a directory");
    let canary = scratch.path().join("canary");
    fs::write(&canary, "sings").expect("a file");
    for somebody in Somebody::all("climb") {
        let Some(tool) = tool(&somebody, "climb") else { return };
        assert_eq!(told(&somebody, &tool, &[], &["climb", text(&canary)]), "ENOENT", "{}", somebody.kind);
        // It does lead out of the inner chroot: the attack itself works.
        assert_eq!(told(&somebody, &tool, &[], &["climb", "/etc/passwd"]), "done", "{}", somebody.kind);
        assert_eq!(
            told(&somebody, &tool, &["--cap-add", "ALL"], &["climb", text(&canary)]),
            "ENOENT",
            "{}",
            somebody.kind
        );
    }
}

#[test]
fn memory_that_the_host_shares_is_not_there() {
    let name = format!("containerception-canary-{}", std::process::id());
    let canary = std::path::Path::new("/dev/shm").join(&name);
    if fs::write(&canary, "sings").is_err() {
        return end_to_end::skip("shared-memory", "/dev/shm cannot be written here");
    }
    let looks: Vec<String> = Somebody::all("shared-memory")
        .iter()
        .map(|somebody| inside(somebody, &[], "ls -A /dev/shm /dev/mqueue"))
        .collect();
    fs::remove_file(&canary).expect("a file");
    for look in looks {
        assert_eq!(look, "/dev/mqueue:\n\n/dev/shm:\n");
    }
}
