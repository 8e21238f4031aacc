//! `rm`: removes a root filesystem whoever its files belong to, and nothing else.

use end_to_end::{Kind, Somebody, err};
use std::fs;
use std::path::Path;

fn rm(somebody: &Somebody, path: &Path) -> (Option<i32>, String) {
    let output = somebody.containerception().arg("rm").arg(path).output().expect("containerception starts");
    (output.status.code(), err(&output))
}

#[test]
fn files_of_every_id_inside_are_removed() {
    for somebody in Somebody::all("rm-ids") {
        let root = somebody.rootfs("root");
        let path = root.to_str().expect("UTF-8");
        let owner = if somebody.kind == Kind::Single { "0" } else { "7" };
        let script = format!("mkdir -p /d/e; touch /d/e/f; chown -R {owner} /d; chmod 000 /d/e");
        let made = somebody.run(&["--rootfs", path, "sh", "-c", &script]);
        assert!(made.status.success(), "{}", err(&made));
        assert_eq!(rm(&somebody, &root), (Some(0), String::new()), "{}", somebody.kind);
        assert!(!root.exists());
    }
}

#[test]
fn a_tree_deeper_than_any_stack_is_removed() {
    let Some(somebody) = Somebody::all("rm-deep").pop() else { return };
    let root = somebody.rootfs("root");
    let script = "i=0; while [ $i -lt 2000 ]; do mkdir d && cd d || exit 1; i=$((i+1)); done";
    let made = somebody.run(&["--rootfs", root.to_str().expect("UTF-8"), "sh", "-c", script]);
    assert!(made.status.success(), "{}", err(&made));
    assert_eq!(rm(&somebody, &root), (Some(0), String::new()));
    assert!(!root.exists());
}

#[test]
fn links_out_of_the_tree_are_not_followed() {
    for somebody in Somebody::all("rm-links") {
        let (root, outside) = (somebody.rootfs("root"), somebody.home().join("outside"));
        fs::create_dir(&outside).expect("a directory");
        fs::write(outside.join("keep"), "").expect("a file");
        std::os::unix::fs::symlink(&outside, root.join("link")).expect("a link");
        assert_eq!(rm(&somebody, &root), (Some(0), String::new()));
        assert!(outside.join("keep").exists());
    }
}

#[test]
fn what_is_no_root_filesystem_stays() {
    for somebody in Somebody::all("rm-refused") {
        let home = somebody.home().join("photos");
        fs::create_dir(&home).expect("a directory");
        fs::write(home.join("etc"), "").expect("a file");
        somebody.give(&home);
        let link = somebody.home().join("link");
        std::os::unix::fs::symlink(somebody.rootfs("root"), &link).expect("a link");
        for path in [&home, &link, &somebody.home().join("missing"), Path::new("/"), Path::new("/proc")] {
            let (status, text) = rm(&somebody, path);
            assert_eq!(status, Some(125), "{}: {text}", path.display());
            assert!(text.contains("CX3012") && text.contains("fix:"), "{text}");
        }
        assert!(home.join("etc").exists() && somebody.home().join("root/bin").exists());
    }
}

#[test]
fn the_link_that_init_makes_for_root_goes_with_its_tree() {
    let Some(somebody) = Somebody::only(Kind::Root, "rm-private") else { return };
    // Root's own directory is private already; one that others can enter is not.
    let open = somebody.home().parent().expect("a parent").join("open");
    fs::create_dir(&open).expect("a directory");
    let init = somebody.containerception().arg("init").arg(open.join("root")).output().expect("init");
    assert!(init.status.success(), "{}", err(&init));
    assert!(fs::read_link(open.join("root")).is_ok());
    assert_eq!(rm(&somebody, &open.join("root/")), (Some(0), String::new()));
    assert_eq!(fs::read_dir(&open).expect("a directory").count(), 0);
}
