//! What comes back in a user namespace inside, where one has all capabilities, does not reach what is outside of it.

use crate::{inside, quoted};
use end_to_end::{Somebody, lacks};

/// Runs each of `attacks` as root of a user and mount namespace inside, and fails unless each fails.
fn all_refused(somebody: &Somebody, flags: &str, attacks: &[&str]) {
    let tries: String = attacks
        .iter()
        .map(|attack| format!("( {attack} ) > /dev/null 2>&1 && echo '{}'\n", quoted(attack)))
        .collect();
    let script =
        format!("mkdir -p /mnt/x; unshare {flags} sh -c '{}'", quoted(&format!("{tries}echo tried")));
    assert_eq!(inside(somebody, &[], &script), "tried\n", "{}: these attacks succeeded", somebody.kind);
}

/// A covered file, or the `/proc` without covers that lies below `/dev/mqueue`, must not come to light.
#[test]
fn covers_stay_where_they_are() {
    let attacks = [
        "umount /proc/interrupts || umount -l /proc/interrupts",
        "umount /proc/keys || umount /proc/timer_list",
        "umount /proc/sys || umount -l /proc/sys || umount /proc/sysrq-trigger",
        "umount /dev/mqueue || umount -l /dev/mqueue",
        "umount /dev/null || umount -l /dev",
        "umount -l /proc",
        "umount /sys || umount -l /sys || umount /sys/fs/cgroup",
        "mount --bind /proc /mnt/x",
        "mount --bind /dev /mnt/x",
        "mount --bind / /mnt/x && ls /mnt/x/proc/self",
        "mount --move /dev/mqueue /mnt/x",
        "mount --move /proc/keys /mnt/x",
        "mount --rbind /proc /mnt/x && umount /mnt/x/keys",
        "mount --rbind /dev /mnt/x && umount /mnt/x/mqueue",
        "test -s /proc/keys || test -s /proc/kcore",
        "ls /dev/mqueue/self || ls /dev/mqueue/sys",
        "mkdir /tmp/r && mount --rbind / /tmp/r && umount /tmp/r/proc/keys",
    ];
    for somebody in Somebody::all("covers") {
        all_refused(&somebody, "-Urm", &attacks);
        all_refused(&somebody, "-UrmpfinuC", &attacks);
    }
}

#[test]
fn what_is_read_only_stays_so() {
    let attacks = [
        "mount -o remount,rw,bind /sys || mount -o remount,rw /sys",
        "mount -o remount,rw,bind /proc/sys || mount -o remount,rw /proc/sys",
        "mount -o remount,rw,bind /proc/sysrq-trigger",
        "mount -o remount,rw,bind /sys/fs/cgroup || mount -o remount,rw,bind /sys/fs/cgroup/pids",
        "for d in $(find /etc -xdev -mindepth 1 -type d); do mount -o remount,rw,bind $d && exit; done; false",
        "mount -t sysfs none /mnt/x && test -n \"$(find /mnt/x -type f -writable | head -1)\"",
        "mount -o remount,dev,bind / || mount -o remount,suid,bind /proc || mount -o remount,dev,bind /usr",
        "mount --bind /sys /mnt/x && mount -o remount,rw,bind /mnt/x",
    ];
    for somebody in Somebody::all("read-only") {
        all_refused(&somebody, "-Urmn", &attacks);
    }
}

/// A fresh `/proc` may be mounted there, which is what nesting needs. Ids are what protects the kernel's switches.
#[test]
fn a_fresh_proc_turns_no_switches() {
    let own = "/proc/sys/(user/|fs/(mqueue/|binfmt_misc/)|net/|kernel/(shm|msg|sem|auto_msgmni|ns_last_pid|pid_max|hostname|domainname))";
    let look = format!(
        "find /proc/sys -type f -writable 2> /dev/null | grep -vE '^{own}'; (: >> /proc/sysrq-trigger) 2> /dev/null && echo sysrq; head -c 1 /proc/kcore 2> /dev/null; cat /proc/keys /proc/timer_list 2> /dev/null | head -1; echo looked"
    );
    for somebody in Somebody::all("fresh-proc") {
        for flags in ["-Urpf --mount-proc", "-Urpfinum --mount-proc"] {
            let script = format!("unshare {flags} sh -c '{}'", quoted(&look));
            let found = inside(&somebody, &[], &script);
            let harmless = |line: &&str| {
                !line.starts_with("Timer List") && !["_ses", "_uid"].iter().any(|own| line.contains(own))
            };
            let found: Vec<&str> = found.lines().filter(harmless).collect();
            assert_eq!(found, ["looked"], "{}: {flags}", somebody.kind);
        }
    }
}

#[test]
fn disks_and_the_kernels_own_file_systems_cannot_be_mounted() {
    let types = [
        "debugfs",
        "tracefs",
        "securityfs",
        "configfs",
        "pstore",
        "efivarfs",
        "bpf -o delegate_cmds=any",
        "hugetlbfs",
    ];
    let attacks: Vec<String> = types[..6]
        .iter()
        .map(|kind| format!("mount -t {kind} none /mnt/x"))
        .chain(
            ["ext4", "xfs", "btrfs", "iso9660", "vfat", "squashfs"]
                .map(|kind| format!("mount -t {kind} /etc/passwd /mnt/x || mount -t {kind} /dev/vda /mnt/x")),
        )
        .collect();
    let attacks: Vec<&str> = attacks.iter().map(String::as_str).collect();
    for somebody in Somebody::all("mount-disks") {
        all_refused(&somebody, "-Urm", &attacks);
    }
}

/// An inner namespace cannot map ids that its outer one does not have.
#[test]
fn ids_of_the_host_cannot_be_mapped() {
    if lacks("map-ids", &["unshare"]) {
        return;
    }
    for somebody in Somebody::all("map-ids") {
        let script = "unshare -U sleep 5 & sleep 0.3; for map in '0 100000 1' '0 0 4294967295' '0 805306368 65536' '0 0 65537'; do
            (echo $map > /proc/$!/uid_map) 2> /dev/null && echo mapped $map; done; kill $!; echo tried";
        let printed = inside(&somebody, &[], script);
        assert_eq!(printed, "tried\n", "{}", somebody.kind);
    }
}
