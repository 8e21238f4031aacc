//! R16: what the state directory says is believed only if it is one's own.

use crate::by_root;
use end_to_end::{Kind, Running, Somebody, err, eventually};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

/// CVE-2020-15257 in kind. In `/tmp` anybody can make the directory first, with a journal that tells to remove what
/// its reader may remove.
#[test]
fn a_journal_that_somebody_else_wrote_removes_nothing() {
    if !by_root("false-journal") {
        return;
    }
    for somebody in Somebody::all("false-journal").into_iter().filter(|one| one.kind != Kind::Root) {
        let precious = somebody.home().join("precious");
        fs::write(&precious, "").expect("a file");
        somebody.give(&precious);
        let empty = somebody.home().join("empty");
        fs::create_dir(&empty).expect("a directory");
        somebody.give(&empty);
        let state = somebody.home().join("containerception");
        let containers = state.join("containers");
        fs::create_dir_all(&containers).expect("directories");
        fs::create_dir(state.join("ids")).expect("a directory");
        fs::write(containers.join("dead"), "").expect("a file");
        for (kind, target) in [("ids", &precious), ("tree", &empty)] {
            symlink(target, containers.join(format!("dead:{kind}"))).expect("a link");
        }
        for mode in [0o755, 0o777] {
            fs::set_permissions(&state, PermissionsExt::from_mode(mode)).expect("a mode");
            for arguments in [&["gc"][..], &["run", "true"]] {
                let output = somebody.containerception().args(arguments).output().expect("it starts");
                assert!(err(&output).starts_with("error[CX2008]: "), "{}: {}", somebody.kind, err(&output));
            }
        }
        assert!(precious.exists() && empty.exists() && containers.join("dead").exists(), "{}", somebody.kind);
    }
}

/// While a container runs, its state is its owner's alone.
#[test]
fn state_is_closed_to_others() {
    for somebody in Somebody::all("closed-state") {
        let name = format!("closed-{}", std::process::id());
        let mut container = somebody.start(&["--name", &name, "sh", "-c", "echo ready; sleep 100"]);
        container.wait_for("ready");
        let containers = somebody.state().join("containers");
        let own = containers.join(&name);
        // The mount point may be searched by root inside; the directory above it closes the way to all others.
        for path in [somebody.state(), containers, own.clone(), somebody.state().join("ids")] {
            let mode =
                fs::metadata(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
        let sockets = fs::read_to_string("/proc/net/unix").expect("a list");
        assert!(!sockets.contains("@containerception"), "{sockets}");
        drop(container);
        eventually("its state is gone after the next run", || {
            let _ = Running::start(somebody.containerception().arg("gc")).finish();
            !own.exists()
        });
    }
}
