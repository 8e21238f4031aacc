//! Where groups are made, and by whom.

use crate::container::{Container, Place, code};
use crate::layout::Layout;
use end_to_end::{Running, err, out};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use testbed::groups::{self, Groups};
use testbed::leaks::systemd_runs;

const LIMITS: [&str; 6] = ["--memory", "64m", "--cpus", "0.5", "--pids-limit", "20"];

fn root_by_cgroupfs(test: &str) -> Vec<Place> {
    Place::chosen(test, "needs to be root", |place| matches!(place.layout, Layout::V1 | Layout::V2))
}

/// The groups of the controllers that [`LIMITS`] need.
fn limited(container: &Container<'_>) -> Vec<PathBuf> {
    let groups = container.groups();
    ["memory", "cpu", "pids"].map(|name| groups.with(name).expect("a group").to_owned()).to_vec()
}

#[test]
fn a_group_that_is_named_holds_the_containers_and_goes_with_the_last() {
    for place in root_by_cgroupfs("parent-named") {
        let name = format!("limits-parent-{}", id());
        let parent = format!("/{name}/below");
        let options = [&["--cgroup-manager", "cgroupfs", "--cgroup-parent", &parent], &LIMITS[..]].concat();
        let start = || Container::sleeper_at(&place, &options);
        let (one, two) = (start(), start());
        for group in [limited(&one), limited(&two)].concat() {
            let parent = Path::new(&parent).strip_prefix("/").expect("a slash");
            assert!(
                group.parent().is_some_and(|above| above.ends_with(parent)),
                "{}: {group:?}",
                place.layout
            );
        }
        one.end();
        assert!(!groups::named(&name).is_empty(), "{}: another is still in it", place.layout);
        two.end();
        assert_eq!(groups::named(&name), [""; 0].map(PathBuf::from), "{}", place.layout);
    }
}

/// A new cpuset of v1 has nothing to give (cpuset(7)).
#[test]
fn groups_that_are_made_above_have_the_cpus_and_nodes_of_their_own_above() {
    for place in Place::chosen("parent-cpuset", "needs v1", |place| place.layout == Layout::V1) {
        let name = format!("limits-cpuset-{}", id());
        let options = ["--cgroup-parent", &format!("/{name}/below"), "--cpuset-cpus", "0"];
        let container = Container::sleeper_at(&place, &options);
        assert_eq!(container.groups().read("cpuset.cpus").as_deref(), Some("0"));
        let asked = container.does("inspect", &[]);
        assert!(!asked.contains("below/cpuset.cpus"), "it is no limit of the container: {asked}");
        container.end();
        assert_eq!(groups::named(&name), [""; 0].map(PathBuf::from));
    }
}

/// It is there when the next container looks, and gone when that has tidied up.
#[test]
fn a_group_that_a_killed_runtime_has_left_can_be_named_again() {
    for place in root_by_cgroupfs("parent-again") {
        let name = format!("limits-again-{}", id());
        let parent = format!("/{name}/below");
        let options = [&["--cgroup-manager", "cgroupfs", "--cgroup-parent", &parent], &LIMITS[..]].concat();
        Container::sleeper_at(&place, &options).orphan();
        assert!(!groups::named(&name).is_empty(), "{}", place.layout);
        let output = place.somebody.run(&[&options[..], &["true"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}: {}", place.layout, err(&output));
        assert_eq!(groups::named(&name), [""; 0].map(PathBuf::from), "{}", place.layout);
    }
}

#[test]
fn a_group_that_was_there_before_stays() {
    for place in root_by_cgroupfs("parent-stays") {
        let name = format!("limits-stays-{}", id());
        let groups = Groups::of(id()).expect("this process runs");
        let own = groups.with("pids").expect("a hierarchy of processes");
        let is_group = |directory: &&Path| directory.join("cgroup.procs").exists();
        let top = own.ancestors().take_while(is_group).last().expect("the root of the hierarchy");
        let group = top.join(&name);
        fs::create_dir(&group).expect("root makes groups");
        let options =
            ["--cgroup-manager", "cgroupfs", "--cgroup-parent", &format!("/{name}"), "--pids-limit", "20"];
        let container = Container::sleeper_at(&place, &options);
        assert!(container.groups().with("pids").is_some_and(|own| own.starts_with(&group)));
        container.end();
        let stays = group.exists();
        fs::remove_dir(&group).expect("it is empty");
        assert!(stays, "{}", place.layout);
    }
}

#[test]
fn a_relative_parent_is_below_the_own_group() {
    for place in Place::chosen("parent-relative", "needs v1", |place| place.layout == Layout::V1) {
        let name = format!("limits-relative-{}", id());
        let options = [&["--cgroup-parent", &name], &LIMITS[..]].concat();
        let container = Container::sleeper_at(&place, &options);
        let own = Groups::of(id()).expect("this process runs");
        for (controller, group) in ["memory", "cpu", "pids"].into_iter().zip(limited(&container)) {
            assert!(group.starts_with(own.with(controller).expect("a group").join(&name)), "{group:?}");
        }
        container.end();
        assert_eq!(groups::named(&name), [""; 0].map(PathBuf::from));
    }
}

/// A job with a limit gains nothing by a container with a higher one.
#[test]
fn a_limited_job_does_not_leave_its_limit_by_a_container() {
    for place in Place::chosen("parent-nested", "needs v1", |place| place.layout == Layout::V1) {
        let own = Groups::of(id()).expect("this process runs");
        let job = own.with("pids").expect("a group").join(format!("limits-job-{}", id()));
        fs::create_dir(&job).expect("root makes groups");
        fs::write(job.join("pids.max"), "15").expect("a limit");
        // A shell that is in it, and becomes containerception.
        let fork =
            "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 100 & done 2> /dev/null";
        let line = format!(
            "echo 0 > {}/cgroup.procs; exec containerception run --pids-limit 100 sh -c '{fork}; echo none refused'",
            job.display()
        );
        let output = Running::start(&mut place.somebody.shell(&line)).finish();
        let most = fs::read_to_string(job.join("pids.peak"));
        fs::remove_dir(&job).expect("it is empty");
        assert!(!out(&output).contains("none refused"), "{}{}", out(&output), err(&output));
        // dash ends when it cannot fork. Linux 6.1 and newer remember how many there were.
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        assert!(most.is_err() || most.is_ok_and(|most| most.trim() == "15"), "{}", err(&output));
    }
}

#[test]
fn a_slice_or_systemd_is_refused_where_there_is_none() {
    if systemd_runs() {
        return end_to_end::skip("no-systemd", "systemd runs here");
    }
    for place in Place::all("no-systemd") {
        for options in [["--cgroup-manager", "systemd"], ["--cgroup-parent", "limits.slice"]] {
            let output = place.run(&[&options, &LIMITS[..]].concat(), &["true"]);
            let said = err(&output);
            assert_eq!(output.status.code(), Some(125), "{}: {options:?}: {said}", place.layout);
            assert!(["CX5003", "CX5006"].contains(&&*code(&output)), "{}: {said}", place.layout);
        }
    }
}

#[test]
fn systemd_makes_a_scope_in_the_slice_that_is_named() {
    let by_systemd = |place: &Place| matches!(place.layout, Layout::Systemd | Layout::Session);
    for place in Place::chosen("slice", "systemd makes no groups here", by_systemd) {
        let slice = format!("limits{}.slice", id());
        let options = [&["--cgroup-manager", "systemd", "--cgroup-parent", &slice], &LIMITS[..]].concat();
        let container = Container::sleeper_at(&place, &options);
        let groups = container.groups();
        let own = groups.unified().expect("a group of v2");
        let names: Vec<String> = own.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        assert!(names.contains(&slice), "{}: {names:?}", place.layout);
        let scope = names.iter().any(|name| name.contains(&container.name) && name.ends_with(".scope"));
        assert!(scope, "{}: {names:?}", place.layout);
        assert_eq!(groups.number("memory.max", ""), Some(64 << 20), "{}", place.layout);
        container.end();
        // A slice is the administrator's: it stays, as in systemd's own scopes.
        let manager = if place.layout == Layout::Systemd { "--system" } else { "--user" };
        let _ = Command::new("systemctl").args([manager, "stop", &slice]).status();
    }
}
