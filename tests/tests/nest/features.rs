//! What a container can be told works at every level.

use crate::{chain, printed};
use end_to_end::{Somebody, err, eventually, lacks, out};

#[test]
fn a_root_filesystem_can_be_given_at_each() {
    if lacks("nest-rootfs", &["busybox"]) {
        return;
    }
    let script = "set -e
        mkdir -p /srv/root/bin /srv/root/tmp && cp $(command -v busybox) /srv/root/bin/sh
        containerception run --rootfs /srv/root sh -c 'echo > /made; echo $0'
        test -e /srv/root/made && rm /srv/root/made
        containerception run --rootfs /srv/root --ephemeral sh -c 'echo > /made; echo $0'
        test ! -e /srv/root/made
        containerception run --rootfs /srv/root containerception --version > /dev/null";
    for somebody in Somebody::all("nest-rootfs") {
        assert_eq!(printed(&somebody, 3, &["sh", "-c", script]), "sh\nsh\n", "{}", somebody.kind);
    }
}

#[test]
fn volumes_reach_through_the_levels() {
    let script = "mkdir /srv/v; containerception run -v /srv/v:/v containerception run -v /v:/w sh -c 'echo deep > /w/x'; cat /srv/v/x";
    for somebody in Somebody::all("nest-volume") {
        assert_eq!(printed(&somebody, 2, &["sh", "-c", script]), "deep\n", "{}", somebody.kind);
    }
}

#[test]
fn explain_and_users_and_exec_work_at_each() {
    let script = "set -e
        containerception run --explain true 2>&1 | grep -c 'the layers for containers inside'
        containerception run --dry-run true | tail -n +2 > /tmp/plan; test $(wc -l < /tmp/plan) -gt 40
        test $(wc -l < /proc/self/uid_map) = 1 && test $(awk '{print $3}' /proc/self/uid_map) = 1 || containerception run -u nobody id -u
        containerception doctor > /dev/null
        containerception run --name c sleep 1000 &
        until containerception ps | grep -q '^c '; do sleep 0.02; done
        containerception exec c hostname
        containerception kill c; wait $! || test $? = 137";
    for somebody in Somebody::all("nest-features") {
        let output = chain(&somebody, 2, &["sh", "-c", script]);
        let said = out(&output);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            (lines.first(), lines.last()),
            (Some(&"1"), Some(&"containerception")),
            "{}: {said}{}",
            somebody.kind,
            err(&output)
        );
    }
}

/// Nobody is shown where the program and the layers lie outside, if the program is among those.
#[test]
fn the_place_is_hidden_and_holds_what_is_documented() {
    for somebody in Somebody::all("nest-place") {
        let script =
            "ls -A /dev/.containerception /dev/.containerception/bin; ls /dev | grep -c containerception
            test \"$(ls /usr/bin | wc -l)\" = \"$(ls /dev/.containerception/layers/usr/bin | wc -l)\"";
        let output = somebody.run(&["sh", "-c", script]);
        let said = out(&output);
        assert!(said.contains("/dev/.containerception:\nbin\ndepth\nlayers\n"), "{}: {said}", somebody.kind);
        assert!(
            said.ends_with("/dev/.containerception/bin:\ncontainerception\n0\n"),
            "{}: {said}",
            somebody.kind
        );
    }
}

/// `nest` hands its options on; `depth` counts.
#[test]
fn nest_goes_down_at_once_and_depth_tells_how_far() {
    for somebody in Somebody::all("nest-verb") {
        let nest = |words: &[&str]| {
            let output = somebody.containerception().args(words).output().expect("it starts");
            (output.status.code(), out(&output), err(&output))
        };
        let script = "containerception depth; hostname; exit 7";
        let said = nest(&["nest", "4", "--hostname", "deep", "sh", "-c", script]);
        assert_eq!(said, (Some(7), "4\ndeep\n".to_owned(), String::new()), "{}", somebody.kind);
        let (status, _, said) = nest(&["nest", "--hostname", "deep", "4", "true"]);
        assert!(
            status == Some(125) && said.contains("nest 3 [OPTIONS] COMMAND"),
            "{}: {said}",
            somebody.kind
        );
        let (status, _, said) = nest(&["nest", "40", "true"]);
        assert!(status == Some(125) && said.contains("CX2002"), "{}: {said}", somebody.kind);
    }
}

/// A level that lies has those below tell its lie, and nothing else comes of it.
#[test]
fn a_lie_about_the_depth_is_told_on_and_harms_nobody() {
    for somebody in Somebody::all("nest-lie") {
        for (lie, told) in
            [("40", "41"), ("255", "255"), ("-1", "1"), ("256", "1"), ("nonsense", "1"), ("", "1")]
        {
            let script = format!(
                "rm -f /dev/.containerception/depth; echo {lie} > /dev/.containerception/depth
                containerception run containerception depth"
            );
            let output = chain(&somebody, 2, &["sh", "-c", &script]);
            assert_eq!(
                (out(&output), err(&output)),
                (format!("{told}\n"), String::new()),
                "{}: {lie}",
                somebody.kind
            );
        }
    }
}

/// From where one stands down to the bottom, with the names that each level has for those inside.
/// Where nothing can be written, a container can still be known.
#[test]
fn read_only_containers_go_into_each_other() {
    for somebody in Somebody::all("nest-read-only") {
        let output = somebody
            .containerception()
            .args(["nest", "3", "--read-only", "sh", "-c", "touch /x 2> /dev/null || containerception depth"])
            .output()
            .expect("it starts");
        assert_eq!(out(&output), "3\n", "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn the_tree_shows_each_level_below() {
    let inner = "containerception run --name inner containerception run --name deepest sh -c 'echo up; exec sleep 1000'";
    for somebody in Somebody::all("nest-tree") {
        let name = format!("top-{}", somebody.kind).replace(' ', "-");
        let mut running = somebody.start(&["--name", &name, "sh", "-c", &format!("{inner}; true")]);
        running.wait_for("up");
        let look = || -> serde_json::Value {
            let output =
                somebody.containerception().args(["tree", "--format", "json"]).output().expect("tree");
            let all: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let found =
                all.as_array().and_then(|all| all.iter().find(|level| level["name"] == name.as_str()));
            found.cloned().unwrap_or_default()
        };
        // A container is written down while its command begins.
        eventually("the names are known", || look()["below"][0]["below"][0]["name"] == "deepest");
        let top = look();
        let (inner, deepest) = (&top["below"][0], &top["below"][0]["below"][0]);
        let names = [&inner["name"], &deepest["name"]].map(|name| name.as_str().unwrap_or("?"));
        assert_eq!(names, ["inner", "deepest"], "{}: {top:#}", somebody.kind);
        assert_eq!(deepest["command"], serde_json::json!(["sleep", "1000"]), "{}: {top:#}", somebody.kind);
        assert_eq!(
            (&deepest["depth"], &deepest["pids"]),
            (&3.into(), &2.into()),
            "{}: {top:#}",
            somebody.kind
        );
        let bytes = |level: &serde_json::Value| level["memory"].as_u64().unwrap_or_default();
        assert!(bytes(inner) >= bytes(deepest) && bytes(deepest) > 0, "{}: {top:#}", somebody.kind);
        let names = somebody.containerception().args(["ps", "--recursive", "--format", "names"]).output();
        let all = format!("{name}\n{name}/inner\n{name}/inner/deepest\n");
        assert!(out(&names.expect("ps")).contains(&all), "{}", somebody.kind);
        let text = out(&somebody.containerception().arg("tree").output().expect("tree"));
        assert!(text.contains("\n    deepest "), "{}: {text}", somebody.kind);
        let mut kill = somebody.containerception();
        assert!(kill.args(["kill", &name]).status().expect("kill").success());
        running.finish();
    }
}
