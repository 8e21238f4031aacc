//! Rules for devices on the v2 hierarchy of this machine. Needs root in the initial user namespace, else skips.

mod device_group;

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use cgroup::devices::MAX_RULES;
use cgroup::devices::program::compile;
use cgroup::{Version, group};
use device_group::{DeviceGroup, Node, REFUSED, Shell, parse, skip};
use rustix::io::Errno;
use spec::device::{Access, Kind, Rule, default_rules};
use sys::bpf;

/// The name of the programs of these tests.
const NAME: &str = "cx_test_devices_and_what_is_too_long";

fn load(rules: &[Rule]) -> Result<OwnedFd, Errno> {
    let code = compile(rules).expect("so many rules are taken");
    let instruction = |i: &cgroup::devices::program::Instruction| {
        bpf::Instruction::new(i.code, i.destination, i.source, i.offset, i.immediate)
    };
    bpf::load(&code.iter().map(instruction).collect::<Vec<_>>(), NAME)
}

/// The program of rules, or none and a line that says why.
fn program(rules: &[Rule]) -> Option<OwnedFd> {
    match load(rules) {
        Err(errno @ (Errno::PERM | Errno::NOSYS)) => skip(&format!("no program can be loaded: {errno}")),
        loaded => Some(loaded.expect("the kernel takes the program")),
    }
}

/// A group, its handle, and a program that is attached to it.
fn group_with(rules: &[&str]) -> Option<(DeviceGroup, OwnedFd, OwnedFd)> {
    let program = program(&parse(rules))?;
    let group = DeviceGroup::new(Version::V2)?;
    let handle = handle(&group);
    bpf::attach(handle.as_fd(), program.as_fd()).expect("the program is attached");
    Some((group, handle, program))
}

fn handle(group: &DeviceGroup) -> OwnedFd {
    group::open_dir(&group.path()).expect("the group can be opened")
}

/// The numbers of the programs that a group has.
fn attached(handle: &OwnedFd) -> Vec<u32> {
    let mut ids = [0; 8];
    let count = bpf::query(handle.as_fd(), &mut ids).expect("the group can be asked");
    ids[..count].to_vec()
}

fn id(program: &OwnedFd) -> u32 {
    bpf::info(program.as_fd()).expect("the program can be asked").id
}

#[test]
fn a_default_container_uses_its_devices_and_makes_none() {
    let Some(program) = program(&default_rules()) else { return };
    let Some(group) = DeviceGroup::new(Version::V2) else { return };
    bpf::attach(handle(&group).as_fd(), program.as_fd()).unwrap();
    let node = Node::new("v2");
    let mut shell = group.shell();
    for name in ["null", "zero", "full", "urandom"] {
        assert_eq!(shell.does(&format!("exec 3<> /dev/{name}")), "", "{name}");
    }
    assert_eq!(shell.does(&node.make(1, 3)), REFUSED);
    assert_eq!(Shell::outside().does(&node.make(1, 3)), "", "it is the group that refuses");
    let whiteout = Node::new("v2-whiteout");
    assert_eq!(shell.does(&whiteout.make(0, 0)), "", "overlayfs marks by it what was removed");
}

#[test]
fn each_way_to_open_is_decided() {
    let Some((group, ..)) = group_with(&["+c 1:* r", "+c 1:3 w", "+c 1:7 w", "-c 1:7 r"]) else { return };
    let (mut inside, mut outside) = (group.shell(), Shell::outside());
    for (action, allowed) in [
        ("exec 3<> /dev/null", true),
        ("exec 3< /dev/zero", true),
        ("exec 3> /dev/zero", false),
        ("exec 3<> /dev/zero", false),
        ("exec 3< /dev/full", false),
        ("exec 3> /dev/full", true),
        ("exec 3< /dev/tty", false),
    ] {
        assert_eq!(inside.does(action), if allowed { "" } else { REFUSED }, "{action}");
        if !action.ends_with("tty") {
            assert_eq!(outside.does(action), "", "{action}");
        }
    }
}

#[test]
fn what_may_be_made_need_not_be_opened() {
    let Some((group, ..)) = group_with(&["+c 1:3 m"]) else { return };
    let node = Node::new("v2-made");
    let mut shell = group.shell();
    assert_eq!(shell.does(&node.make(1, 3)), "");
    assert_eq!(shell.does("exec 3< /dev/null"), REFUSED);
}

#[test]
fn of_two_programs_each_can_refuse() {
    let Some((group, handle, first)) = group_with(&["+c 1:3 rw", "+c 1:5 rw"]) else { return };
    let second = load(&parse(&["+c 1:3 rw", "+c 1:7 rw"])).unwrap();
    let mut shell = group.shell();
    let mut does = |zero: &str, full: &str| {
        assert_eq!(shell.does("exec 3< /dev/null"), "");
        assert_eq!(shell.does("exec 3< /dev/zero"), zero);
        assert_eq!(shell.does("exec 3< /dev/full"), full);
    };
    does("", REFUSED);
    bpf::attach(handle.as_fd(), second.as_fd()).unwrap();
    assert_eq!(attached(&handle), [id(&first), id(&second)]);
    does(REFUSED, REFUSED);
    bpf::detach(handle.as_fd(), first.as_fd()).unwrap();
    does(REFUSED, "");
    bpf::detach(handle.as_fd(), second.as_fd()).unwrap();
    assert_eq!(attached(&handle), [0_u32; 0]);
    does("", "");
}

#[test]
fn a_group_above_refuses_as_well() {
    let Some((group, ..)) = group_with(&["+c 1:3 rw", "+c 1:5 rw"]) else { return };
    let child = group.child();
    let everything = load(&parse(&["+a *:* rwm"])).unwrap();
    bpf::attach(handle(&child).as_fd(), everything.as_fd()).unwrap();
    let mut shell = child.shell();
    assert_eq!(shell.does("exec 3< /dev/zero"), "");
    assert_eq!(shell.does("exec 3< /dev/full"), REFUSED);
}

#[test]
fn a_program_is_replaced_under_a_process() {
    let Some((group, handle, old)) = group_with(&["+c 1:3 rw", "+c 1:5 rw"]) else { return };
    let mut shell = group.shell();
    assert_eq!(shell.does("exec 3< /dev/zero"), "");
    let new = load(&parse(&["+c 1:3 rw", "+c 1:7 rw"])).unwrap();
    bpf::replace(handle.as_fd(), old.as_fd(), new.as_fd()).unwrap();
    assert_eq!(attached(&handle), [id(&new)]);
    assert_eq!(shell.does("exec 3< /dev/zero"), REFUSED);
    assert_eq!(shell.does("exec 3< /dev/full"), "");
    let newer = load(&[]).unwrap();
    assert_eq!(bpf::replace(handle.as_fd(), old.as_fd(), newer.as_fd()), Err(Errno::NOENT), "it is gone");
}

/// What another run of ours needs to replace a program that it did not attach.
#[test]
fn a_program_is_found_by_its_name() {
    let Some((_group, handle, program)) = group_with(&["+c 1:3 rw"]) else { return };
    let found: Vec<bpf::Info> =
        attached(&handle).into_iter().map(|id| bpf::info(bpf::open(id).unwrap().as_fd()).unwrap()).collect();
    assert_eq!(found, [bpf::info(program.as_fd()).unwrap()]);
    assert_eq!(&found[0].name, b"cx_test_devices\0");
    let [same, other] = [&["+c 1:3 rw"], &["+c 1:3 r"]].map(|rules| load(&parse(rules)).unwrap());
    assert_eq!(bpf::info(same.as_fd()).unwrap().tag, found[0].tag);
    assert_ne!(bpf::info(other.as_fd()).unwrap().tag, found[0].tag);
}

#[test]
fn a_program_goes_with_its_group() {
    let Some((group, handle, program)) = group_with(&["+c 1:3 rw"]) else { return };
    let id = id(&program);
    drop((program, handle));
    assert!(bpf::open(id).is_ok(), "the group holds it");
    drop(group);
    let end = Instant::now() + Duration::from_secs(20);
    while bpf::open(id).is_ok() {
        assert!(Instant::now() < end, "program {id} is left");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(bpf::open(id).err(), Some(Errno::NOENT));
}

#[test]
fn what_the_kernel_refuses() {
    let Some((_group, handle, program)) = group_with(&["+c 1:3 rw"]) else { return };
    let directory = rustix::fs::open("/", rustix::fs::OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
    assert_eq!(bpf::attach(directory.as_fd(), program.as_fd()), Err(Errno::BADF));
    assert_eq!(bpf::attach(handle.as_fd(), program.as_fd()), Err(Errno::INVAL), "it is there");
    let other = load(&[]).unwrap();
    assert_eq!(bpf::detach(handle.as_fd(), other.as_fd()), Err(Errno::NOENT));
    bpf::attach(handle.as_fd(), other.as_fd()).unwrap();
    assert_eq!(bpf::query(handle.as_fd(), &mut [0]), Err(Errno::NOSPC));
    assert_eq!(bpf::load(&[], NAME).err(), Some(Errno::TOOBIG));
    let no_end = [bpf::Instruction::new(0xb4, 0, 0, 0, 1)];
    assert_eq!(bpf::load(&no_end, NAME).err(), Some(Errno::INVAL));
}

#[test]
fn an_ordinary_user_loads_nothing() {
    let nobody = rustix::fs::Uid::from_raw(65534);
    // Ids are a matter of threads for the kernel, setuid(2). Who cannot become another is an ordinary user already.
    let loaded = std::thread::scope(|scope| {
        let become_nobody = || rustix::thread::set_thread_uid(nobody).ok();
        scope.spawn(move || (become_nobody(), load(&[]).err())).join().unwrap().1
    });
    assert!(matches!(loaded, Some(Errno::PERM | Errno::NOSYS)), "{loaded:?}");
}

/// The verifier follows each way through a program: where the numbers of rules meet, a program with branches has many.
#[test]
fn the_longest_programs_are_taken() {
    let numbers = |shape: u32, n: u32| match shape {
        0 => (Kind::Character, Some(n), Some(n)),
        1 => (if n.is_multiple_of(2) { Kind::Block } else { Kind::Character }, Some(n % 7), Some(n % 5)),
        2 => (Kind::All, n.is_multiple_of(2).then_some(n), (!n.is_multiple_of(2)).then_some(n)),
        _ => (Kind::Block, n.is_multiple_of(3).then_some(n % 4), Some(n)),
    };
    let rule = |shape, n: u32| {
        let (kind, major, minor) = numbers(shape, n);
        let access = Access { read: n & 1 == 0, write: n & 2 == 0, make: n & 4 == 0 };
        Rule { allow: !n.is_multiple_of(3), kind, major, minor, access }
    };
    for shape in 0..4 {
        let rules: Vec<Rule> = (0..MAX_RULES as u32).map(|n| rule(shape, n)).collect();
        let start = Instant::now();
        let Some(_program) = program(&rules) else { return };
        println!("shape {shape}: {:?}", start.elapsed());
    }
}
