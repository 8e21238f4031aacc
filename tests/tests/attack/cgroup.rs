//! R15: groups are read-only inside, and a limit cannot be raised there.

use crate::{all_refused, inside};
use end_to_end::{Kind, Somebody, lacks};

/// CVE-2022-0492 and CVE-2023-25809: a control group that can be written, and its `release_agent`, which the kernel
/// runs as root outside.
#[test]
fn groups_cannot_be_written_or_made() {
    let attacks = [
        "find /sys/fs/cgroup -writable | grep .",
        "for limit in $(find /sys/fs/cgroup -name pids.max); do echo max > $limit && exit; done; false",
        "for tasks in $(find /sys/fs/cgroup -name tasks); do echo 0 > $tasks && exit; done; false",
        "mkdir /sys/fs/cgroup/new || mkdir /sys/fs/cgroup/pids/new",
        "find /sys/fs/cgroup -name release_agent | grep .",
        "mount -o remount,rw /sys/fs/cgroup || mount -o remount,rw,bind /sys/fs/cgroup/pids",
        "umount /sys/fs/cgroup/pids || umount -l /sys/fs/cgroup",
        "mount -t cgroup -o pids none /mnt || mount -t cgroup2 none /mnt",
    ];
    for somebody in Somebody::all("cgroup-write") {
        all_refused(&somebody, &[], &attacks);
        if somebody.kind == Kind::Root {
            all_refused(&somebody, &["--userns", "host"], &attacks[1..]);
        }
    }
}

/// CVE-2022-0492: all capabilities come back in a user namespace, and with a cgroup namespace the right to mount.
#[test]
fn groups_that_are_mounted_afresh_cannot_be_written() {
    let attack = "for type in 'cgroup2' 'cgroup -o pids' 'cgroup -o memory' 'cgroup -o devices' 'cgroup -o freezer'; do
        mount -t $type none /mnt 2> /dev/null || continue
        for file in pids.max cgroup.procs tasks release_agent notify_on_release memory.limit_in_bytes cgroup.subtree_control; do
            (: >> /mnt/$file) 2> /dev/null && test -e /mnt/$file && echo \"wrote $file of $type\"
        done
        mkdir /mnt/new 2> /dev/null && echo \"made a group of $type\" && rmdir /mnt/new
        umount /mnt
    done; echo tried";
    for somebody in Somebody::all("cgroup-mounted") {
        let script = format!("unshare -UrmC sh -c '{}'", crate::quoted(attack));
        assert_eq!(inside(&somebody, &[], &script), "tried\n", "{}", somebody.kind);
    }
}

#[test]
fn where_the_container_is_among_the_hosts_groups_is_not_told() {
    for somebody in Somebody::all("cgroup-hidden") {
        let told = inside(&somebody, &[], "cut -d: -f3 /proc/self/cgroup | sort -u");
        assert_eq!(told, "/\n", "{}", somebody.kind);
    }
}

/// Neither by the resource limit itself, nor in a namespace where all capabilities are back.
#[test]
fn the_limit_of_processes_cannot_be_raised() {
    if lacks("raise-limit", &["prlimit"]) {
        return;
    }
    // Starts 60 processes and counts those that could be.
    let fork =
        "i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i + 1)); done 2> /dev/null; ls -d /proc/[0-9]* | wc -l";
    for somebody in Somebody::all("raise-limit") {
        let raise = "prlimit --nproc=unlimited --pid $$ 2> /dev/null; ulimit -u unlimited 2> /dev/null";
        for script in [
            format!("{raise}; {fork}"),
            format!("unshare -Ur sh -c '{raise}; {fork}'"),
            format!("unshare -Urpf --mount-proc sh -c '{raise}; {fork}'"),
        ] {
            let printed = inside(&somebody, &["--pids-limit", "30"], &format!("{script} 2> /dev/null"));
            let last = printed.lines().last().and_then(|line| line.trim().parse::<u32>().ok());
            // A shell that cannot even start ls has met the limit, too.
            assert!(last.is_none_or(|count| count <= 32), "{}: {script}: {printed}", somebody.kind);
        }
    }
}
