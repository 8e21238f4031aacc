//! `-w`: working directories that are none of the container's.

use crate::{anybody, refused, works};
use end_to_end::{Kind, Somebody};

#[test]
fn a_working_directory_is_an_absolute_path_without_a_way_up() {
    let somebody = anybody("bad-workdir");
    for path in ["", "tmp", "./tmp", "..", "/..", "/tmp/../..", "/tmp/../../etc"] {
        refused(&somebody, &["-w", path, "pwd"], 125, "CX1015");
    }
}

#[test]
fn a_working_directory_that_the_container_does_not_have() {
    for somebody in Somebody::all("no-workdir") {
        let home = somebody.home();
        let said = refused(&somebody, &["-w", crate::text(&home), "pwd"], 125, "CX6006");
        assert!(said.contains("has no such directory"), "{said}");
        let said = refused(&somebody, &["-w", "/etc/passwd", "pwd"], 125, "CX6006");
        assert!(said.contains("not a directory"), "{said}");
        works(&somebody, &["--tmpfs", "/work", "-w", "/work", "test", "-d", "."]);
    }
}

#[test]
fn a_working_directory_that_the_user_may_not_enter() {
    for somebody in Somebody::all("closed-workdir").into_iter().filter(|one| one.kind != Kind::Single) {
        let said = refused(&somebody, &["-u", "1000", "-w", "/root", "pwd"], 125, "CX6006");
        assert!(said.contains("may not enter"), "{said}");
        works(&somebody, &["-u", "0", "-w", "/root", "test", "-d", "."]);
    }
}
