//! Devices: made and opened where a rule says so, and nowhere else. The log of the kernel is one that root may open, and no
//! container has; opening it to write changes nothing.

use crate::container::{Container, Place, code, text};
use end_to_end::{Kind, err, out};
use rustix::fs::{CWD, FileType, Mode, chmod, mknodat};
use testbed::scratch::Scratch;

const OPEN: &str = "if : >> /dev/kmsg; then echo opened; fi";
const MAKE: &str = "if mknod /tmp/log c 1 11; then echo made; fi";
/// Brings it in, with a rule to read it. A volume would not do: devices cannot be opened there at all.
const READABLE: [&str; 2] = ["--device", "/dev/kmsg:/dev/kmsg:r"];

/// Places of the host's root, whom only rules keep from devices: root inside is root outside.
fn of_root(test: &str) -> Vec<Place> {
    Place::chosen(test, "needs to be root", |place| place.somebody.kind == Kind::Root)
}

/// What a script prints, and what it says on stderr.
fn tried(place: &Place, options: &[&str], script: &str) -> (String, String) {
    let options = [&["--userns", "host", "--cap-add", "MKNOD"], options].concat();
    let output = place.run(&options, &["sh", "-c", script]);
    (out(&output), err(&output))
}

#[test]
fn a_device_that_no_rule_names_is_neither_made_nor_opened() {
    for place in of_root("devices-refused") {
        for (options, script) in [(&[][..], MAKE), (&READABLE, OPEN)] {
            let (printed, said) = tried(&place, options, script);
            assert_eq!(printed, "", "{}: {script}", place.layout);
            assert!(said.contains("Operation not permitted"), "{}: {script}: {said}", place.layout);
        }
        let (printed, said) = tried(&place, &["-v", "/dev/kmsg:/dev/kmsg"], OPEN);
        assert_eq!(printed, "", "{}: {said}", place.layout);
    }
}

#[test]
fn what_a_rule_allows_can_be_done_and_no_more() {
    for place in of_root("devices-allowed") {
        let rule = |access: &str| format!("c 1:11 {access}");
        for (access, script, printed) in [
            ("w", OPEN, "opened\n"),
            ("r", OPEN, ""),
            ("m", OPEN, ""),
            ("m", MAKE, "made\n"),
            ("rw", MAKE, ""),
        ] {
            let rule = rule(access);
            let options = [&["--device-cgroup-rule", &rule], &READABLE[..]].concat();
            let done = tried(&place, &options, script);
            assert_eq!(done.0, printed, "{}: {rule}: {script}: {}", place.layout, done.1);
        }
    }
}

#[test]
fn a_device_that_is_shown_is_allowed_as_far_as_it_is_said() {
    for place in of_root("devices-shown") {
        for (device, printed) in
            [("/dev/kmsg", "opened\n"), ("/dev/kmsg:/dev/kmsg:w", "opened\n"), ("/dev/kmsg:/dev/kmsg:r", "")]
        {
            let done = tried(&place, &["--device", device], OPEN);
            assert_eq!(done.0, printed, "{}: {device}: {}", place.layout, done.1);
        }
        let elsewhere = OPEN.replace("/dev/kmsg", "/dev/log");
        let done = tried(&place, &["--device", "/dev/kmsg:/dev/log"], &elsewhere);
        assert_eq!(done.0, "opened\n", "{}: {}", place.layout, done.1);
    }
}

/// Also where root inside is nobody outside, who may open what the mode of the file allows: here, all.
#[test]
fn a_device_that_is_shown_in_part_is_held_there_without_the_hosts_root() {
    let scratch = Scratch::new("in-part").expect("a directory");
    let node = scratch.path().join("log");
    let log = rustix::fs::makedev(1, 11);
    let mode = Mode::from_raw_mode(0o666);
    for place in of_root("devices-in-part") {
        if !node.exists() {
            mknodat(CWD, &node, FileType::CharacterDevice, mode, log).expect("a device");
            chmod(&node, mode).expect("anybody may open it");
        }
        for (access, printed) in [(":r", ""), (":w", "opened\n"), ("", "opened\n")] {
            let device = format!("{}:/dev/kmsg{access}", text(&node));
            let output = place.run(&["--device", &device], &["sh", "-c", OPEN]);
            assert_eq!(out(&output), printed, "{}: {access}: {}", place.layout, err(&output));
        }
    }
}

/// Those that every container has stay.
#[test]
fn the_usual_devices_work_beside_a_rule() {
    let script =
        "head -c 1 /dev/zero | wc -c; echo > /dev/null; head -c 1 /dev/urandom | wc -c; : > /dev/full";
    for place in of_root("devices-usual") {
        let (printed, said) = tried(&place, &["--device-cgroup-rule", "c 1:11 w"], script);
        assert_eq!((&*printed, &*said), ("1\n1\n", ""), "{}", place.layout);
    }
}

#[test]
fn an_update_allows_a_device_to_a_container_that_runs() {
    for place in of_root("devices-update") {
        let container = Container::sleeper(&place, &[&["--userns", "host"], &READABLE[..]].concat());
        let open = ["sh", "-c", OPEN];
        assert_eq!(out(&container.exec(&open)), "", "{}", place.layout);
        container.does("update", &["--device-cgroup-rule", "c 1:11 w"]);
        assert_eq!(out(&container.exec(&open)), "opened\n", "{}", place.layout);
        container.end();
    }
}

/// In a user namespace nobody makes a device, and none but the host's root can have rules.
#[test]
fn rules_of_ordinary_users_are_refused() {
    let user = |place: &Place| place.somebody.kind != Kind::Root;
    for place in Place::chosen("devices-users", "needs to be an ordinary user", user) {
        let output = place.run(&["--device-cgroup-rule", "c 1:3 rwm"], &["true"]);
        let said = err(&output);
        assert_eq!(
            (output.status.code(), &*code(&output)),
            (Some(125), "CX5003"),
            "{}: {said}",
            place.layout
        );
        let in_part = place.run(&["--device", "/dev/zero:/dev/nought:r"], &["true"]);
        assert_eq!((in_part.status.code(), &*code(&in_part)), (Some(125), "CX5003"), "{}", place.layout);
        assert!(err(&in_part).contains("--device cannot be held"), "{}: {}", place.layout, err(&in_part));
        let whole = place.run(&["--device", "/dev/zero:/dev/nought"], &["true"]);
        assert!(whole.status.success(), "{}: {}", place.layout, err(&whole));
        let made = place.run(&["--cap-add", "MKNOD"], &["sh", "-c", MAKE]);
        assert_eq!(out(&made), "", "{}", place.layout);
    }
}
