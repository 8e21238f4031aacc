//! ENOSPC and EROFS where state is kept.

use crate::{Scene, and_tell};
use end_to_end::{Kind, err, out};

/// The directories take four of them, the root one; each file and link of the journal is one more.
#[test]
fn with_few_inodes_a_start_says_so_or_works() {
    for scene in Scene::all("few-inodes") {
        let mut enough = None;
        for inodes in 1..=12 {
            let output = scene.play(&format!("nr_inodes={inodes}"), &and_tell("run true"));
            if output.status.success() {
                scene.assert_clean(&err(&output));
                enough = enough.or(Some(inodes));
            } else {
                let said = scene.assert_told(&output, "CX2012");
                assert!(said.contains("df -i") && said.contains("containerception"), "{inodes}: {said}");
                assert_eq!(enough, None, "{inodes}");
            }
        }
        assert!(enough.is_some(), "{}", scene.somebody.kind);
    }
}

/// What is kept there are empty files and short links, which take no block of a tmpfs.
#[test]
fn a_file_system_without_a_free_block_is_enough_for_state() {
    for scene in Scene::all("no-blocks") {
        let fill =
            "cat /dev/zero > $STATE/fill 2> /dev/null; [ $(stat -c %s $STATE/fill) = 4096 ] || exit 98";
        let output = scene.play("size=4k", &and_tell(&format!("{fill}\nrun true && rm $STATE/fill")));
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{}", scene.somebody.kind);
        scene.assert_clean("");
    }
}

#[test]
fn a_read_only_file_system_is_told_as_such() {
    for scene in Scene::all("read-only") {
        let said = scene.assert_told(&scene.play("ro", &and_tell("run true")), "CX2008");
        assert!(said.contains("Read-only file system"), "{said}");
    }
}

/// The command's status is the run's. What cannot be removed is told, and `gc` removes it when it can.
#[test]
fn a_file_system_that_becomes_read_only_keeps_the_journal_for_gc() {
    for scene in Scene::all("becomes-read-only").into_iter().filter(|scene| scene.somebody.kind == Kind::Root)
    {
        let script = r#"
mkfifo in out; run sh -c 'echo ready; read go; exit 7' < in > out & run=$!
exec 3> in 4< out; read ready <&4
mount -o remount,ro "$STATE"; echo go >&3; wait $run; echo "ended $?"
"$0" run true; echo "next $?"
mount -o remount,rw "$STATE"; "$0" gc; echo "gc $?"; rm -r in out $STATE/mount; run true"#;
        let output = scene.play("size=1m", &and_tell(script));
        assert_eq!(out(&output), "ended 7\nnext 125\ngc 0\n", "{}", err(&output));
        let said = err(&output);
        assert!(said.contains("warning: cannot remove ") && said.contains("error[CX2008]: "), "{said}");
        assert!(said.contains("its file system is read-only"), "{said}");
        assert_eq!(output.status.code(), Some(0), "{said}");
        scene.assert_clean(&said);
    }
}
