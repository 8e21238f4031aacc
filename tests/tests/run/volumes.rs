//! `-v SRC:DST[:ro][:idmap]` and `--tmpfs`.

use crate::{ended, printed};
use end_to_end::{Kind, Somebody};
use std::fs;
use std::path::PathBuf;

/// A directory of this user with a file in it.
fn source(somebody: &Somebody) -> PathBuf {
    let directory = somebody.home().join("source");
    fs::create_dir_all(directory.join("below")).expect("a directory");
    fs::write(directory.join("file"), "from outside\n").expect("a file");
    somebody.give(&directory);
    directory
}

#[test]
fn a_directory_appears_where_it_is_wanted() {
    for somebody in Somebody::all("volume-directory") {
        let volume = format!("{}:/not/there/yet", source(&somebody).display());
        let listed = printed(&somebody, &["-v", &volume, "sh", "-c", "cd /not/there/yet; ls; cat file"]);
        assert_eq!(listed, "below\nfile\nfrom outside\n", "{}", somebody.kind);
    }
}

#[test]
fn what_is_written_to_it_is_written_outside() {
    for somebody in Somebody::all("volume-written") {
        let source = source(&somebody);
        // The host's root is nobody in a container of root's, unless the volume's ids are shifted.
        let shifted = if somebody.kind == Kind::Root { ":idmap" } else { "" };
        let volume = format!("{}:/v{shifted}", source.display());
        printed(
            &somebody,
            &["-v", &volume, "sh", "-c", "echo new > /v/new; echo more >> /v/file; rmdir /v/below"],
        );
        assert_eq!(fs::read_to_string(source.join("new")).expect("a file"), "new\n", "{}", somebody.kind);
        assert_eq!(fs::read_to_string(source.join("file")).expect("a file"), "from outside\nmore\n");
        assert!(!source.join("below").exists(), "{}", somebody.kind);
        let owner = |path: PathBuf| std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).expect("a file"));
        assert_eq!(owner(source.join("new")), owner(source.clone()), "{}", somebody.kind);
    }
}

#[test]
fn a_volume_of_roots_is_nobodys_unless_its_ids_are_shifted() {
    let Some(somebody) = Somebody::only(Kind::Root, "volume-unmapped") else { return };
    let source = source(&somebody);
    let volume = format!("{}:/v", source.display());
    let script = "stat -c %u /v/file; echo more >> /v/file; touch /v/new";
    let output = somebody.run(&["-v", &volume, "sh", "-c", script]);
    assert_eq!(end_to_end::out(&output), "65534\n");
    assert_eq!(end_to_end::err(&output).matches("ermission denied").count(), 2);
    assert_eq!(fs::read_to_string(source.join("file")).expect("a file"), "from outside\n");
}

#[test]
fn a_read_only_one_cannot_be_written_to() {
    for somebody in Somebody::all("volume-read-only") {
        let source = source(&somebody);
        let volume = format!("{}:/v:ro", source.display());
        let script = "cat /v/file; mount -o remount,rw /v; echo no > /v/file; touch /v/new";
        let output = somebody.run(&["-v", &volume, "sh", "-c", script]);
        assert_eq!(end_to_end::out(&output), "from outside\n", "{}", somebody.kind);
        let said = end_to_end::err(&output);
        assert_eq!(said.matches("Read-only file system").count(), 2, "{}: {said}", somebody.kind);
        assert_eq!(fs::read_to_string(source.join("file")).expect("a file"), "from outside\n");
    }
}

#[test]
fn a_file_can_be_one_and_may_cover_another() {
    for somebody in Somebody::all("volume-file") {
        let file = source(&somebody).join("file");
        for destination in ["/etc/hosts", "/a/new/file"] {
            let volume = format!("{}:{destination}", file.display());
            assert_eq!(
                printed(&somebody, &["-v", &volume, "cat", destination]),
                "from outside\n",
                "{}",
                somebody.kind
            );
        }
    }
}

#[test]
fn a_volume_can_lie_in_another() {
    for somebody in Somebody::all("volume-nested") {
        let source = source(&somebody).display().to_string();
        let (outer, inner) = (format!("{source}:/v"), format!("{source}/file:/v/below/again"));
        if somebody.kind == Kind::Root {
            // The mount point is made in the volume, which refuses it to nobody.
            fs::write(format!("{source}/below/again"), "").expect("a file");
        }
        let text = printed(&somebody, &["-v", &outer, "-v", &inner, "cat", "/v/below/again"]);
        assert_eq!(text, "from outside\n", "{}", somebody.kind);
    }
}

#[test]
fn shifted_ids_are_the_host_roots_to_give() {
    for somebody in Somebody::all("volume-shifted") {
        let volume = format!("{}:/v:idmap", source(&somebody).display());
        let (status, said) = ended(&somebody, &["-v", &volume, "test", "-O", "/v/file"]);
        let refused = status == Some(125) && said.contains("CX1007");
        let expected = if somebody.kind == Kind::Root { status == Some(0) } else { refused };
        assert!(expected, "{}: {status:?} {said}", somebody.kind);
    }
}

#[test]
fn a_file_system_in_memory_is_empty_and_bounded() {
    for somebody in Somebody::all("tmpfs") {
        let script = "ls -A /usr/share; stat -c %a /usr/share; head -c 2M /dev/zero > /usr/share/x; stat -c %s /usr/share/x";
        let output = somebody.run(&["--tmpfs", "/usr/share:size=1m", "sh", "-c", script]);
        assert_eq!(end_to_end::out(&output), "1777\n1048576\n", "{}", somebody.kind);
        assert!(end_to_end::err(&output).contains("No space left"), "{}", somebody.kind);
    }
}
