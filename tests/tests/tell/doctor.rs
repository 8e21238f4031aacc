//! `doctor`: what it says agrees with what `run` does.

use crate::told;
use end_to_end::{Kind, Somebody, err, lacks, out, skip};
use std::process::Output;
use testbed::leaks::Places;

/// The lines of a verdict.
fn marked<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.starts_with(mark)).collect()
}

/// What doctor says where `setup` has been done, and the exit status of `run true` there.
fn both(somebody: &Somebody, setup: &str) -> (Output, Option<i32>) {
    let line = |last: &str| {
        let line = format!("{setup}\n{last}");
        somebody.shell(&line).output().expect("sh starts")
    };
    let ran = line("exec containerception run true");
    (line("exec containerception doctor"), ran.status.code())
}

#[test]
fn where_containers_run_the_status_is_0() {
    for somebody in Somebody::all("doctor") {
        let (doctor, ran) = both(&somebody, "");
        let said = out(&doctor);
        assert_eq!((doctor.status.code(), ran, err(&doctor)), (Some(0), Some(0), String::new()), "{said}");
        assert_eq!(marked(&said, "bad"), [""; 0], "{}", somebody.kind);
        assert!(said.ends_with("\ncontainers can be run here\n") && !said.contains('\x1b'), "{said}");
        let notes = marked(&said, "note").len();
        assert_eq!(said.matches("\n      what to do: ").count(), notes, "{said}");
        let single = marked(&said, "note").iter().any(|line| line.starts_with("note  ids "));
        assert_eq!(single, somebody.kind == Kind::Single, "{said}");
    }
}

#[test]
fn programs_read_an_array() {
    for somebody in Somebody::all("doctor-json") {
        let output = told(&somebody, &["doctor", "--format", "json"]);
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{}", somebody.kind);
        let text = out(&output);
        assert!(text.starts_with("[\n") && text.ends_with("]\n"), "{text}");
        let lines = out(&told(&somebody, &["doctor"]));
        let (ok, notes) = (marked(&lines, "ok  ").len(), marked(&lines, "note").len());
        assert_eq!(text.matches("\"verdict\": \"ok\"").count(), ok, "{text}");
        assert_eq!(text.matches("\"verdict\": \"limits\"").count(), notes, "{text}");
    }
}

#[test]
fn it_leaves_no_trace() {
    for somebody in Somebody::all("doctor-traceless") {
        let existed = somebody.state().exists();
        let places = Places { state: Vec::new(), groups: Vec::new(), programs: vec![somebody.program()] };
        let before = places.look().expect("/proc can be read");
        assert!(told(&somebody, &["doctor"]).status.success());
        let left = places.left_since(&before).expect("/proc can be read");
        let own: Vec<_> = left.iter().filter(|line| line.contains("containerception")).collect();
        assert!(own.is_empty(), "{}: {own:?}", somebody.kind);
        assert!(existed || somebody.kind == Kind::Root || !somebody.state().exists());
    }
}

/// The limit counts for each user namespace: set in one of the test's own, it is nobody else's.
#[test]
fn where_no_user_namespace_may_be_made_it_names_the_sysctl() {
    for somebody in Somebody::all("doctor-no-namespaces") {
        let inner = |setup: &str| {
            let setup = format!("export XDG_RUNTIME_DIR={}; {setup}", somebody.home().display());
            let line = |last: &str| format!("unshare -Ur sh -c '{setup}; exec containerception {last}'");
            let start = |last: &str| somebody.shell(&line(last)).output().expect("sh starts");
            (start("doctor"), start("run true").status.code())
        };
        let (doctor, ran) = inner(":");
        if ran != Some(0) {
            skip("doctor-no-namespaces", "a container cannot be made in a user namespace here");
            continue;
        }
        assert_eq!(doctor.status.code(), Some(0), "{}", out(&doctor));
        let (doctor, ran) = inner("echo 0 > /proc/sys/user/max_user_namespaces");
        let said = out(&doctor);
        assert_eq!((doctor.status.code(), ran), (Some(1), Some(125)), "{said}");
        assert!(marked(&said, "bad").iter().all(|line| line.starts_with("bad   user-namespaces ")), "{said}");
        assert!(said.contains("what to do: as root: sysctl user.max_user_namespaces=15000\n"), "{said}");
    }
}

#[test]
fn what_an_outer_container_hides_is_noted() {
    let Some(somebody) = Somebody::only(Kind::Root, "doctor-masked") else { return };
    let (doctor, ran) = both(&somebody, "mount -t tmpfs none /proc/fs");
    let said = out(&doctor);
    assert_eq!((doctor.status.code(), ran), (Some(0), Some(0)), "{said}");
    assert!(marked(&said, "note").iter().any(|line| line.starts_with("note  proc ")), "{said}");
    assert!(said.contains("systempaths=unconfined"), "{said}");
}

#[test]
fn a_place_for_state_that_cannot_be_used_is_bad() {
    for somebody in Somebody::all("doctor-state") {
        let setup = match somebody.kind {
            Kind::Root => "mount -t tmpfs -o ro none /run".to_owned(),
            _ => format!("mkdir -p -m 0755 {0} && chmod 0755 {0}", somebody.state().display()),
        };
        if somebody.kind != Kind::Root && !somebody.state().starts_with(somebody.home()) {
            skip("doctor-state", "the state directory is one that is in use");
            continue;
        }
        let (doctor, ran) = both(&somebody, &setup);
        let said = out(&doctor);
        assert_eq!((doctor.status.code(), ran), (Some(1), Some(125)), "{said}");
        assert!(marked(&said, "bad").iter().all(|line| line.starts_with("bad   state-directory ")), "{said}");
    }
}

/// A set-user-ID program gains nothing where no privileges may be gained, and then maps nothing.
#[test]
fn helpers_without_power_are_gone_without() {
    if lacks("doctor-helpers", &["newuidmap", "setpriv"]) {
        return;
    }
    let Some(somebody) = Somebody::only(Kind::Range, "doctor-helpers") else { return };
    let powerless = |last: &str| {
        let line = format!("exec setpriv --no-new-privs containerception {last}");
        somebody.shell(&line).output().expect("sh starts")
    };
    let doctor = powerless("doctor");
    let (said, ran) = (out(&doctor), powerless("run true").status.code());
    assert_eq!((doctor.status.code(), ran), (Some(0), Some(0)), "{said}");
    assert!(marked(&said, "note").iter().any(|line| line.starts_with("note  ids ")), "{said}");
    let map = out(&powerless("run cat /proc/self/uid_map"));
    assert!(map.lines().count() == 1 && map.ends_with(" 1\n"), "{map}");
}
