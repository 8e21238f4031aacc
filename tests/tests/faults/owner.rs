//! R16: the state directory of another owner or mode, or what is none. For ordinary users' see `bad_input/host.rs`.

use crate::{Scene, and_tell};
use end_to_end::err;

#[test]
fn what_is_not_ones_own_alone_is_not_used() {
    for scene in Scene::all("own-state") {
        let make = [
            ("mkdir -m 755", "mode 755"),
            ("mkdir -m 701", "mode 701"),
            ("mkdir -m 720", "mode 720"),
            ("touch", "file, or a symbolic link"),
            ("ln -s /nowhere", "file, or a symbolic link"),
            ("ln -s $STATE/other", "file, or a symbolic link"),
            ("mkfifo", "file, or a symbolic link"),
        ];
        for (made, cause) in make {
            let script = format!("mkdir -m 700 $STATE/other; {made} $STATE/containerception\nrun true");
            let output =
                scene.play("size=1m", &and_tell(&(script + "; status=$?; rm -r $STATE/*; (exit $status)")));
            let said = scene.assert_told(&output, "CX2008");
            assert!(said.contains(cause), "{made}: {said}");
        }
        let output = scene.play("size=1m", &and_tell("mkdir -m 700 $STATE/containerception; run true"));
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{}", scene.somebody.kind);
    }
}

/// Root's, given to another.
#[test]
fn roots_directory_is_roots() {
    for scene in Scene::all("roots-state").into_iter().filter(Scene::is_root) {
        let output = scene.play(
            "size=1m",
            &and_tell("mkdir -m 700 /run/containerception; chown 12345 /run/containerception; run true"),
        );
        let said = scene.assert_told(&output, "CX2008");
        assert!(said.contains("belongs to user 12345") && said.contains("root's with mode 0700"), "{said}");
    }
}
