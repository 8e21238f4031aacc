//! Rules for devices on the v1 hierarchy of this machine. Needs root in the initial user namespace, else skips.

mod device_group;

use std::fs;

use cgroup::Version;
use cgroup::devices::v1::{Write, changes, list_matches, writes};
use device_group::{DeviceGroup, Node, REFUSED, Shell, parse, skip};
use rustix::io::Errno;
use spec::device::{Rule, default_rules};

/// Writes each line in one call, as a plan would.
fn write(group: &DeviceGroup, writes: &[Write]) -> Result<(), Errno> {
    writes.iter().try_for_each(|write| {
        fs::write(group.dir.join(write.file), &write.text)
            .map_err(|error| Errno::from_raw_os_error(error.raw_os_error().unwrap_or(0)))
    })
}

fn list(group: &DeviceGroup) -> String {
    fs::read_to_string(group.dir.join("devices.list")).expect("the list")
}

/// A group with rules, or none and a line that says why.
fn group_with(rules: &[Rule]) -> Option<DeviceGroup> {
    let group = DeviceGroup::new(Version::V1)?;
    match write(&group, &writes(rules).expect("a list says them")) {
        Ok(()) => Some(group),
        Err(errno) => skip(&format!("devices.deny cannot be written: {errno}")),
    }
}

#[test]
fn a_default_container_uses_its_devices_and_makes_none() {
    let Some(group) = group_with(&default_rules()) else { return };
    assert!(list_matches(&list(&group), &default_rules()), "{}", list(&group));
    let node = Node::new("v1");
    let mut shell = group.shell();
    for name in ["null", "zero", "full", "urandom"] {
        assert_eq!(shell.does(&format!("exec 3<> /dev/{name}")), "", "{name}");
    }
    assert_eq!(shell.does(&node.make(1, 3)), REFUSED);
    assert_eq!(Shell::outside().does(&node.make(1, 3)), "", "it is the group that refuses");
    let whiteout = Node::new("v1-whiteout");
    assert_eq!(shell.does(&whiteout.make(0, 0)), "", "overlayfs marks by it what was removed");
}

#[test]
fn each_way_to_open_is_decided() {
    let rules = parse(&["+c 1:3 rw", "+c 1:5 r", "+c 1:7 w"]);
    let Some(group) = group_with(&rules) else { return };
    let (mut inside, mut outside) = (group.shell(), Shell::outside());
    for (action, allowed) in [
        ("exec 3<> /dev/null", true),
        ("exec 3< /dev/zero", true),
        ("exec 3> /dev/zero", false),
        ("exec 3<> /dev/zero", false),
        ("exec 3< /dev/full", false),
        ("exec 3> /dev/full", true),
        ("exec 3< /dev/urandom", false),
    ] {
        assert_eq!(inside.does(action), if allowed { "" } else { REFUSED }, "{action}");
        assert_eq!(outside.does(action), "", "{action}");
    }
}

#[test]
fn what_may_be_made_need_not_be_opened() {
    let Some(group) = group_with(&parse(&["+c 1:3 m"])) else { return };
    let node = Node::new("v1-made");
    let mut shell = group.shell();
    assert_eq!(shell.does(&node.make(1, 3)), "");
    assert_eq!(shell.does("exec 3< /dev/null"), REFUSED);
}

#[test]
fn rules_change_under_a_process() {
    let Some(group) = group_with(&parse(&["+c 1:3 rw", "+c 1:5 rw"])) else { return };
    let mut shell = group.shell();
    let mut change = |rules: &[&str], zero: &str, full: &str| {
        let rules = parse(rules);
        write(&group, &changes(&list(&group), &rules).unwrap()).unwrap();
        assert!(list_matches(&list(&group), &rules), "{}", list(&group));
        assert_eq!(shell.does("exec 3< /dev/null"), "");
        assert_eq!(shell.does("exec 3< /dev/zero"), zero);
        assert_eq!(shell.does("exec 3< /dev/full"), full);
    };
    change(&["+c 1:3 rw", "+c 1:7 rw"], REFUSED, "");
    change(&["+a *:* rwm"], "", "");
    change(&["+c 1:3 rw", "+c 1:* r"], "", "");
    change(&["+c 1:3 rw", "+c 1:5 r"], "", REFUSED);
}

#[test]
fn a_group_below_gets_no_more_and_loses_with_it() {
    let Some(group) = group_with(&parse(&["+c 1:3 rw", "+c 1:5 rw"])) else { return };
    let child = group.child();
    write(&child, &writes(&parse(&["+c 1:5 rw"])).unwrap()).unwrap();
    assert_eq!(write(&child, &changes(&list(&child), &parse(&["+c 1:7 r"])).unwrap()), Err(Errno::PERM));
    assert_eq!(write(&child, &writes(&parse(&["+a *:* rwm"])).unwrap()), Err(Errno::PERM));
    write(&group, &changes(&list(&group), &parse(&["+c 1:3 rw"])).unwrap()).unwrap();
    assert_eq!(child.shell().does("exec 3< /dev/zero"), REFUSED);
}

#[test]
fn a_group_with_groups_below_does_not_start_anew() {
    let Some(group) = group_with(&parse(&["+a *:* rwm"])) else { return };
    assert!(list_matches(&list(&group), &parse(&["+a *:* rwm"])));
    let _child = group.child();
    let less = changes(&list(&group), &parse(&["+c 1:3 rw"])).unwrap();
    assert_eq!(write(&group, &less), Err(Errno::INVAL));
}
