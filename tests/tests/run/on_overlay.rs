//! A host whose own files lie on an overlay, as a container of docker's has them: no ids can be shifted there.

use end_to_end::{Running, Somebody, err, out, skip};
use std::process::{Command, Stdio};

/// Mounts overlays over the top directories that hold programs, for one command alone.
const MOUNT: &str = r#"
mount -t tmpfs none /mnt
for name in usr opt nix; do
    [ -d /$name ] || continue
    mkdir /mnt/$name /mnt/$name/upper /mnt/$name/work
    mount -t overlay none -o lowerdir=/$name,upperdir=/mnt/$name/upper,workdir=/mnt/$name/work /$name
done
exec "$@""#;

#[test]
fn programs_on_an_overlay_run_and_new_files_can_be_made() {
    let test = "on-overlay";
    for somebody in Somebody::all(test) {
        if testbed::caller::uid().expect("the caller is known") != 0 {
            return skip(test, "only root can mount");
        }
        let inner = somebody.containerception();
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-ec", MOUNT, "sh"]).arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            value.map(|value| command.env(name, value));
        }
        command.args(["run", "sh", "-c", "echo new > /usr/bin/new; cat /usr/bin/new"]);
        let output = Running::start(command.current_dir(somebody.home()).stdin(Stdio::null())).finish();
        assert_eq!(out(&output), "new\n", "{}: {}", somebody.kind, err(&output));
    }
}
