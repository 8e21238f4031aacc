//! Texts of many hosts. Lines of other file systems are left out where they add nothing.

use super::*;

/// v2 alone, as systemd mounts it; a session of a user.
const V2: &str = "\
22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw
33 26 0:28 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:5 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
";
/// Hybrid, as systemd mounts it: v2 without controllers beside v1.
const HYBRID: &str = "\
29 22 0:25 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,size=4096k,nr_inodes=1024,mode=755
30 29 0:26 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate
31 29 0:27 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
35 29 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,cpu,cpuacct
44 29 0:40 / /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime shared:25 - cgroup cgroup rw,pids
";
const HYBRID_GROUPS: &str = "\
12:pids:/user.slice/user-1000.slice/session-1.scope
4:cpu,cpuacct:/user.slice
1:name=systemd:/user.slice/user-1000.slice/session-1.scope
0::/user.slice/user-1000.slice/session-1.scope
";
/// Our kind of build machine: no systemd, one v1 mount for each controller, v2 for what is left.
const BUILD_MACHINE: &str = "\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resv_strict,resuid=65534,resgid=65534
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";

fn parse(mountinfo: &str, cgroup: &str) -> Layout {
    Layout::parse(mountinfo.as_bytes(), cgroup.as_bytes())
}

/// Where processes are counted on v1.
fn pids(layout: &Layout) -> Result<Place, NotFound> {
    layout.v1_of(Controller::Pids).map_or(Err(NotFound::NotMounted), |legacy| legacy.place.clone())
}

fn place(mount: &str, own: &str) -> Result<Place, NotFound> {
    Ok(Place { mount: mount.into(), own: own.into() })
}

#[test]
fn v2_alone() {
    let found = parse(V2, "0::/user.slice/user-1000.slice/session-c1.scope\n");
    let own = "/sys/fs/cgroup/user.slice/user-1000.slice/session-c1.scope";
    assert_eq!(found.v2, place("/sys/fs/cgroup", own));
    assert_eq!(found.v1, []);
}

#[test]
fn v2_root_group() {
    assert_eq!(parse(V2, "0::/\n").v2, place("/sys/fs/cgroup", "/sys/fs/cgroup"));
}

#[test]
fn hybrid_has_both() {
    let found = parse(HYBRID, HYBRID_GROUPS);
    let own = "/sys/fs/cgroup/unified/user.slice/user-1000.slice/session-1.scope";
    assert_eq!(found.v2, place("/sys/fs/cgroup/unified", own));
    assert_eq!(
        pids(&found),
        place("/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids/user.slice/user-1000.slice/session-1.scope")
    );
    let together = found.v1_of(Controller::Cpuacct).unwrap();
    assert_eq!(together.controllers, [Controller::Cpu, Controller::Cpuacct]);
    assert_eq!(together.place, place("/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/user.slice"));
    assert_eq!(found.v1.len(), 2, "that of systemd's name has no controller");
}

#[test]
fn v1_alone() {
    let v1: String = HYBRID.lines().filter(|l| !l.contains("cgroup2")).map(|l| format!("{l}\n")).collect();
    let found = parse(&v1, "12:pids:/\n");
    assert_eq!(found.v2, Err(NotFound::NotMounted));
    assert_eq!(pids(&found), place("/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids"));
}

#[test]
fn build_machine() {
    let found = parse(BUILD_MACHINE, "9:name=systemd:/\n8:pids:/\n4:memory:/job/f33c\n1:cpu:/\n0::/\n");
    assert_eq!(found.v2, place("/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified"));
    assert_eq!(pids(&found), place("/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids"));
}

#[test]
fn controllers_mounted_together() {
    let mountinfo = "50 29 0:40 / /cg/devices,pids rw - cgroup none rw,devices,pids\n";
    let found = parse(mountinfo, "3:devices,pids:/a\n2:cpu,cpuacct:/b\n");
    assert_eq!(pids(&found), place("/cg/devices,pids", "/cg/devices,pids/a"));
}

#[test]
fn docker_on_v2_with_its_own_namespace() {
    let mountinfo =
        "602 601 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate\n";
    assert_eq!(parse(mountinfo, "0::/\n").v2, place("/sys/fs/cgroup", "/sys/fs/cgroup"));
}

#[test]
fn docker_on_v2_with_the_namespace_of_the_host() {
    let group = "/system.slice/docker-1f3a.scope";
    let mountinfo = format!("602 601 0:28 {group} /sys/fs/cgroup rw,relatime - cgroup2 cgroup rw\n");
    assert_eq!(parse(&mountinfo, &format!("0::{group}\n")).v2, place("/sys/fs/cgroup", "/sys/fs/cgroup"));
    let inner = parse(&mountinfo, &format!("0::{group}/init\n"));
    assert_eq!(inner.v2, place("/sys/fs/cgroup", "/sys/fs/cgroup/init"));
}

#[test]
fn docker_on_v1_with_and_without_its_own_namespace() {
    let line =
        |root| format!("7 6 0:40 {root} /sys/fs/cgroup/pids ro,relatime master:25 - cgroup cgroup rw,pids\n");
    let own = place("/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids");
    assert_eq!(pids(&parse(&line("/docker/1f3a"), "12:pids:/docker/1f3a\n")), own);
    assert_eq!(pids(&parse(&line("/"), "12:pids:/\n")), own);
}

#[test]
fn a_namespace_made_below_old_mounts_leaves_the_group_out_of_sight() {
    let unshared = V2.replace("0:28 /", "0:28 /../..");
    assert_eq!(parse(&unshared, "0::/\n").v2, Err(NotFound::OutOfSight));
    let remounted = format!("{unshared}152 134 0:28 / /mnt/cg rw - cgroup2 c rw\n");
    assert_eq!(parse(&remounted, "0::/\n").v2, place("/mnt/cg", "/mnt/cg"));
}

#[test]
fn names_with_spaces_backslashes_and_colons() {
    let mountinfo = r"133 128 0:28 /a\040b\134c /mnt/my\040groups rw - cgroup2 cgroup2 rw";
    assert_eq!(parse(mountinfo, "0::/a b\\c/d:e f\n").v2, place("/mnt/my groups", "/mnt/my groups/d:e f"));
}

#[test]
fn of_several_mounts_the_usual_one_and_then_the_last() {
    let copy = "90 27 0:28 / /srv/copy rw - cgroup2 cgroup2 rw\n";
    let over = "91 33 0:28 /job /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    let usual = place("/sys/fs/cgroup", "/sys/fs/cgroup/job");
    assert_eq!(parse(&format!("{copy}{V2}"), "0::/job\n").v2, usual);
    assert_eq!(parse(&format!("{V2}{copy}"), "0::/job\n").v2, usual);
    assert_eq!(parse(&format!("{V2}{over}"), "0::/job\n").v2, place("/sys/fs/cgroup", "/sys/fs/cgroup"));
}

#[test]
fn nothing_mounted() {
    let found = parse("22 27 0:21 / /proc rw - proc proc rw\n", "8:pids:/\n0::/\n");
    assert_eq!((found.v2.clone(), pids(&found)), (Err(NotFound::NotMounted), Err(NotFound::NotMounted)));
}

#[test]
fn texts_cut_off_anywhere_give_no_wrong_place() {
    for end in 0..HYBRID.len() {
        let found = Layout::parse(&HYBRID.as_bytes()[..end], HYBRID_GROUPS.as_bytes());
        let places = found.v2.iter().chain(found.v1.iter().flat_map(|legacy| &legacy.place));
        assert!(places.into_iter().all(|p| p.own.starts_with(&p.mount)), "cut at {end}");
    }
    for end in 0..HYBRID_GROUPS.len() {
        let found = Layout::parse(HYBRID.as_bytes(), &HYBRID_GROUPS.as_bytes()[..end]);
        assert!(found.v2.is_err() || end > HYBRID_GROUPS.len() - 50, "cut at {end}");
    }
}

/// The quickest of many parses of a text with `lines` lines.
fn quickest(lines: usize) -> std::time::Duration {
    let other = "28 27 0:25 / /var/lib/containers/storage/overlay/0123456789abcdef/merged rw,nodev,relatime shared:7 \
                 - overlay overlay rw,lowerdir=/l/ABC:/l/DEF,upperdir=/u,workdir=/w,metacopy=on,volatile\n";
    let text = other.repeat(lines - HYBRID.lines().count()) + HYBRID;
    let time = |_| {
        let start = std::time::Instant::now();
        assert!(pids(&parse(&text, HYBRID_GROUPS)).is_ok());
        start.elapsed()
    };
    (0..100).map(time).min().unwrap()
}

#[test]
fn a_thousand_mounts_are_parsed_in_less_than_a_millisecond() {
    let (few, many) = (quickest(40), quickest(1000));
    println!("40 lines: {few:?}; 1000 lines: {many:?}");
    assert!(few.as_micros() < 60, "{few:?}");
    assert!(many.as_micros() < 1000, "{many:?}");
}
