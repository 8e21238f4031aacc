//! Hosts that are not this one: its facts, with some that are made up.

use super::*;
use cgroup::{Controller, Groups, Hierarchy, Missing, Version};
use plan::facts::{Caller, Kernel, Range, Subordinate};
use plan::identity::Extent;
use run::host::{Helper, Outcome, Outer, Trial};
use spec::catalogue::USER_NAMESPACE_REFUSED;

fn facts() -> Facts {
    let run = crate::commands::plan::words::run("true".as_ref()).unwrap();
    let facts = run::probe(&crate::commands::run::spec(&run).unwrap()).unwrap();
    let caller = Caller { uid: 0, can_set_ids: true, can_mount: true, initial: true, ..facts.caller };
    let free_range = Some(Range { first: 1 << 20, count: 65536, lock: c"/ids/1048576".into() });
    let mut layers = facts.layers;
    layers.iter_mut().for_each(|layer| layer.id_mappable = true);
    Facts { caller, free_range, layers, subordinate: None, kernel: Kernel(6, 18), ..facts }
}

fn hierarchy() -> Hierarchy {
    Hierarchy {
        version: Version::V2,
        controllers: vec![Controller::Memory],
        parents: Vec::new(),
        parent: c"/sys/fs/cgroup".into(),
        directory: c"/sys/fs/cgroup/a".into(),
        enable: Vec::new(),
        threaded: false,
        aside: None,
        cpuset: None,
    }
}

fn user() -> Facts {
    let facts = facts();
    let caller = Caller { uid: 1000, can_set_ids: false, can_mount: false, ..facts.caller };
    Facts { caller, free_range: None, ..facts }
}

fn host() -> Host {
    let works = Trial { namespaces: Outcome::Works, mounts: Outcome::Works, proc: Outcome::Works };
    Host {
        trial: works,
        sysctls: vec![("user.max_user_namespaces", 63_000)],
        outer: Outer { world: None, obstacles: Vec::new(), fix: None },
        helpers: ["newuidmap", "newgidmap"].map(|name| Helper { name, obstacle: None }),
        usr: Some("ext4".to_owned()),
        overlay: true,
        groups: Groups { hierarchies: vec![hierarchy()], ..Groups::default() },
        disk_weights: true,
        state: None,
    }
}

fn findings(facts: &Facts, host: &Host) -> Vec<Finding> {
    examine(facts, host, &Err(Error::new(USER_NAMESPACE_REFUSED, "not planned")))
        .into_iter()
        .rev()
        .skip(1)
        .rev()
        .collect()
}

/// The names of those that are not as good as they could be, which all say what to do.
fn named(facts: &Facts, host: &Host, verdict: Verdict) -> Vec<&'static str> {
    let all = findings(facts, host);
    assert!(all.iter().all(|finding| (finding.verdict == Verdict::Ok) == finding.fix.is_none()), "{all:?}");
    all.iter().filter(|finding| finding.verdict == verdict).map(|finding| finding.name).collect()
}

#[test]
fn a_host_that_has_all_is_ok() {
    assert_eq!(findings(&facts(), &host()).iter().filter(|one| one.verdict != Verdict::Ok).count(), 0);
}

#[test]
fn the_names_are_stable() {
    let names: Vec<_> = examine(&facts(), &host(), &Err(Error::new(USER_NAMESPACE_REFUSED, "")))
        .iter()
        .map(|finding| finding.name)
        .collect();
    let page = include_str!("../../../../docs/doctor.md").split("## The facts").nth(1).unwrap();
    let listed: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(names, listed, "as docs/doctor.md has them");
}

#[test]
fn an_ordinary_user_lacks_what_is_roots() {
    assert_eq!(named(&user(), &host(), Verdict::Limits), ["ids", "id-mapped-mounts"]);
    let extent = Extent { inside: 1, outside: 100_000, count: 65_536 };
    let helper = c"/usr/bin/newuidmap";
    let subordinate =
        Some(Subordinate { uids: extent, gids: extent, newuidmap: helper.into(), newgidmap: helper.into() });
    let with_range = Facts { subordinate, ..user() };
    assert_eq!(named(&with_range, &host(), Verdict::Limits), ["id-mapped-mounts"]);
    // A helper that is there is used, and fails; one that is missing is done without.
    let helpers = |obstacle| ["newuidmap", "newgidmap"].map(|name| Helper { name, obstacle: Some(obstacle) });
    let powerless = Host { helpers: helpers("neither"), ..host() };
    assert_eq!(named(&with_range, &powerless, Verdict::Fails), ["helper-programs"]);
    let missing = Host { helpers: helpers("missing"), ..host() };
    assert_eq!(named(&user(), &missing, Verdict::Fails), [""; 0]);
    assert_eq!(named(&user(), &missing, Verdict::Limits), ["ids", "helper-programs", "id-mapped-mounts"]);
}

#[test]
fn without_user_namespaces_the_rest_is_not_known() {
    let error = Error::new(USER_NAMESPACE_REFUSED, "refused").why("because").fix("do this");
    let trial =
        Trial { namespaces: Outcome::Refused(error), mounts: Outcome::Untried, proc: Outcome::Untried };
    let refusing = Host { trial, ..host() };
    assert_eq!(named(&user(), &refusing, Verdict::Fails), ["user-namespaces"]);
    let all = findings(&user(), &refusing);
    assert!(all.iter().any(|one| one.found == "refused: because" && one.fix.as_deref() == Some("do this")));
    assert!(!works(&all) && text(&all, crate::paint::Paint::NONE).contains("\nbad   user-namespaces "));
    // What is covered can be seen without trying.
    let outer = Outer { world: None, obstacles: vec!["covers over parts of /proc"], fix: None };
    let masked = Host { outer, ..refusing };
    assert_eq!(named(&user(), &masked, Verdict::Fails), ["user-namespaces"]);
    assert!(named(&user(), &masked, Verdict::Limits).contains(&"proc"));
}

#[test]
fn a_sysctl_that_bars_users_is_told_to_root() {
    let ubuntu = Host { sysctls: vec![("kernel.apparmor_restrict_unprivileged_userns", 1)], ..host() };
    assert_eq!(named(&facts(), &ubuntu, Verdict::Limits), ["user-namespaces"]);
    let debian = Host { sysctls: vec![("kernel.unprivileged_userns_clone", 0)], ..host() };
    let all = findings(&facts(), &debian);
    assert!(
        all.iter()
            .any(|one| one.fix.as_deref() == Some("as root: sysctl kernel.unprivileged_userns_clone=1"))
    );
}

#[test]
fn old_kernels_lack_what_came_later() {
    let linux = |kernel, facts| Facts { kernel, ..facts };
    assert_eq!(
        named(&linux(Kernel(6, 5), facts()), &host(), Verdict::Limits),
        [""; 0],
        "root's need no attributes"
    );
    assert!(named(&linux(Kernel(6, 5), user()), &host(), Verdict::Limits).contains(&"tmpfs-attributes"));
    let mut homeless = linux(Kernel(6, 5), user());
    homeless.state.on_disk = None;
    assert_eq!(named(&homeless, &host(), Verdict::Fails), ["tmpfs-attributes"]);
    assert_eq!(named(&linux(Kernel(5, 11), facts()), &host(), Verdict::Fails), ["kernel"]);
}

#[test]
fn what_a_host_may_lack_as_well() {
    let missing = vec![Missing { controller: Controller::Memory, why: "it is read-only".to_owned() }];
    let groups = Groups { missing, ..Groups::default() };
    let less = Facts { free_range: None, ..facts() };
    assert_eq!(named(&less, &host(), Verdict::Fails), ["ids"]);
    assert_eq!(
        named(&less, &Host { overlay: false, groups, ..host() }, Verdict::Limits),
        ["overlay", "control-groups"]
    );
    let state = Some(Error::new(spec::catalogue::STATE_DIRECTORY, "it is a file"));
    let all = findings(&facts(), &Host { state, ..host() });
    assert!(all.iter().any(|one| one.fix.as_deref() == Some("containerception explain CX2008 tells more")));
}

#[test]
fn programs_read_an_array() {
    let read: serde_json::Value = serde_json::from_str(&json(&findings(&user(), &host()))).unwrap();
    assert_eq!(read[0]["name"], "kernel");
    assert_eq!((&read[0]["verdict"], &read[0]["fix"]), (&"ok".into(), &serde_json::Value::Null));
    let ids = read.as_array().unwrap().iter().find(|one| one["name"] == "ids").unwrap();
    assert_eq!(ids["verdict"], "limits");
    assert!(ids["found"].is_string() && ids["means"].is_string() && ids["fix"].is_string());
}
