//! ENOSPC where the container writes.

use crate::{Scene, and_tell};
use end_to_end::{err, skip};

#[test]
fn a_writable_layer_that_is_too_small_is_told_with_the_option() {
    for scene in Scene::all("small-layer") {
        let output = scene.play("size=1m", &and_tell("run --storage-opt size=64k true"));
        if err(&output).starts_with("error[CX1011]") {
            skip(
                "small-layer",
                "this kernel has the layer of an ordinary user on disk, which nothing bounds",
            );
            continue;
        }
        let said = scene.assert_told(&output, "CX2012");
        assert!(said.contains("--storage-opt size=SIZE") && said.contains("medium=disk"), "{said}");
        let output = scene.play("size=1m", &and_tell("run --storage-opt size=4m true"));
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{}", scene.somebody.kind);
    }
}

/// A disk of few files. The overlays and the copies of `/etc` take some forty.
#[test]
fn a_disk_that_is_full_is_told_and_left_as_it_was() {
    for scene in Scene::all("full-disk") {
        let disk = scene.disk();
        let mut worked = false;
        for inodes in (1..=12).chain([16, 20, 24, 32, 48, 64, 96, 128]) {
            let script = format!("export STATE={}\nrun --storage-opt medium=disk true", disk.display());
            let output = scene.play_at(&disk, &format!("nr_inodes={inodes}"), &and_left(&script));
            worked = output.status.success();
            if worked {
                scene.assert_clean(&err(&output));
            } else {
                scene.assert_told(&output, "CX2012");
            }
        }
        assert!(worked, "{}", scene.somebody.kind);
    }
}

/// What a container of this boot has left: the directories above are made once and stay.
fn and_left(script: &str) -> String {
    let find = "find $STATE -path '*/containerception/*/*' 2> /dev/null | sed 's/^/LEFT /' >&2";
    format!("{script}\nstatus=$?\n{find}\nexit $status")
}

impl Scene {
    /// Where the disk is: root's place is fixed.
    fn disk(&self) -> std::path::PathBuf {
        if self.is_root() { "/var/lib".into() } else { self.somebody.home().join(".local") }
    }
}
