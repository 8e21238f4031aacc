//! R21: what root inside writes through an id-mapped mount is root's on the host; nobody else may reach it.

use crate::{another, by_root, text, tool, with_bind};
use end_to_end::{Kind, Running, Somebody, err, lacks, out};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use testbed::scratch::Scratch;

/// Makes the tool set-user-ID and root's from inside, at this place inside; whether that could be done.
fn plant(root: &Somebody, tool: &Path, options: &[&str], place: &str) -> bool {
    let volume = format!("{}:/tool:ro", text(tool));
    let script = format!("cat /tool > {place} && chmod 6755 {place}");
    root.run(&[options, &["-v", &volume, "sh", "-c", &script]].concat()).status.success()
}

fn is_set_user_id_of_root(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.uid() == 0 && file.mode() & 0o4000 != 0)
}

/// Another user of the host tries to run it; what that prints.
fn run_as_another(path: &Path) -> String {
    let Some(user) = another("suid-runner") else { return String::new() };
    // By a shell: setpriv(1) itself still has root's capabilities when it executes a program.
    let output = Running::start(user.command("sh").args(["-c", "\"$0\" ids"]).arg(path)).finish();
    out(&output) + &err(&output)
}

/// The file is root's and set-user-ID, as the design says it would be; a closed directory above is the wall.
#[test]
fn a_set_user_id_file_of_an_in_place_root_cannot_be_run_by_another_user() {
    if !by_root("suid-in-place") || lacks("suid-in-place", &["busybox"]) {
        return;
    }
    let Some(root) = Somebody::only(Kind::Root, "suid-in-place") else { return };
    let Some(tool) = tool(&root, "suid-in-place") else { return };
    let tree = root.rootfs("root");
    assert!(plant(&root, &tool, &["--rootfs", text(&tree)], "/bin/evil"));
    // Root inside may open its own root directory to all; what lies above is not its own.
    assert!(root.run(&["--rootfs", text(&tree), "chmod", "777", "/", "/bin"]).status.success());
    let evil = tree.join("bin/evil");
    assert!(is_set_user_id_of_root(&evil));
    let told = run_as_another(&evil);
    assert!(told.contains("Permission denied"), "{told}");
    // That it is the closed directory which holds: without it, the attack succeeds.
    fs::set_permissions(root.home(), PermissionsExt::from_mode(0o755)).expect("a mode");
    assert_eq!(run_as_another(&evil), "0 0\n");
}

/// A tree that all can reach is refused, also through a link from a closed directory, and for volumes.
#[test]
fn a_tree_that_another_user_can_reach_is_not_handed_to_root_inside() {
    if !by_root("suid-open") || lacks("suid-open", &["busybox"]) {
        return;
    }
    let Some(root) = Somebody::only(Kind::Root, "suid-open") else { return };
    let Some(tool) = tool(&root, "suid-open") else { return };
    let scratch = Scratch::new("suid-open-tree").expect("a directory");
    let tree = scratch.path().join("root");
    testbed::rootfs::make(&tree).expect("a root filesystem");
    // Its own mode does not count: root inside can change it.
    fs::set_permissions(&tree, PermissionsExt::from_mode(0o700)).expect("a mode");
    let link = root.home().join("link");
    std::os::unix::fs::symlink(&tree, &link).expect("a link");
    for path in [&tree, &link] {
        assert!(!plant(&root, &tool, &["--rootfs", text(path)], "/bin/evil"));
    }
    let volume = format!("{}:/data:idmap", text(scratch.path()));
    assert!(!plant(&root, &tool, &["-v", &volume], "/data/evil"));
    let nested = format!("{}:/data:idmap", text(&tree));
    assert!(!plant(&root, &tool, &["-v", &nested], "/data/evil"));
    assert!(
        !scratch.path().join("evil").exists()
            && !tree.join("bin/evil").exists()
            && !tree.join("evil").exists()
    );
    // Thrown away, it may be written; and a plain volume gives the file an owner who is nobody.
    assert!(plant(&root, &tool, &["--rootfs", text(&tree), "--ephemeral"], "/bin/evil"));
    assert!(!tree.join("bin/evil").exists());
    fs::set_permissions(scratch.path(), PermissionsExt::from_mode(0o777)).expect("a mode");
    let plain = format!("{}:/data", text(scratch.path()));
    assert!(plant(&root, &tool, &["-v", &plain], "/data/evil"));
    assert!(!is_set_user_id_of_root(&scratch.path().join("evil")));
    let ids = run_as_another(&scratch.path().join("evil"));
    assert!(!ids.starts_with("0 ") && !ids.ends_with(" 0\n"), "{ids}");
}

/// A closed directory does not close what is mounted below it from elsewhere, where all can reach it.
#[test]
fn what_is_mounted_below_a_closed_tree_is_not_handed_over_with_it() {
    if !by_root("suid-mounted") || lacks("suid-mounted", &["busybox"]) {
        return;
    }
    let Some(root) = Somebody::only(Kind::Root, "suid-mounted") else { return };
    let tree = root.rootfs("a root");
    let open = Scratch::new("suid-mounted-open").expect("a directory");
    let run = |options: &[&str]| {
        let mut inner = root.containerception();
        inner.arg("run").args(options).arg("true");
        err(&with_bind(open.path(), &tree.join("tmp"), &inner))
    };
    assert!(run(&["--rootfs", text(&tree)]).starts_with("error[CX3006]: "));
    assert!(run(&["-v", &format!("{}:/mnt:idmap", text(&tree))]).starts_with("error[CX3006]: "));
    assert_eq!(run(&["--rootfs", text(&tree), "--ephemeral"]), "");
    assert_eq!(run(&["-v", &format!("{}:/mnt:idmap:ro", text(&tree))]), "");
}

/// CVE-2021-30465 in kind: closed directories and open ones change places between what is judged and what is mounted.
#[test]
fn a_tree_that_is_exchanged_after_it_was_judged_is_not_handed_over() {
    if !by_root("suid-exchanged") || lacks("suid-exchanged", &["busybox"]) {
        return;
    }
    let Some(root) = Somebody::only(Kind::Root, "suid-exchanged") else { return };
    let scratch = Scratch::new("suid-exchanged-trees").expect("a directory");
    let (one, other) = (scratch.path().join("one"), scratch.path().join("other"));
    for (directory, mode) in [(&one, 0o700), (&other, 0o755)] {
        testbed::rootfs::make(&directory.join("root")).expect("a root filesystem");
        fs::set_permissions(directory, PermissionsExt::from_mode(mode)).expect("a mode");
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).expect("both are there");
            }
        });
        let (tree, volume) = (one.join("root"), format!("{}:/mnt:idmap", text(&one.join("root"))));
        for _ in 0..30 {
            for attack in
                [&["--rootfs", text(&tree), "touch", "/evil"][..], &["-v", &volume, "touch", "/mnt/evil"]]
            {
                let output = root.run(attack);
                let refused = err(&output).starts_with("error[CX3006]: ");
                assert!(output.status.success() || refused, "{}", err(&output));
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    // Whatever was written went to the tree that is closed, wherever that is now.
    for directory in [&one, &other] {
        let open = fs::metadata(directory).expect("a directory").mode() & 0o777 == 0o755;
        assert!(!(open && directory.join("root/evil").exists()), "{}", directory.display());
    }
}

/// A read-only mount of one's own namespace can be made writable by whoever has CAP_SYS_ADMIN over it.
#[test]
fn a_read_only_volume_with_shifted_ids_stays_read_only() {
    if !by_root("suid-remount") {
        return;
    }
    let Some(root) = Somebody::only(Kind::Root, "suid-remount") else { return };
    let open = Scratch::new("suid-remount-open").expect("a directory");
    let volume = format!("{}:/data:idmap:ro", text(open.path()));
    let attack = "mount -o remount,rw,bind /data; touch /data/evil; unshare -Urm mount -o remount,rw,bind /data; touch /data/evil";
    for options in [&[][..], &["--cap-add", "SYS_ADMIN"], &["--cap-add", "ALL"]] {
        let _ = root.run(&[options, &["-v", &volume, "sh", "-c", attack]].concat());
        assert!(!open.path().join("evil").exists(), "{options:?}");
    }
}

/// What is written to disk for a while belongs to nobody's id, below a directory that is closed.
#[test]
fn what_is_written_to_disk_is_out_of_reach_as_well() {
    if !by_root("suid-disk") {
        return;
    }
    let Some(root) = Somebody::only(Kind::Root, "suid-disk") else { return };
    let Some(tool) = tool(&root, "suid-disk") else { return };
    let evil = format!("evil-{}", std::process::id());
    let volume = format!("{}:/tool:ro", text(&tool));
    let script = format!(
        "for at in / /usr; do cat /tool > $at/{evil}; chmod 6755 $at/{evil}; done; echo ready; sleep 100"
    );
    let mut container = root.start(&["--storage-opt", "medium=disk", "-v", &volume, "sh", "-c", &script]);
    container.wait_for("ready");
    let found =
        Command::new("find").args(["/var/lib/containerception", "-name", &evil]).output().expect("find");
    let paths = out(&found);
    assert_eq!(paths.lines().count(), 2, "{paths}");
    for path in paths.lines().map(Path::new) {
        assert!(!is_set_user_id_of_root(path), "{}", path.display());
        assert!(run_as_another(path).contains("Permission denied"), "{}", path.display());
    }
}

/// A container's files are not reachable through its processes, nor in the directory of its state.
#[test]
fn another_user_does_not_get_into_a_container_of_roots() {
    if !by_root("suid-proc") {
        return;
    }
    let Some(root) = Somebody::only(Kind::Root, "suid-proc") else { return };
    let Some(user) = another("suid-proc-user") else { return };
    let mut container = root.start(&["sh", "-c", "echo ready; sleep 100"]);
    container.wait_for("ready");
    let init = testbed::processes::child_of(container.pid()).expect("a container has an init");
    let command = testbed::processes::child_of(init).expect("an init has a command");
    for pid in [init, command, container.pid()] {
        for place in ["root", "cwd", "exe", "fd", "ns/mnt", "map_files"] {
            let path = format!("/proc/{pid}/{place}/");
            let output = Running::start(user.command("ls").arg(&path)).finish();
            assert!(!output.status.success() && out(&output).is_empty(), "{path}: {}", out(&output));
        }
    }
    let output = Running::start(user.command("ls").arg("/run/containerception")).finish();
    assert!(!output.status.success(), "{}", out(&output));
}
