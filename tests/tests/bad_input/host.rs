//! A host that refuses: no user namespaces, no place for state, a name that is taken.

use crate::{assert_refused, refused, text, with_mounts, works};
use end_to_end::{Kind, Somebody, eventually, skip};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

/// The limit counts for each user namespace: set in one of the test's own, it is nobody else's.
#[test]
fn where_no_user_namespace_may_be_made_the_error_names_the_sysctl() {
    for somebody in Somebody::all("no-namespaces") {
        let setup = "echo 0 > /proc/sys/user/max_user_namespaces || exit 99";
        let inner = |setup: &str| {
            let script = format!("{setup}\nexport XDG_RUNTIME_DIR={}; exec \"$@\"", text(&somebody.home()));
            let mut command = somebody.command("unshare");
            command.args(["-Ur", "sh", "-c", &script, "sh"]).arg(somebody.program()).args(["run", "true"]);
            command.current_dir(somebody.home()).output().expect("it starts")
        };
        if !inner("").status.success() {
            skip("no-namespaces", "a container cannot be made in a user namespace here");
            continue;
        }
        let said = assert_refused(&somebody, &inner(setup), 125, "CX2001");
        assert!(said.contains("sysctl user.max_user_namespaces=15000"), "{said}");
        let raised = format!("{setup}; echo 15000 > /proc/sys/user/max_user_namespaces");
        assert!(inner(&raised).status.success(), "{}", somebody.kind);
    }
}

/// As sudo-less machines have it, and as a container inside another one's user namespace: groups cannot be set there.
#[test]
fn in_a_user_namespace_of_ones_own_a_container_can_be_made() {
    for somebody in Somebody::all("own-namespace") {
        let run = |arguments: &[&str]| {
            let mut command = somebody.command("unshare");
            command.args(["-Ur", "env"]).arg(format!("XDG_RUNTIME_DIR={}", text(&somebody.home())));
            command.arg(somebody.program()).arg("run").args(arguments).current_dir(somebody.home());
            let output = command.output().expect("it starts");
            (output.status.code(), end_to_end::err(&output))
        };
        assert_eq!(run(&["true"]), (Some(0), String::new()), "{}", somebody.kind);
        let (status, said) = run(&["-u", "1000", "true"]);
        assert!(status == Some(125) && said.starts_with("error[CX4003]: "), "{}: {said}", somebody.kind);
    }
}

/// Where `/usr/local` is a file system of its own, `/usr` cannot be an overlay's layer.
#[test]
fn a_host_with_a_file_system_below_usr() {
    for somebody in Somebody::all("below-usr") {
        if !testbed::caller::is_root().expect("the caller is known") {
            skip("below-usr", "only root can mount one to try it");
            continue;
        }
        let script = ["run", "sh", "-c", "! (: > /usr/new) 2> /dev/null && : > /tmp/new"];
        let output = with_mounts("mount -t tmpfs none /usr/local", &crate::alone_command(&somebody, &script));
        assert_eq!(
            (output.status.code(), end_to_end::err(&output)),
            (Some(0), String::new()),
            "{}",
            somebody.kind
        );
    }
}

#[test]
fn only_root_has_the_hosts_ids() {
    for somebody in Somebody::all("userns-host") {
        if somebody.kind == Kind::Root {
            works(&somebody, &["--userns", "host", "true"]);
        } else {
            let said = refused(&somebody, &["--userns", "host", "true"], 125, "CX2004");
            assert!(said.contains("leave out --userns host"), "{said}");
            works(&somebody, &["true"]);
        }
    }
}

#[test]
fn two_containers_do_not_share_a_name() {
    for somebody in Somebody::all("same-name") {
        let name = format!("twin-{}", std::process::id());
        let mut first = somebody.start(&[
            "--name",
            &name,
            "sh",
            "-c",
            "echo here; exec cat /dev/tty /dev/zero > /dev/null",
        ]);
        first.wait_for("here");
        let second = somebody.run(&["--name", &name, "true"]);
        let said = assert_refused(&somebody, &second, 125, "CX1013");
        assert!(said.contains("choose another --name"), "{said}");
        drop(first);
        eventually("the name is free again", || somebody.run(&["--name", &name, "true"]).status.success());
    }
}

/// Root's state is in `/run`.
#[test]
fn a_read_only_run_is_told_as_such() {
    let Some(somebody) = Somebody::only(Kind::Root, "read-only-run") else { return };
    let run = |setup: &str| {
        let script = format!("{setup}\nexec \"$@\"");
        let mut command = somebody.command("sh");
        command.args(["-c", &script, "sh"]).arg(somebody.program()).args(["run", "true"]);
        command.output().expect("it starts")
    };
    let said = assert_refused(&somebody, &run("mount -t tmpfs -o ro none /run"), 125, "CX2008");
    assert!(said.contains("Read-only file system") && said.contains("mount a tmpfs"), "{said}");
    assert!(run("mount -t tmpfs -o ro none /run; mount -t tmpfs none /run").status.success());
}

/// R16, CVE-2020-15257 in kind: in `/tmp` anybody can make the directory first.
#[test]
fn a_state_directory_of_somebody_else_is_not_used() {
    for somebody in Somebody::all("foreign-state").into_iter().filter(|one| one.kind != Kind::Root) {
        if !testbed::caller::is_root().expect("the caller is known") {
            skip("foreign-state", "only root can make somebody else's directory");
            continue;
        }
        let state = somebody.home().join("containerception");
        fs::create_dir(&state).expect("a directory");
        fs::set_permissions(&state, PermissionsExt::from_mode(0o777)).expect("a mode");
        let said = refused(&somebody, &["true"], 125, "CX2008");
        assert!(said.contains("belongs to user 0") && said.contains("XDG_RUNTIME_DIR"), "{said}");
        somebody.give(&state);
        let said = refused(&somebody, &["true"], 125, "CX2008");
        assert!(said.contains("mode 777"), "{said}");
        fs::remove_dir(&state).expect("it is empty");
        fs::create_dir(somebody.home().join("other")).expect("a directory");
        symlink("other", &state).expect("a link");
        let said = refused(&somebody, &["true"], 125, "CX2008");
        assert!(said.contains("symbolic link"), "{said}");
        fs::remove_file(&state).expect("a link");
        fs::write(&state, "").expect("a file");
        refused(&somebody, &["true"], 125, "CX2008");
        fs::remove_file(&state).expect("a file");
        works(&somebody, &["true"]);
    }
}

/// Without XDG_RUNTIME_DIR, or where that is somebody else's, the directory is in `/tmp`; here one of the test's own.
#[test]
fn without_a_runtime_directory_the_one_in_tmp_is_checked() {
    let Some(somebody) = Somebody::only(Kind::Single, "tmp-state") else { return };
    if !testbed::caller::is_root().expect("the caller is known") {
        return skip("tmp-state", "only root can have a /tmp of its own to try it");
    }
    // The program is bound beforehand: it lies in the real /tmp.
    let setup = format!(
        "mount -t tmpfs none /mnt && touch /mnt/program &&\n\
        mount --bind {} /mnt/program && mount -t tmpfs -o mode=1777 none /tmp || exit 99",
        text(&somebody.program())
    );
    let run = |more: &str, variable: &str| {
        let mut inner = somebody.command("env");
        inner.args(["-u", "XDG_RUNTIME_DIR", variable, "/mnt/program", "run", "true"]).current_dir("/");
        with_mounts(&format!("{setup}\n{more}"), &inner)
    };
    for variable in ["XDG_RUNTIME_DIR=/", "XDG_RUNTIME_DIR=/nowhere", "XDG_RUNTIME_DIR=relative", "NONE="] {
        assert!(run("", variable).status.success(), "{variable}");
        for attack in ["mkdir -m 777", "mkdir -m 700", "touch", "ln -s /root"] {
            let more = format!("for uid in $(seq 64501 65000); do {attack} /tmp/containerception-$uid; done");
            let said = assert_refused(&somebody, &run(&more, variable), 125, "CX2008");
            assert!(said.contains("/tmp/containerception-"), "{said}");
        }
    }
}
