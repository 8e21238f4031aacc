//! What cannot be had inside is refused, and leaves nothing.

use crate::chain;
use end_to_end::{Kind, Somebody, err, out};

/// Nothing of it is there, and no user namespace can be made to start one by other means.
#[test]
fn no_nest_leaves_it_out() {
    let script = "ls -A /dev | grep -c containerception; echo $PATH | grep -c containerception
        unshare -U true 2> /dev/null || echo refused; command -v containerception || echo none";
    for somebody in Somebody::all("no-nest") {
        let output = somebody.run(&["--no-nest", "sh", "-c", script]);
        let said = out(&output);
        assert!(said.starts_with("0\n0\nrefused\n"), "{}: {said}{}", somebody.kind, err(&output));
        // At a level as well, where it was there.
        let script = "containerception run --no-nest unshare -U true 2> /dev/null || echo refused";
        assert_eq!(out(&chain(&somebody, 2, &["sh", "-c", script])), "refused\n", "{}", somebody.kind);
    }
}

/// exec into such a container has no more than the command of it.
#[test]
fn no_nest_holds_for_exec() {
    for somebody in Somebody::all("no-nest-exec") {
        let mut running =
            somebody.start(&["--no-nest", "--name", "plain", "sh", "-c", "echo up; exec sleep 1000"]);
        running.wait_for("up");
        let mut exec = somebody.containerception();
        let output = exec.args(["exec", "plain", "unshare", "-U", "true"]).output().expect("exec");
        assert!(!output.status.success(), "{}", somebody.kind);
        let mut kill = somebody.containerception();
        assert!(kill.args(["kill", "plain"]).status().expect("kill").success());
        running.finish();
    }
}

/// `user.max_user_namespaces` counts for a user namespace and for all below it (`namespaces(7)`).
#[test]
fn a_bound_of_user_namespaces_is_named() {
    // Whose namespace of their own is made by root has the host's root, who starts no containers inside of containers.
    let users = |somebody: &Somebody| somebody.kind != Kind::Root;
    for somebody in Somebody::all("nest-sysctl").into_iter().filter(users) {
        let script = "echo 3 > /proc/sys/user/max_user_namespaces && exec \"$@\"";
        let mut command = somebody.command("unshare");
        command.args(["-Ur", "env"]).arg(format!("XDG_RUNTIME_DIR={}", somebody.home().display()));
        command.args(["sh", "-c", script, "sh"]).arg(somebody.program()).current_dir(somebody.home());
        let output = command.args(["nest", "5", "true"]).output().expect("it starts");
        let said = err(&output);
        assert_eq!(output.status.code(), Some(125), "{}: {said}", somebody.kind);
        assert!(said.contains("CX2002") && said.contains("user.max_"), "{}: {said}", somebody.kind);
    }
}

/// The hidden place belongs to root inside, who may spoil it: the error says what is missing, and only from there down.
#[test]
fn who_spoils_the_place_spoils_it_for_those_below() {
    let script = "rm -rf /dev/.containerception/bin; hash -r; containerception run true; echo $?
        mkdir -p /tmp/e; umount /dev/.containerception/layers/usr; rm -rf /dev/.containerception 2> /dev/null; echo over";
    for somebody in Somebody::all("nest-spoilt") {
        if somebody.kind == Kind::Root {
            let output = somebody.run(&["sh", "-c", "containerception run true; echo $?"]);
            assert_eq!(out(&output), "0\n", "{}", err(&output));
        }
        let said = out(&chain(&somebody, 2, &["sh", "-c", script]));
        assert!(said.ends_with("over\n"), "{}: {said}", somebody.kind);
        let again = chain(&somebody, 3, &["echo", "fine"]);
        assert_eq!(out(&again), "fine\n", "{}: {}", somebody.kind, err(&again));
    }
}

#[test]
fn no_room_for_what_is_written_is_told() {
    let script = "containerception run --storage-opt size=4k true; echo $?";
    for somebody in Somebody::all("nest-room") {
        let output = chain(&somebody, 2, &["sh", "-c", script]);
        let said = (out(&output), err(&output));
        assert!(said.0 == "0\n" || said.1.contains("error[CX"), "{}: {said:?}", somebody.kind);
    }
}
