//! Whole plans: what a start consists of, for each kind of host and wish.
//!
//! A change of a plan shows as a change of a file here, to be read before it is accepted: `INSTA_UPDATE=always cargo test
//! -p plan`, then `git diff`.

mod fixture;

use cgroup::{Controller, Groups, Hierarchy, UNIFIED, Version};
use fixture::{
    c, container, hierarchy, nested, pass, range, root, root_on_overlay, root_v2, root_with_quotas, show,
    single, source, v1, with_rootfs,
};
use plan::cgroup::Op::HandDown;
use plan::facts::{Account, Budget, Facts, Inode, Kernel, Layer, Program, Rootfs};
use plan::identity::{Extent, Ids, Source as IdSource};
use plan::nest::{GROUPS, PROGRAM};
use plan::{Op, Tell};
use spec::resources::{Bound, Cpu, Memory, Resources, Set};
use spec::{Namespaces, Root, Spec, Storage, Tmpfs, User, Volume};
use std::ffi::OsStr;

/// Compares the plan with the file of that name.
fn compare(name: &str, spec: &Spec, facts: &Facts) {
    let plan = plan::plan(spec, facts).expect("a plan");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, show(&plan));
    });
}

fn of_directory() -> Spec {
    Spec { root: Root::Directory(c("rootfs")), ..container() }
}

#[test]
fn the_default() {
    compare("root", &container(), &root());
    compare("root_v2", &container(), &root_v2());
    compare("root_on_overlay", &container(), &root_on_overlay());
    compare("range", &container(), &range());
    compare("single", &container(), &single());
    compare("nested", &container(), &nested());
}

/// What is limited is shared out among containers inside, whose files of limits are not their root's.
#[test]
fn limits_are_handed_down() {
    let memory = Memory { max: Some(Bound::At(64 << 20)), ..Memory::default() };
    let cpu = Cpu { cpus: Some(Set::parse("0").expect("a set")), ..Cpu::default() };
    let resources = Resources { memory, cpu, ..container().resources };
    let spec = Spec { resources, ..container() };
    let controllers = [Controller::Memory, Controller::Cpuset, Controller::Pids];
    compare("limits_shared", &spec, &Facts { groups: v1(&controllers), ..root() });
    let groups = hierarchy(Version::V1, vec![Controller::Memory], &format!("{GROUPS}/memory"));
    let groups = Groups { hierarchies: vec![groups], ..Groups::default() };
    let budget = Budget { memory: Some(128 << 20), ..Budget::default() };
    let program = Some(Program { path: c(PROGRAM), inode: Inode { device: 1, number: 7 } });
    let resources = Resources { cpu: Cpu::default(), pids: None, ..spec.resources };
    let spec = Spec { resources, ..spec };
    let inside = Facts { groups, budget, program, depth: 1, ..nested() };
    compare("limits_inside", &spec, &inside);
    let less = Budget { memory: Some(32 << 20), ..budget };
    let refused = plan::plan(&spec, &Facts { budget: less, ..inside }).expect_err("it has less");
    let why = refused.why.unwrap_or_default();
    assert_eq!(why, "64 MiB are asked for, and the container around has 32 MiB");
}

/// On v2 the container's own processes make room, after the namespace was made and before the controllers are passed on.
#[test]
fn limits_are_handed_down_on_v2() {
    let memory = Memory { max: Some(Bound::At(64 << 20)), ..Memory::default() };
    let spec = Spec { resources: Resources { memory, ..container().resources }, ..container() };
    let groups = |parent: &str| {
        let hierarchy = hierarchy(Version::V2, vec![Controller::Memory, Controller::Pids], parent);
        Groups { hierarchies: vec![hierarchy], delegates: true, ..Groups::default() }
    };
    let facts = Facts { groups: groups("/sys/fs/cgroup/containers"), ..root() };
    compare("limits_shared_v2", &spec, &facts);
    let program = Some(Program { path: c(PROGRAM), inode: Inode { device: 1, number: 7 } });
    let groups = groups(&format!("{GROUPS}/{UNIFIED}"));
    let budget =
        Budget { memory: Some(64 << 20), swap: Some(0), cpu: Some((50_000, 100_000)), ..Budget::default() };
    let inside = Facts { groups, budget, program, depth: 1, ..nested() };
    // More swap than there is was asked for by nobody.
    compare("limits_inside_v2", &spec, &inside);
}

/// Whoever is inside of the inner one could lift its limits.
#[test]
fn what_would_not_be_held_is_not_handed_down() {
    let memory = Memory { max: Some(Bound::At(64 << 20)), ..Memory::default() };
    let spec = Spec { resources: Resources { memory, ..container().resources }, ..container() };
    let hands = |spec: &Spec, facts: &Facts| {
        let plan = plan::plan(spec, facts).expect("a plan");
        plan.steps.iter().any(|step| matches!(step.op, Op::Cgroup(HandDown { .. })))
    };
    let v1 = Facts { groups: v1(&[Controller::Memory, Controller::Pids]), ..root() };
    assert!(hands(&spec, &v1));
    // Other containers have these ids as well, and here is one only.
    let single = |id| vec![Extent { inside: 0, outside: id, count: 1 }];
    let owner = Some(Ids { source: IdSource::Owner, uids: single(1000), gids: single(1000) });
    let owned = with_rootfs(v1);
    let rootfs = owned.rootfs.clone().map(|rootfs| Rootfs { owner, ..rootfs });
    let given = Spec { resources: spec.resources.clone(), ..of_directory() };
    assert!(!hands(&given, &Facts { rootfs, ..owned }));
    // Of a user who may arrange a group, unless the kernel keeps the limits itself.
    let groups = |delegates, threaded| {
        let hierarchy =
            hierarchy(Version::V2, vec![Controller::Memory, Controller::Pids], "/sys/fs/cgroup/own");
        Groups { hierarchies: vec![Hierarchy { threaded, ..hierarchy }], delegates, ..Groups::default() }
    };
    for (delegates, threaded, hands_down) in [(true, false, true), (false, false, false), (true, true, false)]
    {
        let facts = Facts { groups: groups(delegates, threaded), ..range() };
        assert_eq!(hands(&spec, &facts), hands_down, "nsdelegate: {delegates}, threaded: {threaded}");
    }
}

#[test]
fn a_layer_with_mounts_below_is_bound() {
    let opt = Layer {
        name: c("opt"),
        source: c("/opt"),
        id_mappable: true,
        mounts_below: true,
        premade: Vec::new(),
    };
    let facts = root();
    compare("mounts_below", &container(), &Facts { layers: vec![facts.layers[0].clone(), opt], ..facts });
}

#[test]
fn a_directory_as_root_filesystem() {
    compare("rootfs_root", &of_directory(), &with_rootfs(root()));
    compare("rootfs_range", &of_directory(), &with_rootfs(range()));
    let copy = Spec { root: Root::Ephemeral(c("rootfs")), ..container() };
    compare("ephemeral_root", &copy, &with_rootfs(root()));
    compare("ephemeral_single", &copy, &with_rootfs(single()));
    compare("rootfs_read_only", &Spec { read_only: true, ..of_directory() }, &with_rootfs(root()));
}

#[test]
fn what_is_written_goes_to_disk() {
    let disk = Spec { storage: Storage::Disk(None), ..container() };
    compare("disk_root", &disk, &root());
    compare("disk_range", &disk, &range());
    let bounded = Spec { storage: Storage::Disk(Some(16 << 20)), ..container() };
    compare("disk_bounded", &bounded, &root_with_quotas());
    // In place, nothing goes elsewhere.
    let in_place = |spec: Spec| show(&plan::plan(&spec, &with_rootfs(range())).expect("a plan"));
    assert_eq!(in_place(Spec { storage: Storage::Disk(None), ..of_directory() }), in_place(of_directory()));
}

/// In a group that is made, nothing is but what it is given.
#[test]
fn groups_above_have_what_is_below() {
    let above = |mut hierarchy: Hierarchy, parent: &str| {
        hierarchy.parents = vec![c(&format!("{parent}/a")), c(&format!("{parent}/a/b"))];
        hierarchy.parent = c(&format!("{parent}/a/b"));
        hierarchy.directory = c(&format!("{parent}/a/b/c"));
        hierarchy
    };
    let cpuset = v1(&[Controller::Cpuset]).hierarchies.remove(0);
    let enable = vec![Controller::Pids];
    let pids = Hierarchy { enable: enable.clone(), ..hierarchy(Version::V2, enable, "/2") };
    let hierarchies = vec![above(cpuset, "/1"), above(pids, "/2")];
    let facts = Facts { groups: Groups { hierarchies, ..Groups::default() }, ..root() };
    let plan = plan::plan(&container(), &facts).expect("a plan");
    let titles: Vec<String> = plan.steps[3..17].iter().map(|step| step.op.title()).collect();
    let expected = [
        "make the control group /1/a above",
        "take over cpuset.cpus from the group above: 0-3",
        "take over cpuset.mems from the group above: 0",
        "make the control group /1/a/b above",
        "take over cpuset.cpus from the group above: 0-3",
        "take over cpuset.mems from the group above: 0",
        "make the control group /1/a/b/c",
        "take over cpuset.cpus from the group above: 0-3",
        "take over cpuset.mems from the group above: 0",
        "make the control group /2/a above",
        "let the groups below have pids",
        "make the control group /2/a/b above",
        "let the groups below have pids",
        "make the control group /2/a/b/c",
    ];
    assert_eq!(titles, expected);
}

#[test]
fn older_kernels() {
    let before = |kernel, host: Facts| Facts { kernel, ..host };
    compare("linux_6_5_single", &container(), &before(Kernel(6, 5), single()));
    compare("linux_5_18_root", &container(), &before(Kernel(5, 18), root()));
    // The runtime's own overlays keep their notes where tmpfs always had room for them.
    let plan = |facts| show(&plan::plan(&container(), &facts).expect("a plan"));
    assert_eq!(plan(before(Kernel(5, 19), root())), plan(root()));
    assert_eq!(plan(before(Kernel(6, 6), single())), plan(single()));
}

#[test]
fn a_directory_of_a_user_that_root_runs() {
    let host = with_rootfs(root());
    let map = |own, first| {
        vec![Extent { inside: 0, outside: own, count: 1 }, Extent { inside: 1, outside: first, count: 65536 }]
    };
    let owner = Some(Ids { source: IdSource::Owner, uids: map(1000, 100_000), gids: map(1001, 200_000) });
    let rootfs = host.rootfs.clone().map(|rootfs| Rootfs { owner, ..rootfs });
    compare("rootfs_owner", &of_directory(), &Facts { rootfs, ..host });
}

#[test]
fn volumes_memory_and_a_user() {
    let volume = |text: &str| Volume::parse(OsStr::new(text)).expect("a volume");
    let spec = Spec {
        volumes: vec![volume("/srv/data:/data"), volume("/srv/shifted:/shifted:ro:idmap")],
        tmpfs: vec![Tmpfs::parse(OsStr::new("/scratch:size=1m")).expect("a tmpfs")],
        read_only: true,
        user: User::parse("1234:100").expect("a user"),
        workdir: c("/data"),
        ..container()
    };
    let user = Account { uid: 1234, gid: 100, groups: vec![100, 27], home: None };
    let host = Facts { volumes: vec![source(), source()], user: user.clone(), ..root() };
    compare("volumes_root", &spec, &host);
    let spec = Spec { volumes: vec![volume("data:/data:ro")], ..spec };
    compare("volumes_range", &spec, &Facts { volumes: vec![source()], user, ..range() });
}

#[test]
fn less_isolation() {
    let namespaces = Namespaces { net: false, ..Namespaces::ALL };
    compare("network_host_root", &Spec { namespaces, ..container() }, &root());
    compare("network_host_single", &Spec { namespaces, ..container() }, &single());
    let namespaces = Namespaces { user: false, ..Namespaces::ALL };
    compare("userns_host", &Spec { namespaces, ..container() }, &root());
    compare("no_init", &Spec { init: false, ..container() }, &root());
    let spec = Spec { resources: Default::default(), no_new_privileges: false, filter: false, ..container() };
    compare("unconfined", &spec, &single());
}

#[test]
fn a_terminal_and_a_narrator() {
    compare("terminal", &Spec { terminal: true, ..container() }, &root());
    compare("terminal_no_init", &Spec { terminal: true, init: false, ..container() }, &single());
    compare("narrated", &Spec { narrate: true, ..container() }, &single());
}

#[test]
fn the_passes_of_the_lesson() {
    for number in 1..=4 {
        compare(&format!("pass{number}_root"), &pass(number), &root());
        compare(&format!("pass{number}_range"), &pass(number), &range());
        compare(&format!("pass{number}_single"), &pass(number), &single());
    }
}
