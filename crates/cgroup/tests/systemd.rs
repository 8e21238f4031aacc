//! Scopes of the real systemd: of PID 1 for root, of one's own for another. Needs systemd and v2, else skips.

#[path = "systemd/member.rs"]
mod member;

use std::fs;
use std::process::Command;
use std::time::Duration;

use cgroup::systemd::{
    Failure, Manager, Scope, Weights, attach, control_group, reachable, set_weights, start,
};
use member::{Member, eventually, skip};

const PATIENCE: Duration = Duration::from_secs(60);

/// A scope with a shell in it.
struct Started {
    manager: Manager,
    unit: String,
    shell: Member,
    /// The directory of its group.
    dir: String,
}

impl Started {
    fn new(test: &str, controllers: &[&str]) -> Option<Started> {
        let manager = manager(test)?;
        let (unit, shell) = (unit(test), Member::new());
        start(manager, &scope(manager, &unit, &shell, controllers), PATIENCE).expect("the scope starts");
        let group = control_group(manager, &unit, PATIENCE).expect("the scope has a group");
        Some(Started { manager, unit, shell, dir: format!("/sys/fs/cgroup{group}") })
    }

    /// The contents of a file of its group.
    fn read(&self, file: &str) -> String {
        fs::read_to_string(format!("{}/{file}", self.dir)).expect(file).trim_end().to_owned()
    }

    /// The shell moves to a leaf, and passes these controllers on to a group `box`.
    fn arrange(&mut self, controllers: &str) {
        let dir = self.dir.clone();
        self.shell.does(&format!("mkdir {dir}/leaf && echo 0 > {dir}/leaf/cgroup.procs"));
        self.shell.does(&format!("echo {controllers} > {dir}/cgroup.subtree_control && mkdir {dir}/box"));
    }
}

/// Whom to ask, if the host has the place for it.
fn manager(test: &str) -> Option<Manager> {
    let manager = if rustix::process::geteuid().is_root() { Manager::System } else { Manager::User };
    let found = if fs::exists("/sys/fs/cgroup/cgroup.controllers").unwrap_or(false) {
        reachable(manager)
    } else {
        Err("/sys/fs/cgroup is not the unified hierarchy".into())
    };
    found.map_err(|why| skip(test, &why)).ok().map(|()| manager)
}

fn unit(test: &str) -> String {
    format!("containerception-test-{}-{test}.scope", std::process::id())
}

fn scope<'a>(manager: Manager, unit: &'a str, shell: &Member, controllers: &'a [&'a str]) -> Scope<'a> {
    let slice = if manager == Manager::System { "system.slice" } else { "app.slice" };
    let (description, pid) = ("a test of containerception", shell.pid());
    Scope { unit, slice, description, pid, controllers, weights: Weights::default() }
}

fn refusal(result: Result<(), Failure>) -> String {
    match result {
        Err(Failure::Refused { name, .. }) => name.rsplit('.').next().unwrap_or_default().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_process_is_in_its_scope_once_that_is_started() {
    let Some(started) = Started::new("started", &["memory", "pids"]) else { return };
    assert_eq!(format!("/sys/fs/cgroup{}", started.shell.group()), started.dir);
    assert!(started.dir.ends_with(&started.unit), "{}", started.dir);
    let obtained = started.read("cgroup.controllers");
    assert!(["memory", "pids"].iter().all(|name| obtained.split(' ').any(|has| has == *name)), "{obtained}");
    assert_eq!(started.read("pids.max"), "max", "no default limit of the host's");
}

#[test]
fn the_group_is_the_callers_to_arrange() {
    let Some(mut started) = Started::new("arranged", &["memory", "pids"]) else { return };
    started.arrange("+memory +pids");
    started.shell.does(&format!("echo 64M > {0}/box/memory.max && echo 20 > {0}/box/pids.max", started.dir));
    assert_eq!(started.read("cgroup.subtree_control"), "memory pids");
    assert_eq!(
        (started.read("box/memory.max"), started.read("box/pids.max")),
        ("67108864".into(), "20".into())
    );
    assert!(started.shell.group().ends_with("/leaf"));
}

#[test]
fn its_weights_are_those_of_the_group_beside_others() {
    let test = "weights";
    let Some(manager) = manager(test) else { return };
    let (unit, shell) = (unit(test), Member::new());
    let weights = Weights { cpu: Some(39), io: None };
    let heavy = Scope { weights, ..scope(manager, &unit, &shell, &["cpu", "pids"]) };
    start(manager, &heavy, PATIENCE).expect("the scope starts");
    let group = control_group(manager, &unit, PATIENCE).expect("the scope has a group");
    let started = Started { manager, unit, shell, dir: format!("/sys/fs/cgroup{group}") };
    assert_eq!(started.read("cpu.weight"), "39");
    let change = |cpu| {
        let weights = Weights { cpu: Some(cpu), io: None };
        set_weights(manager, &started.unit, weights, PATIENCE)
    };
    assert_eq!((change(200), started.read("cpu.weight")), (Ok(()), "200".into()));
    assert_eq!((change(Weights::IDLE), started.read("cpu.idle")), (Ok(()), "1".into()));
    assert_eq!((change(Weights::USUAL), started.read("cpu.idle")), (Ok(()), "0".into()));
    assert_eq!(started.read("cpu.weight"), "100");
    assert_eq!(refusal(change(10_001)), "InvalidArgs");
}

#[test]
fn limits_below_the_scope_survive_a_reload() {
    let test = "reloaded";
    if std::env::var_os("CONTAINERCEPTION_RELOAD").is_none() {
        return skip(test, "has systemd reload its units: only with CONTAINERCEPTION_RELOAD");
    }
    let Some(mut started) = Started::new(test, &["memory", "pids"]) else { return };
    started.arrange("+memory +pids");
    started.shell.does(&format!("echo 64M > {0}/box/memory.max && echo 20 > {0}/box/pids.max", started.dir));
    started.shell.does(&format!("echo 1G > {}/memory.max", started.dir));
    let whose = if started.manager == Manager::User { "--user" } else { "--system" };
    let reloaded = Command::new("systemctl").args([whose, "daemon-reload"]).status();
    assert!(reloaded.is_ok_and(|status| status.success()), "systemctl {whose} daemon-reload");
    eventually("the scope's own limit is taken back", || started.read("memory.max") == "max");
    assert_eq!(started.read("cgroup.subtree_control"), "memory pids");
    assert_eq!(
        (started.read("box/memory.max"), started.read("box/pids.max")),
        ("67108864".into(), "20".into())
    );
}

#[test]
fn nothing_is_left_when_all_are_gone() {
    let Some(mut started) = Started::new("gone", &["pids"]) else { return };
    started.arrange("+pids");
    started.shell.does(&format!("mkdir -p {}/box/a/b", started.dir));
    started.shell.end();
    eventually("the group is gone", || !fs::exists(&started.dir).unwrap_or(true));
    let unit = || control_group(started.manager, &started.unit, PATIENCE).map(drop);
    eventually("the unit is forgotten", || unit().is_err());
    assert_eq!(refusal(unit()), "NoSuchUnit");
}

#[test]
fn a_name_is_given_once() {
    let Some(started) = Started::new("twice", &["pids"]) else { return };
    let second = Member::new();
    let before = second.group();
    let again = start(started.manager, &scope(started.manager, &started.unit, &second, &[]), PATIENCE);
    assert_eq!((refusal(again), second.group()), ("UnitExists".into(), before));
    assert!(started.shell.group().ends_with(&started.unit));
}

#[test]
fn a_process_from_elsewhere_is_moved_into_a_group_of_the_scope() {
    let Some(mut started) = Started::new("attached", &["pids"]) else { return };
    started.arrange("+pids");
    let outsider = Member::new();
    assert!(!outsider.group().contains(&started.unit));
    let put = |subgroup| attach(started.manager, &started.unit, subgroup, outsider.pid(), PATIENCE);
    assert_eq!(refusal(put("nowhere")), "FileNotFound");
    assert_eq!(put("box"), Ok(()));
    assert!(outsider.group().ends_with(&format!("/{}/box", started.unit)), "{}", outsider.group());
}

#[test]
fn a_unit_that_is_not_delegated_takes_nobody() {
    let test = "undelegated";
    let Some(manager) = manager(test) else { return };
    let outsider = Member::new();
    assert_eq!(refusal(attach(manager, "init.scope", "", outsider.pid(), PATIENCE)), "InvalidArgs");
}

#[test]
fn what_systemd_cannot_do_it_refuses_and_nobody_is_moved() {
    let Some(manager) = manager("refused") else { return };
    let (unit, shell) = (unit("refused"), Member::new());
    let before = shell.group();
    let wanted = scope(manager, &unit, &shell, &["memory", "hugetlb"]);
    assert_eq!(refusal(start(manager, &wanted, PATIENCE)), "InvalidArgs");
    let kernel_thread = Scope { pid: 2, controllers: &[], ..wanted };
    assert_eq!(refusal(start(manager, &kernel_thread, PATIENCE)), "InvalidArgs");
    assert_eq!(shell.group(), before);
}

#[test]
fn an_ordinary_user_is_refused_by_the_systemd_of_the_host() {
    let Some(manager) = manager("not_root") else { return };
    if manager == Manager::System {
        return skip("not_root", "needs an ordinary user");
    }
    let (unit, shell) = (unit("not_root"), Member::new());
    let answer = start(Manager::System, &scope(Manager::System, &unit, &shell, &[]), PATIENCE);
    assert!(matches!(answer, Err(Failure::Refused { .. } | Failure::Unreachable(_))), "{answer:?}");
}

#[test]
fn the_root_slice_has_the_group_of_its_manager() {
    let Some(manager) = manager("root_slice") else { return };
    let root = control_group(manager, "-.slice", PATIENCE).expect("the root slice is always there");
    assert!(fs::exists(format!("/sys/fs/cgroup{root}/cgroup.procs")).unwrap_or(false), "{root}");
    assert_eq!(
        refusal(control_group(manager, "containerception-none.slice", PATIENCE).map(drop)),
        "NoSuchUnit"
    );
}
