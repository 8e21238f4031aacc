//! What is refused before anything is done: each with its code, and what is taken instead.

mod fixture;

use fixture::{
    c, container, disk, nested, pass, range, root, root_on_overlay, root_with_quotas, single, source,
    with_rootfs,
};
use plan::facts::{Account, Facts, Kernel, Projects, Rootfs, Source, State};
use plan::{Op, quota};
use spec::catalogue::{
    BAD_VOLUME, Code, ID_NOT_MAPPED, LIMIT_NOT_AVAILABLE, NAMESPACE_REFUSED, NO_ID_RANGE, PIDS_LIMIT_REFUSED,
    ROOTFS_NOT_PRIVATE, ROOTFS_READ_ONLY, STATE_DIRECTORY,
};
use spec::{Namespaces, Root, Spec, Storage, Volume};
use std::ffi::OsStr;

/// The code with which the plan is refused; it says why, and what to do.
fn refused(spec: &Spec, facts: &Facts) -> Option<Code> {
    let error = plan::plan(spec, facts).err()?;
    assert!(error.fix.is_some() && error.step.is_none(), "{error}");
    Some(error.code)
}

fn in_place() -> Spec {
    Spec { root: Root::Directory(c("rootfs")), ..container() }
}

fn rootfs(change: fn(Rootfs) -> Rootfs, host: Facts) -> Facts {
    let host = with_rootfs(host);
    Facts { rootfs: host.rootfs.clone().map(change), ..host }
}

#[test]
fn a_directory_in_place_that_others_can_reach() {
    let open = |rootfs: Rootfs| Rootfs { private: false, ..rootfs };
    assert_eq!(refused(&in_place(), &rootfs(open, root())), Some(ROOTFS_NOT_PRIVATE));
    // No set-user-ID file of the host's root can come of these.
    let copy = Spec { root: Root::Ephemeral(c("rootfs")), ..container() };
    assert_eq!(refused(&copy, &rootfs(open, root())), None);
    let host = Namespaces { user: false, ..Namespaces::ALL };
    assert_eq!(refused(&Spec { namespaces: host, ..in_place() }, &rootfs(open, root())), None);
    assert_eq!(refused(&in_place(), &rootfs(open, range())), None);
    let unmapped = |rootfs: Rootfs| Rootfs { private: false, id_mappable: false, ..rootfs };
    assert_eq!(refused(&in_place(), &rootfs(unmapped, root())), None);
}

#[test]
fn a_directory_on_a_read_only_file_system() {
    let locked = |rootfs: Rootfs| Rootfs { read_only: true, ..rootfs };
    assert_eq!(refused(&in_place(), &rootfs(locked, root())), Some(ROOTFS_READ_ONLY));
    assert_eq!(refused(&in_place(), &rootfs(locked, single())), Some(ROOTFS_READ_ONLY));
    assert_eq!(refused(&Spec { read_only: true, ..in_place() }, &rootfs(locked, root())), None);
    let copy = Spec { root: Root::Ephemeral(c("rootfs")), ..container() };
    assert_eq!(refused(&copy, &rootfs(locked, root())), None);
}

#[test]
fn a_bound_that_a_directory_on_disk_would_not_hold() {
    let bounded = Spec { storage: Storage::Memory(Some(1 << 20)), ..container() };
    let older = |host: Facts| Facts { kernel: Kernel(6, 5), ..host };
    assert_eq!(refused(&bounded, &older(range())), Some(LIMIT_NOT_AVAILABLE));
    assert_eq!(refused(&bounded, &older(root())), None);
    assert_eq!(refused(&bounded, &range()), None);
}

#[test]
fn a_bound_on_disk_that_nothing_holds() {
    let bounded = Spec { storage: Storage::Disk(Some(1 << 20)), ..container() };
    let said = |spec: &Spec, facts: &Facts| {
        let error = plan::plan(spec, facts).expect_err("a refusal");
        assert_eq!(error.code, LIMIT_NOT_AVAILABLE, "{error}");
        let (why, fix) = (error.why.expect("a cause"), error.fix.expect("a way out"));
        assert!(fix.contains("leave out medium=disk"), "{fix}");
        (why, fix)
    };
    let on = |kind, projects| Facts { disk: Some(disk(kind, projects)), ..root() };
    for (kind, projects, lacks, get) in [
        ("ext4", Projects::Unknown, "feature project", "tune2fs -O project,quota -Q prjquota /dev/vdb"),
        ("ext4", Projects::Counted, "option prjquota", "quotaon -P /var/lib"),
        ("xfs", Projects::Unknown, "option prjquota", "rootflags=prjquota"),
        ("xfs", Projects::Counted, "option prjquota", "quotaon -P /var/lib"),
        ("overlay", Projects::Unknown, "no quotas of projects", "mount ext4 or xfs"),
    ] {
        let (why, fix) = said(&bounded, &on(kind, projects));
        assert!(why.contains(&format!("/var/lib is {kind}")) && why.contains(lacks), "{why}");
        assert!(fix.contains(get), "{fix}");
    }
    for facts in [range(), single(), nested()] {
        assert!(said(&bounded, &Facts { disk: root_with_quotas().disk, ..facts }).0.contains("only root"));
    }
    let host = Namespaces { user: false, ..Namespaces::ALL };
    let shared = Spec { namespaces: host, ..bounded.clone() };
    assert!(said(&shared, &root_with_quotas()).1.contains("--userns host"));
    let older = Facts { kernel: Kernel(5, 13), ..root_with_quotas() };
    assert!(said(&bounded, &older).0.contains("Linux 5.14"));
    assert_eq!(refused(&bounded, &root_with_quotas()), None);
    assert_eq!(refused(&bounded, &on("xfs", Projects::Held)), None);
}

#[test]
fn a_bound_on_disk_that_is_not_held_is_told_with_the_best_effort() {
    let storage = Storage::Disk(Some(1 << 20));
    let plan = plan::plan(&Spec { storage, best_effort: true, ..container() }, &root()).expect("a plan");
    let not_held: Vec<&str> = plan.not_held.iter().map(|not_held| not_held.option).collect();
    assert_eq!(not_held, ["--storage-opt size="]);
    assert!(plan.notes.iter().any(|note| note.ends_with("nothing bounds it")), "{:?}", plan.notes);
}

#[test]
fn a_bound_is_whole_blocks_and_never_none() {
    for (asked, held, files) in [(1, 1 << 16, 16), (16 << 20, 16 << 20, 4096), ((1 << 20) - 1, 15 << 16, 240)]
    {
        let spec = Spec { storage: Storage::Disk(Some(asked)), ..container() };
        let plan = plan::plan(&spec, &root_with_quotas()).expect("a plan");
        let quota = plan.steps.iter().find_map(|step| match &step.op {
            Op::Quota(quota::Op::Hold(quota)) => Some(quota),
            _ => None,
        });
        let quota = quota.expect("a quota");
        assert_eq!((quota.bytes, quota.files, quota.project), (held, files, 1 << 20), "{asked}");
    }
}

#[test]
fn no_place_on_disk() {
    let homeless = |host: Facts| Facts { state: State { on_disk: None, ..host.state.clone() }, ..host };
    let disk = Spec { storage: Storage::Disk(None), ..container() };
    assert_eq!(refused(&disk, &homeless(single())), Some(STATE_DIRECTORY));
    assert_eq!(refused(&container(), &homeless(single())), None);
}

#[test]
fn volumes_with_shifted_ids() {
    let volume = |text: &str| vec![Volume::parse(OsStr::new(text)).expect("a volume")];
    let shifted = Spec { volumes: volume("/srv:/srv:idmap"), ..container() };
    let with = |facts: Facts, private| Facts { volumes: vec![Source { private, ..source() }], ..facts };
    assert_eq!(refused(&shifted, &with(root(), true)), None);
    assert_eq!(refused(&shifted, &with(root(), false)), Some(ROOTFS_NOT_PRIVATE));
    let read = Spec { volumes: volume("/srv:/srv:idmap:ro"), ..container() };
    assert_eq!(refused(&read, &with(root(), false)), None);
    for user in [range(), single()] {
        assert_eq!(refused(&shifted, &with(user, true)), Some(BAD_VOLUME));
    }
    let host = Namespaces { user: false, ..Namespaces::ALL };
    assert_eq!(refused(&Spec { namespaces: host, ..shifted }, &with(root(), true)), Some(BAD_VOLUME));
}

#[test]
fn users_and_groups_that_do_not_exist_inside() {
    let as_user =
        |uid, gid, facts: Facts| Facts { user: Account { uid, gid, ..Account::default() }, ..facts };
    for (uid, gid, facts, code) in [
        (65535, 65535, root(), None),
        (65536, 0, root(), Some(ID_NOT_MAPPED)),
        (0, 65536, root(), Some(ID_NOT_MAPPED)),
        (u32::MAX - 1, 0, root(), Some(ID_NOT_MAPPED)),
        (65536, 65536, range(), None),
        (65537, 0, range(), Some(ID_NOT_MAPPED)),
        (0, 0, single(), None),
        (1, 0, single(), Some(ID_NOT_MAPPED)),
        (1000, 0, single(), Some(ID_NOT_MAPPED)),
    ] {
        assert_eq!(refused(&container(), &as_user(uid, gid, facts)), code, "{uid}:{gid}");
    }
}

#[test]
fn a_limit_of_processes_that_nothing_can_hold() {
    let nowhere = |facts: Facts| Facts { groups: fixture::no_groups("nothing is mounted"), ..facts };
    let host = Spec { namespaces: Namespaces { user: false, ..Namespaces::ALL }, ..container() };
    assert_eq!(refused(&host, &nowhere(root())), Some(PIDS_LIMIT_REFUSED));
    assert_eq!(refused(&pass(4), &nowhere(root())), Some(PIDS_LIMIT_REFUSED));
    assert_eq!(refused(&Spec { resources: Default::default(), ..host }, &nowhere(root())), None);
    assert_eq!(refused(&container(), &nowhere(root())), None);
}

#[test]
fn the_hosts_users_for_who_is_not_root() {
    for net in [true, false] {
        let namespaces = Namespaces { user: false, net, ..Namespaces::ALL };
        assert_eq!(refused(&Spec { namespaces, ..container() }, &single()), Some(NAMESPACE_REFUSED));
    }
    assert_eq!(refused(&pass(3), &single()), None);
}

#[test]
fn no_ids_are_left() {
    let none = |facts: Facts| Facts { free_range: None, ..facts };
    assert_eq!(refused(&container(), &none(root())), Some(NO_ID_RANGE));
    assert_eq!(refused(&container(), &none(root_on_overlay())), Some(NO_ID_RANGE));
    assert_eq!(refused(&container(), &none(single())), None);
}
