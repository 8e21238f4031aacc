//! `-u`: what is no user, and users that do not exist inside.

use crate::{anybody, refused, works};
use end_to_end::{Kind, Somebody};

/// CVE-2024-40635: a number that does not fit must not become another one, such as root's.
#[test]
fn numbers_that_are_no_ids() {
    for somebody in Somebody::all("bad-ids") {
        for user in
            ["4294967295", "4294967296", "-1", "-0", "+0", "18446744073709551616", "0:4294967295", "0:-1"]
        {
            refused(&somebody, &["-u", user, "id"], 125, "CX1006");
        }
    }
}

#[test]
fn texts_that_are_no_users() {
    let somebody = anybody("bad-users");
    for user in ["", ":", "0:", ":0", "0:0:0", "a/b", "-x", "-"] {
        refused(&somebody, &["-u", user, "id"], 125, "CX1006");
    }
}

#[test]
fn names_that_the_container_does_not_know() {
    for somebody in Somebody::all("unknown-users") {
        let said = refused(&somebody, &["-u", "frobnicate", "id"], 125, "CX4001");
        assert!(said.contains("/etc/passwd"), "{said}");
        let said = refused(&somebody, &["-u", "root:frobnicate", "id"], 125, "CX4002");
        assert!(said.contains("/etc/group"), "{said}");
        works(&somebody, &["-u", "root:root", "true"]);
    }
}

#[test]
fn ids_beyond_the_containers_map() {
    for somebody in Somebody::all("unmapped-ids") {
        if somebody.kind == Kind::Single {
            let said = refused(&somebody, &["-u", "1000", "id"], 125, "CX4003");
            assert!(said.contains("has one id, root") && said.contains("containerception doctor"), "{said}");
            refused(&somebody, &["-u", "0:1000", "id"], 125, "CX4003");
            works(&somebody, &["-u", "0:0", "true"]);
            continue;
        }
        for user in ["4294967294", "0:4294967294", "70000"] {
            let said = refused(&somebody, &["-u", user, "id"], 125, "CX4003");
            assert!(said.contains("choose an id up to 6553"), "{said}");
        }
        works(&somebody, &["-u", "1000:65535", "true"]);
    }
}
