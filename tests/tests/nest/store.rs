//! Where what a level writes goes, and what it is stacked on: copies of copies, memory and disk, and a store that is full.

use crate::{chain, printed, words};
use end_to_end::{Kind, Somebody, err, lacks, out, skip};
use std::fs;
use std::path::PathBuf;

const LAYERS: &str = "/dev/.containerception/layers";
const DISK: [&str; 2] = ["--storage-opt", "medium=disk"];

/// Everybody whose inner containers write to memory: before Linux 6.6 they write to disk whatever is asked for, where
/// nobody inside can bound them.
fn all_in_memory(test: &str) -> Vec<Somebody> {
    let mut all = Somebody::all(test);
    all.retain(|somebody| {
        let output = somebody.run(&["containerception", "run", "--storage-opt", "size=8m", "true"]);
        let lies = !err(&output).contains("CX1011");
        if !lies {
            skip(test, &format!("{}: tmpfs has no attributes of users here", somebody.kind));
        }
        lies
    });
    all
}

/// What is left of the container `name` where its user's containers keep their state and their directories on disk.
fn left(somebody: &Somebody, name: &str) -> Vec<PathBuf> {
    let entries =
        |place: PathBuf| fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path());
    let places = [somebody.state(), somebody.storage()];
    let all = places.into_iter().flat_map(entries).flat_map(entries);
    all.filter(|path| path.file_name().is_some_and(|file| file.to_string_lossy().contains(name))).collect()
}

/// A name that no container of another test has.
fn name(test: &str, somebody: &Somebody) -> String {
    format!("store-{test}-{}-{}", somebody.kind.word(), std::process::id())
}

/// A container inside goes on from the directory, at any depth, whatever those above have made of their copies of it; and
/// has all of it, if it takes the layers for its root filesystem.
#[test]
fn a_copy_is_what_those_inside_are_made_of() {
    if lacks("store-copy", &["busybox"]) {
        return;
    }
    let script = format!(
        "echo above > /bin/new; rm /bin/wc; mkdir /app
        containerception nest 7 sh -c 'containerception depth; test ! -e /bin/new; ls /bin/wc; touch /bin/x; ls /bin/x'
        again='containerception run --rootfs {LAYERS} --ephemeral'
        $again $again $again sh -c 'containerception depth; ls -d /app /etc/passwd; rm -r /etc; ls {LAYERS}/etc'"
    );
    for somebody in all_in_memory("store-copy") {
        let root = somebody.rootfs("root");
        let output =
            somebody.run(&["--rootfs", root.to_str().expect("UTF-8"), "--ephemeral", "sh", "-c", &script]);
        let said = out(&output);
        let expected = ["8", "/bin/wc", "/bin/x", "4", "/etc/passwd", "passwd"];
        assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{}: {}", somebody.kind, err(&output));
        assert!(!root.join("bin/new").exists() && root.join("etc/passwd").exists(), "{}", somebody.kind);
    }
}

/// Its directory is out of reach of writes for every level, and of those who have a user namespace of their own.
#[test]
fn what_is_copied_cannot_be_changed_from_inside() {
    if lacks("store-locked", &["busybox"]) {
        return;
    }
    let attack = format!(
        "touch {LAYERS}/x; rm {LAYERS}/etc/passwd; mount -o remount,bind,rw {LAYERS}; umount {LAYERS}
        unshare -Urm sh -c 'mount -o remount,bind,rw {LAYERS}; umount {LAYERS}; touch {LAYERS}/x'
        grep ' {LAYERS} ' /proc/self/mountinfo | cut -d ' ' -f 6"
    );
    for somebody in all_in_memory("store-locked") {
        let root = somebody.rootfs("root");
        let start = ["--rootfs", root.to_str().expect("UTF-8"), "--ephemeral"];
        let again = ["--rootfs", LAYERS, "--ephemeral"];
        for levels in [1, 3] {
            let inside = words(levels, &again, &["sh", "-c", &attack]);
            let output = somebody.run(&[&start[..], &inside].concat());
            let said = out(&output);
            assert!(said.starts_with("ro,nosuid,nodev"), "{}: {said}{}", somebody.kind, err(&output));
            assert!(!root.join("x").exists() && root.join("etc/passwd").exists(), "{}", somebody.kind);
        }
    }
}

/// The copy does not have what is mounted below the directory, and so neither do the layers.
#[test]
fn what_is_mounted_below_a_copied_directory_stays_outside() {
    if lacks("store-mounted", &["busybox"]) {
        return;
    }
    for somebody in all_in_memory("store-mounted") {
        somebody.rootfs("root");
        let own = if somebody.kind == Kind::Root { "unshare -m" } else { "unshare -Urm" };
        let script = format!("ls -A /tmp {LAYERS}/tmp; containerception run echo inside");
        let output = somebody
            .shell(&format!(
                "{own} sh -ec 'mount -t tmpfs none root/tmp; touch root/tmp/secret
                containerception run --rootfs root --ephemeral sh -c \"{script}\"'"
            ))
            .output()
            .expect("sh starts");
        let expected = format!("{LAYERS}/tmp:\n\n/tmp:\ninside\n");
        assert_eq!(out(&output), expected, "{}: {}", somebody.kind, err(&output));
    }
}

/// The kernel stacks two overlays: a directory in a copy can be copied, and one in that copy can only be used in place, or
/// be kept in a volume.
#[test]
fn a_third_copy_on_a_copy_is_refused_by_name() {
    if lacks("store-third", &["busybox"]) {
        return;
    }
    let make = "mkdir -p /root/r/tmp /root/r/root && cp -a /bin /etc /root/r";
    let third = "containerception run --rootfs /root/r --ephemeral true; echo $?
        containerception run --rootfs /root/r echo in place; containerception run echo goes on
        ls /run/containerception/containers";
    let script = format!(
        "{make} && echo '{make}\n{third}' > /root/r/root/third
        containerception run --rootfs /root/r --ephemeral sh /root/third"
    );
    for somebody in all_in_memory("store-third") {
        let root = somebody.rootfs("root");
        let output =
            somebody.run(&["--rootfs", root.to_str().expect("UTF-8"), "--ephemeral", "sh", "-c", &script]);
        let said = err(&output);
        assert_eq!(out(&output), "125\nin place\ngoes on\n", "{}: {said}", somebody.kind);
        for part in ["CX2005", "/root/r cannot be copied", "stacks no third", "in place", "-v DIR"] {
            assert!(said.contains(part), "{}: {part}: {said}", somebody.kind);
        }
    }
}

/// On disk is where the one around has its files, and nothing of it stays there.
#[test]
fn the_disk_can_be_asked_for_at_each_level() {
    let script = "touch /x /usr/bin/x && ls /usr/bin/x";
    let ls = "ls -A /run/containerception/containers /var/lib/containerception/*";
    for somebody in Somebody::all("store-disk") {
        for levels in [1, 2, 7] {
            let inner = format!("containerception run {} sh -c '{script}'; {ls}", DISK.join(" "));
            let said = printed(&somebody, levels, &["sh", "-c", &inner]);
            let listed: Vec<&str> =
                said.lines().filter(|line| !line.is_empty() && !line.ends_with(':')).collect();
            assert_eq!(listed, ["/usr/bin/x"], "{}, {levels} levels above: {said}", somebody.kind);
        }
        // From the host's disk down, each in the directory of the one around.
        let name = name("disk", &somebody);
        let inner = words(8, &DISK, &["sh", "-c", script]);
        let output = somebody.run(&[&DISK[..], &["--name", &name], &inner].concat());
        assert_eq!(out(&output), "/usr/bin/x\n", "{}: {}", somebody.kind, err(&output));
        assert_eq!(left(&somebody, &name), Vec::<PathBuf>::new(), "{}", somebody.kind);
        let bounded = "containerception run --storage-opt size=8m,medium=disk true";
        let output = chain(&somebody, 1, &["sh", "-c", bounded]);
        let said = err(&output);
        assert!(
            said.contains("CX1011") && said.contains("leave out medium=disk"),
            "{}: {said}",
            somebody.kind
        );
    }
}

/// No overlay writes to an overlay; a volume is none.
#[test]
fn the_disk_of_a_copy_is_refused_by_name_and_a_volume_will_do() {
    if lacks("store-disk-copy", &["busybox"]) {
        return;
    }
    let inner = "containerception run --storage-opt medium=disk touch /bin/x; echo $?
        find /root/.local /var/lib/containerception -mindepth 4 2> /dev/null";
    for somebody in all_in_memory("store-disk-copy") {
        let root = somebody.rootfs("root");
        let copy = ["--rootfs", root.to_str().expect("UTF-8"), "--ephemeral"];
        let output = somebody.run(&[&copy[..], &["sh", "-c", inner]].concat());
        let said = err(&output);
        assert_eq!(out(&output), "125\n", "{}: {said}", somebody.kind);
        for part in ["CX2005", "lies on an overlay", "leave out medium=disk", "-v DIR:"] {
            assert!(said.contains(part), "{}: {part}: {said}", somebody.kind);
        }
        let place = said.split("-v DIR:").nth(1).and_then(|rest| rest.split(',').next()).expect("a place");
        let mapped = if somebody.kind == Kind::Root { ":idmap" } else { "" };
        let disk = somebody.home().join("disk");
        let made = somebody.shell("mkdir -m 700 disk").status();
        assert!(made.is_ok_and(|status| status.success()));
        let volume = format!("{}:{place}{mapped}", disk.display());
        let output = somebody.run(&[&copy[..], &["-v", &volume, "sh", "-c", inner]].concat());
        assert_eq!(out(&output), "0\n", "{}: {}", somebody.kind, err(&output));
    }
}

/// Whoever fills what it has been given has filled that: those above and beside it write on.
#[test]
fn a_level_that_fills_its_store_fills_no_other() {
    let fill = "head -c 8m /dev/zero > /tmp/f || printf \"full \"; echo x > /tmp/g || echo still; read end";
    let script = format!(
        "mkfifo /tmp/up /tmp/end
        containerception run --storage-opt size=1m sh -c '{fill}' < /tmp/end > /tmp/up 2> /dev/null &
        exec 4> /tmp/end; read line < /tmp/up; echo $line
        head -c 16m /dev/zero > /tmp/f && echo above
        containerception run --storage-opt size=20m sh -c 'head -c 16m /dev/zero > /tmp/f && echo beside'
        echo end >&4; wait"
    );
    for somebody in all_in_memory("store-fills") {
        let name = name("fills", &somebody);
        let start = ["--name", &name, "--storage-opt", "size=20m"];
        for levels in [1, 3] {
            let inside = words(levels, &["--storage-opt", "size=20m"], &["sh", "-c", &script]);
            let output = somebody.run(&[&start[..], &inside].concat());
            assert_eq!(out(&output), "full still\nabove\nbeside\n", "{}: {}", somebody.kind, err(&output));
            assert_eq!(left(&somebody, &name), Vec::<PathBuf>::new(), "{}", somebody.kind);
        }
    }
}

/// Without a size, what lies on disk inside takes the room of the one around, who is told so as anybody is, and has it
/// back in the end.
#[test]
fn who_has_no_bound_of_its_own_fills_the_store_around() {
    let script = "mkfifo /tmp/up /tmp/end
        fill='head -c 32m /dev/zero > /tmp/f || echo full; read end'
        containerception run --storage-opt medium=disk sh -c \"$fill\" < /tmp/end > /tmp/up 2> /dev/null &
        exec 4> /tmp/end; read line < /tmp/up; echo $line
        head -c 1m /dev/zero > /tmp/f 2> /dev/null || echo full above
        echo end >&4; wait
        head -c 4m /dev/zero > /tmp/f && echo room again";
    for somebody in all_in_memory("store-around") {
        let output = somebody.run(&["--storage-opt", "size=8m", "sh", "-c", script]);
        assert_eq!(out(&output), "full\nfull above\nroom again\n", "{}: {}", somebody.kind, err(&output));
    }
}

/// A container inside of one that is full is told what is, and goes without a trace; room is all that it takes.
#[test]
fn no_room_in_the_store_around_is_told() {
    let script = "head -c 9m /dev/zero > /tmp/f 2> /dev/null
        containerception run --storage-opt medium=disk true; echo $?
        i=0; while true > /tmp/$i; do i=$((i + 1)); done 2> /dev/null
        containerception run true; echo $?
        find /run/containerception/containers /var/lib/containerception -mindepth 2 2> /dev/null
        rm -r /tmp/*; containerception run echo room again; ls /run/containerception/containers";
    for somebody in all_in_memory("store-full") {
        let name = name("full", &somebody);
        let output = somebody.run(&["--name", &name, "--storage-opt", "size=2m", "sh", "-c", script]);
        let said = err(&output);
        assert_eq!(out(&output), "125\n125\nroom again\n", "{}: {said}", somebody.kind);
        assert_eq!(said.matches("error[CX2012]").count(), 2, "{}: {said}", somebody.kind);
        for part in [
            "no space is left in /var/lib/containerception",
            "or leave out medium=disk",
            "left in /run/containerception",
        ] {
            assert!(said.contains(part), "{}: {part}: {said}", somebody.kind);
        }
        assert_eq!(left(&somebody, &name), Vec::<PathBuf>::new(), "{}", somebody.kind);
    }
}
