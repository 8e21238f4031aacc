//! What a level tries to do to the program, the layers, and the level above.

use crate::printed;
use end_to_end::{Somebody, err, out};

/// As a word of the shell, between quotation marks.
fn quoted(text: &str) -> String {
    text.replace('\'', "'\\''")
}

/// A script that tries each of `attacks`, and prints those that succeed.
fn tries(attacks: &[&str]) -> String {
    let line = |attack: &&str| format!("( {attack} ) > /dev/null 2>&1 && echo '{}'\n", quoted(attack));
    attacks.iter().map(line).collect()
}

/// Runs each of `attacks` in a container, and below one, and fails unless each fails.
fn all_refused(somebody: &Somebody, attacks: &[&str]) {
    let tries = tries(attacks);
    for levels in 1..=2 {
        let said = printed(somebody, levels, &["sh", "-c", &format!("mkdir -p /mnt/x; {tries}echo tried")]);
        assert_eq!(said, "tried\n", "{}, {levels} levels: these attacks succeeded", somebody.kind);
    }
}

const PLACE: &str = "P=/dev/.containerception/bin/containerception; L=/dev/.containerception/layers/usr";

/// Who could change the program would be whoever starts the next container: CVE-2019-5736.
#[test]
fn the_program_and_the_layers_cannot_be_written() {
    let writes = [
        format!("{PLACE}; : >> $P"),
        format!("{PLACE}; cp /bin/true $P"),
        format!(
            "{PLACE}; $P run sleep 5 & for i in 1 2 3 4 5 6 7 8 9; do sleep 0.02; (: >> /proc/$!/exe) && exit 0; done; kill $!; false"
        ),
        format!("{PLACE}; : >> $L/bin/sh"),
        format!("{PLACE}; rm $L/bin/sh || touch $L/bin/new || chmod 777 $L/bin/sh || touch -c $L/bin/sh"),
        format!("{PLACE}; mount -o remount,rw,bind $L || mount -o remount,rw,bind $P"),
        format!("{PLACE}; unshare -Urm sh -c \"mount -o remount,rw,bind $L || mount -o remount,rw,bind $P\""),
        format!("{PLACE}; unshare -Urm sh -c \"mount --bind $L /mnt/x && mount -o remount,rw,bind /mnt/x\""),
        format!("{PLACE}; unshare -Urm sh -c \"umount $L || umount -l /dev/.containerception/layers/usr\""),
        format!(
            "{PLACE}; unshare -Urm sh -c \"mount -o remount,suid,bind $L || mount -o remount,dev,bind $L\""
        ),
    ];
    let writes: Vec<&str> = writes.iter().map(String::as_str).collect();
    for somebody in Somebody::all("nest-write") {
        all_refused(&somebody, &writes);
    }
}

/// With CAP_SYS_ADMIN in the namespace that owns the mounts they could be made writable: so there are none.
#[test]
fn who_has_sys_admin_has_no_place() {
    for somebody in Somebody::all("nest-sys-admin") {
        let output = somebody.run(&["--cap-add", "SYS_ADMIN", "ls", "-A", "/dev"]);
        assert!(output.status.success(), "{}: {}", somebody.kind, err(&output));
        assert!(!out(&output).contains("containerception"), "{}: {}", somebody.kind, out(&output));
    }
}

#[test]
fn the_level_above_cannot_be_seen_signalled_or_traced() {
    let attacks = [
        "ps -eo args | grep -qx 'sleep 1000'",
        "for p in $(seq 1 400); do test -d /proc/$p && grep -qax 'sleep.1000.' /proc/$p/cmdline && exit 0; done; false",
        "ls /proc/1/root/srv/secret",
        "cat /proc/1/cwd/srv/secret || cat /proc/$PPID/root/srv/secret",
        "nsenter -t 1 -m ls /srv/secret || nsenter -t 1 -p true || nsenter -t 1 -U true",
    ];
    let tries = tries(&attacks);
    let script = format!(
        "echo secret > /srv/secret; sleep 1000 & containerception run sh -c '{}'; kill -0 $! && echo alive",
        quoted(&format!("{tries}echo tried"))
    );
    for somebody in Somebody::all("nest-above") {
        for levels in [1, 3] {
            let said = printed(&somebody, levels, &["sh", "-c", &script]);
            assert_eq!(said, "tried\nalive\n", "{}, {levels} levels", somebody.kind);
        }
    }
}

/// Root of two containers beside each other is one user outside, and still neither reaches the other.
#[test]
fn a_sibling_cannot_be_seen_signalled_or_written() {
    let victim = "containerception run --name victim sh -c 'echo mine > /x; ipcmk -Q > /dev/null; echo up > /shared/up; \
        for i in $(seq 300); do test -e /shared/done && break; sleep 0.1; done; cat /x' > /shared/said 2>&1 &";
    let attacks = [
        "ps -eo comm | grep -qx sleep",
        "for p in /proc/[0-9]*; do test -e $p/root/shared/up -a $p != /proc/$$ && grep -qx mine $p/root/x && exit 0; done; false",
        "ls -d /run/containerception/containers/victim",
        "containerception exec victim true || containerception kill victim",
        "ipcs -q | grep -q 0x",
        "unshare -Urm sh -c 'grep -qx mine /proc/1/root/x'",
    ];
    let tries = tries(&attacks);
    // The last one takes all that it can see with it.
    let attacker = format!("{tries}kill -9 -1; echo tried");
    let script = format!(
        "mkdir /shared; {}
        until test -e /shared/up; do sleep 0.05; done
        containerception run sh -c '{}' 2> /dev/null; touch /shared/done; wait; cat /shared/said",
        victim.replace("run --name", "run -v /shared:/shared --name"),
        quoted(&attacker)
    );
    for somebody in Somebody::all("nest-sibling") {
        for levels in [1, 2] {
            let said = printed(&somebody, levels, &["sh", "-c", &script]);
            assert_eq!(said, "tried\nmine\n", "{}, {levels} levels", somebody.kind);
        }
    }
}

/// What a level writes fills what is its own.
#[test]
fn a_level_that_fills_its_root_has_its_own_enospc() {
    let script = "containerception run --storage-opt size=1m sh -c 'head -c 2000000 /dev/zero > /x 2> /dev/null || echo full'; echo fine > /x && cat /x";
    for somebody in Somebody::all("nest-fills") {
        assert_eq!(printed(&somebody, 2, &["sh", "-c", script]), "full\nfine\n", "{}", somebody.kind);
    }
}
