//! The default root can be written to as a system of one's own, and none of it reaches the host.

use crate::printed;
use end_to_end::{Kind, Somebody, lacks, out};
use std::path::Path;

#[test]
fn what_is_written_to_usr_is_thrown_away() {
    for somebody in Somebody::all("files-usr") {
        let name = format!("containerception-test-{}", std::process::id());
        let paths = ["bin", "lib", "local/bin", "share"].map(|directory| format!("/usr/{directory}/{name}"));
        let words = paths.join(" ");
        let script = format!(
            "for f in {words}; do echo new > $f; done; cat {words}; rm /usr/bin/env; ls /usr/bin/env"
        );
        let output = somebody.run(&["sh", "-c", &script]);
        assert_eq!(out(&output), "new\nnew\nnew\nnew\n", "{}", somebody.kind);
        assert!(Path::new("/usr/bin/env").exists() && !paths.iter().any(|path| Path::new(path).exists()));
        let after = printed(&somebody, &["sh", "-c", &format!("ls {words} 2> /dev/null; ls /usr/bin/env")]);
        assert_eq!(after, "/usr/bin/env\n", "{}", somebody.kind);
    }
}

#[test]
fn new_files_can_be_treated_as_ones_own() {
    let script = "set -e
        for d in /usr/bin /usr/local/lib /opt /etc /var/lib /home /root /srv /mnt; do
            mkdir $d/one; echo a > $d/one/a; ln $d/one/a $d/one/b; ln -s a $d/one/c; chmod 4750 $d/one/a
            mv $d/one $d/two; cat $d/two/c > /dev/null; stat -c '%h %a %u:%g' $d/two/b; rm -r $d/two
        done";
    for somebody in Somebody::all("files-new") {
        let expected = "2 4750 0:0\n".repeat(9);
        assert_eq!(printed(&somebody, &["bash", "-c", script]), expected, "{}", somebody.kind);
    }
}

#[test]
fn a_program_that_is_installed_inside_runs() {
    for somebody in Somebody::all("files-install") {
        let script = "cp /usr/bin/echo /usr/local/bin/say; rm /usr/bin/echo; say installed";
        assert_eq!(printed(&somebody, &["sh", "-c", script]), "installed\n", "{}", somebody.kind);
    }
}

#[test]
fn the_hosts_files_are_roots_inside_where_root_can_shift_ids() {
    let Some(somebody) = Somebody::only(Kind::Root, "files-mapped") else { return };
    let script = "set -e; cd /usr
        stat -c %u:%g bin/env lib share
        chown 5:6 bin/env; stat -c %u:%g bin/env
        mv share/doc share/renamed; ls -d share/renamed
        mv lib/mime bin/ 2> /dev/null || mv lib/tmpfiles.d bin/
        ln bin/cat bin/cat-too; bin/cat-too /dev/null
        chmod 700 bin/id; echo more >> bin/id
        rm -r share/renamed bin/true; ls share | grep -c renamed || true";
    let expected = "0:0\n0:0\n0:0\n5:6\nshare/renamed\n0\n";
    assert_eq!(printed(&somebody, &["sh", "-c", script]), expected);
}

#[test]
fn extended_attributes_can_be_set() {
    if lacks("files-xattr", &["setfattr", "getfattr"]) {
        return;
    }
    let script = "cd /usr/bin; : > new; setfattr -n user.a -v b new; getfattr --only-values -n user.a new";
    for somebody in Somebody::all("files-xattr") {
        assert_eq!(printed(&somebody, &["sh", "-c", script]), "b", "{}", somebody.kind);
    }
}

#[test]
fn the_files_of_the_hosts_root_are_nobodys_for_an_ordinary_user() {
    for somebody in Somebody::all("files-unmapped").into_iter().filter(|who| who.kind != Kind::Root) {
        let script = "stat -c %U /usr/bin/env; touch /usr/share/doc/new || echo refused";
        let output = somebody.run(&["sh", "-c", script]);
        assert_eq!(out(&output), "nobody\nrefused\n", "{}", somebody.kind);
    }
}
