//! Figures against the files of the kernel, on the real hierarchies of this machine.

mod fixture;

use std::fs;
use std::process::Command;
use std::time::Duration;

use cgroup::freeze::{freeze, freezer};
use cgroup::stats::{Cpu, Device, Memory, Stats, read};
use cgroup::{Controller, remove_all};
use fixture::container::{Container, eventually, skip, those};
use spec::resources::Bound;

const V1: [Controller; 6] = [
    Controller::Cpu,
    Controller::Cpuacct,
    Controller::Memory,
    Controller::Pids,
    Controller::Io,
    Controller::Freezer,
];
const V2: [Controller; 4] = [Controller::Cpu, Controller::Memory, Controller::Pids, Controller::Io];

/// A container of each version with all controllers.
fn all(test: &str) -> impl Iterator<Item = Container> {
    those([Container::v1(test, &V1), Container::v2(test, &V2)])
}

/// The value of a key in a file.
fn value(container: &Container, file: &str, key: &str) -> u64 {
    let text = container.read(file);
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{file} has no {key}")).parse().expect("a number")
}

fn is_v1(container: &Container) -> bool {
    container.groups.len() > 1
}

/// Stopped, so that what is read twice is the same.
fn stopped(container: &Container) -> Stats {
    freeze(freezer(&container.groups).unwrap(), Duration::from_secs(5)).unwrap();
    read(&container.groups).unwrap()
}

#[test]
fn memory_agrees_with_the_files() {
    for container in all("memory_agrees_with_the_files") {
        let (current, limit, peak, file, inactive) = if is_v1(&container) {
            ("usage_in_bytes", "limit_in_bytes", "max_usage_in_bytes", "total_cache", "total_inactive_file")
        } else {
            ("current", "max", "peak", "file", "inactive_file")
        };
        container.write(&format!("memory.{limit}"), "67108864");
        let mut child =
            container.shell("exec tail -f /dev/zero & head -c 4000000 /dev/zero | tail > /dev/null; wait");
        eventually("it has memory", || container.number(&format!("memory.{current}")) > 1 << 20);

        let memory = stopped(&container).memory;
        let within = |figure: Option<u64>, expected: u64| {
            // The kernel counts on each CPU by itself, and adds up now and then.
            assert!(figure.expect("counted").abs_diff(expected) <= 1 << 20, "{figure:?} is not {expected}");
        };
        let now = container.number(&format!("memory.{current}"));
        within(memory.current, now);
        within(memory.cache, value(&container, "memory.stat", file));
        within(memory.without_cache, now.saturating_sub(value(&container, "memory.stat", inactive)));
        within(memory.peak, container.number(&format!("memory.{peak}")));
        assert_eq!(memory.limit, Some(Bound::At(64 << 20)));
        assert_eq!((memory.at_limit.is_some(), memory.oom_kills), (true, Some(0)));
        assert!(memory.anon.is_some());
        remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn cpu_agrees_with_the_files() {
    for container in all("cpu_agrees_with_the_files") {
        let v1 = is_v1(&container);
        if v1 {
            container.write("cpu.cfs_quota_us", "20000");
        } else {
            container.write("cpu.max", "20000 100000");
        }
        let mut child = container.shell("while :; do :; done");
        eventually("it is throttled", || value(&container, "cpu.stat", "nr_throttled") > 2);

        let cpu = stopped(&container).cpu;
        let (usage, throttled) = if v1 {
            let nanos = Duration::from_nanos;
            (nanos(container.number("cpuacct.usage")), nanos(value(&container, "cpu.stat", "throttled_time")))
        } else {
            let micros = Duration::from_micros;
            (
                micros(value(&container, "cpu.stat", "usage_usec")),
                micros(value(&container, "cpu.stat", "throttled_usec")),
            )
        };
        let near =
            |a: Option<Duration>, b: Duration| a.expect("counted").abs_diff(b) < Duration::from_millis(50);
        assert!(near(cpu.usage, usage), "{cpu:?}, {usage:?}");
        assert!(near(cpu.throttled, throttled), "{cpu:?}, {throttled:?}");
        assert!(cpu.throttled_periods > Some(2) && cpu.periods >= cpu.throttled_periods, "{cpu:?}");
        assert!(near(Some(cpu.user.unwrap() + cpu.system.unwrap()), cpu.usage.unwrap()), "{cpu:?}");
        remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn pids_agree_with_the_files() {
    for container in all("pids_agree_with_the_files") {
        container.write("pids.max", "3");
        let mut child = container.shell("sleep 1000 & sleep 1000 & (sleep 1000 &); sleep 1000 & wait");
        eventually("it is at its limit", || container.read("pids.events") != "max 0");
        let pids = stopped(&container).pids;
        assert_eq!(pids.current, Some(container.number("pids.current")));
        assert_eq!(pids.limit, Some(Bound::At(3)));
        assert_eq!(pids.at_limit, Some(value(&container, "pids.events", "max")));
        remove_all(&container.dirs()).unwrap();
        child.wait().unwrap();
    }
}

/// A block device of our own: a file, as a loop device.
struct Loop {
    device: String,
    file: String,
}

impl Loop {
    fn new(test: &str) -> Option<Loop> {
        // A file of a tmpfs would do as well, but for direct input and output.
        let file = format!("/var/tmp/containerception-live-{}", std::process::id());
        fs::write(&file, vec![0; 2 << 20]).ok()?;
        let made = Command::new("losetup").args(["--find", "--show", &file]).output();
        match made {
            Ok(made) if made.status.success() => {
                Some(Loop { device: String::from_utf8_lossy(&made.stdout).trim_end().to_owned(), file })
            }
            refused => {
                fs::remove_file(&file).ok();
                skip(test, &format!("no loop device: {refused:?}"))
            }
        }
    }

    /// `MAJOR:MINOR`.
    fn numbers(&self) -> String {
        let name = self.device.trim_start_matches("/dev/");
        fs::read_to_string(format!("/sys/block/{name}/dev")).expect("numbers").trim_end().to_owned()
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let detached = Command::new("losetup").args(["--detach", &self.device]).status();
        assert!(detached.is_ok_and(|status| status.success()), "{} is left", self.device);
        fs::remove_file(&self.file).ok();
    }
}

#[test]
fn what_is_read_and_written_is_counted() {
    let test = "what_is_read_and_written_is_counted";
    let Some(disk) = Loop::new(test) else { return };
    for container in all(test) {
        if is_v1(&container) {
            // A limit that never holds anything up: without one the kernel does not count.
            container.write("blkio.throttle.write_bps_device", &format!("{} 1099511627776", disk.numbers()));
        }
        let write = format!("dd if=/dev/zero of={} bs=65536 count=16 oflag=direct", disk.device);
        let read_back = format!("dd if={} of=/dev/null bs=65536 count=8 iflag=direct", disk.device);
        assert!(container.shell(&format!("{write} && {read_back}")).wait().unwrap().success());
        let devices = read(&container.groups).unwrap().io.unwrap();
        let is_disk = |device: &&Device| format!("{}:{}", device.major, device.minor) == disk.numbers();
        let device = devices.iter().find(is_disk).unwrap();
        assert_eq!((device.written_bytes, device.writes), (Some(1 << 20), Some(16)));
        assert_eq!((device.read_bytes, device.reads), (Some(1 << 19), Some(8)));
    }
}

#[test]
fn pressure_is_counted_in_v2_groups() {
    let test = "pressure_is_counted_in_v2_groups";
    let Some(container) = Container::v2(test, &[]) else { return };
    if fs::read_to_string(container.file("cpu.pressure")).is_err() {
        skip::<()>(test, "this kernel does not count pressure");
        return;
    }
    let mut child = container.shell("for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done; wait");
    let waited = || read(&container.groups).unwrap().pressure.cpu.unwrap().some.total;
    eventually("they wait for each other", || waited() > Duration::from_millis(10));
    let pressure = read(&container.groups).unwrap().pressure;
    assert!(pressure.memory.is_some() && pressure.io.is_some(), "{pressure:?}");
    remove_all(&container.dirs()).unwrap();
    child.wait().unwrap();
}

#[test]
fn huge_pages_are_counted_where_their_controller_is() {
    let Some(container) = Container::v2("huge_pages_are_counted", &[Controller::Hugetlb]) else { return };
    let pages = read(&container.groups).unwrap().hugetlb.unwrap();
    assert!(!pages.is_empty());
    for size in pages {
        assert_eq!(size.current, container.number(&format!("hugetlb.{}.current", size.size)));
    }
}

#[test]
fn what_the_groups_do_not_count_is_none() {
    let Some(container) = Container::v1("what_the_groups_do_not_count", &[Controller::Pids]) else { return };
    let stats = read(&container.groups).unwrap();
    assert_eq!(stats.pids.current, Some(0));
    assert_eq!((stats.cpu, stats.memory, stats.io), (Cpu::default(), Memory::default(), None));
    assert_eq!((stats.pressure.cpu, stats.hugetlb), (None, None));
}

#[test]
fn a_threaded_group_counts_time_but_no_memory() {
    let Some(container) = Container::threaded("a_threaded_group_counts_time_but_no_memory") else { return };
    let mut child = container.shell("while :; do :; done");
    let usage = || read(&container.groups).unwrap().cpu.usage.unwrap();
    eventually("it runs", || usage() > Duration::from_millis(20));
    assert_eq!(read(&container.groups).unwrap().memory, Memory::default());
    remove_all(&container.dirs()).unwrap();
    child.wait().unwrap();
}

#[test]
fn a_group_that_is_gone_is_said() {
    for container in those([
        Container::v1("a_group_that_is_gone", &[Controller::Pids, Controller::Memory]),
        Container::v2("a_group_that_is_gone", &[]),
    ]) {
        fs::remove_dir(container.dir(0)).unwrap();
        let unread = read(&container.groups).unwrap_err();
        assert!(unread.is_gone());
        assert_eq!(unread.directory, container.groups[0].directory);
    }
}
