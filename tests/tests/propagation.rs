//! Where systemd boots a machine, every mount is shared; what a container mounts must not appear on the host even so.

use end_to_end::{Kind, Somebody, err, out};
use std::path::Path;

/// Runs `containerception run ARGUMENTS…` in a mount namespace whose mounts are shared, and returns the mount points
/// below `tree` that this namespace has afterwards.
fn mounted_below(somebody: &Somebody, tree: &Path, arguments: &[&str]) -> String {
    let script = r#"mount --make-rshared / && "$@" >&2 && cat /proc/self/mountinfo"#;
    let output = somebody
        .command("unshare")
        .args(["--mount", "sh", "-ec", script, "sh"])
        .arg(somebody.program())
        .arg("run")
        .args(arguments)
        .output()
        .expect("unshare starts");
    assert!(output.status.success(), "{}", err(&output));
    let below = format!(" {}/", tree.display());
    out(&output).lines().filter(|line| line.contains(&below)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_is_mounted_in_a_given_root_stays_inside() {
    let Some(somebody) = Somebody::only(Kind::Root, "propagation-rootfs") else { return };
    let root = somebody.rootfs("root");
    let path = root.to_str().expect("UTF-8");
    for userns in ["private", "host"] {
        let arguments = ["--userns", userns, "--rootfs", path, "true"];
        assert_eq!(mounted_below(&somebody, &root, &arguments), "", "{userns}");
    }
}

#[test]
fn what_is_mounted_in_a_volume_stays_inside() {
    let Some(somebody) = Somebody::only(Kind::Root, "propagation-volume") else { return };
    let (root, shared) = (somebody.rootfs("root"), somebody.rootfs("shared"));
    let (path, volume) = (root.to_str().expect("UTF-8"), format!("{}:/v", shared.display()));
    let arguments = ["--rootfs", path, "-v", &volume, "--tmpfs", "/v/tmp", "true"];
    assert_eq!(mounted_below(&somebody, &shared, &arguments), "");
}
