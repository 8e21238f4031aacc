//! Block devices: how much in a second, on a disk of the test's own, past the page cache.

use crate::container::{Container, Place};
use crate::disk::{self, Disk};
use end_to_end::{Kind, err, skip};
use std::process::Output;
use std::time::{Duration, Instant};
use testbed::groups::Groups;

/// 64 requests of 64 KiB: 4 MiB.
const READ: &str = "dd if=DISK of=/dev/null bs=64k count=64 iflag=direct 2> /dev/null";
const WRITE: &str = "dd if=/dev/zero of=DISK bs=64k count=64 oflag=direct 2> /dev/null";

/// Places of root, who may open a disk, and a disk for each.
fn with_disks(test: &str) -> Vec<(Place, Disk)> {
    let root = |place: &Place| place.somebody.kind == Kind::Root && place.layout.has_groups();
    let places = Place::chosen(test, "only root opens a disk", root);
    let mut all = Vec::new();
    for place in places {
        match Disk::new(&place.somebody.home()) {
            Ok(disk) => all.push((place, disk)),
            Err(error) => skip(test, &format!("{}: no disk of our own: {error}", place.layout)),
        }
    }
    all
}

/// A transfer under a limit, which begins by now; `limit` has DISK in it, as the command has.
struct Transfer<'a> {
    container: Container<'a>,
    begun: Instant,
}

impl<'a> Transfer<'a> {
    fn begin(place: &'a Place, disk: &Disk, limit: &[&str], command: &str) -> Transfer<'a> {
        let fill = |word: &str| word.replace("DISK", disk.path());
        let limit: Vec<String> = limit.iter().map(|word| fill(word)).collect();
        let limit: Vec<&str> = limit.iter().map(String::as_str).collect();
        let options = [&["--userns", "host", "--device", disk.path()], &limit[..]].concat();
        let script = format!("{} && echo done; sleep 1000", fill(command));
        let container = Container::start(place, &options, &script);
        Transfer { container, begun: Instant::now() }
    }

    /// How long it takes.
    fn takes(mut self) -> Duration {
        self.container.wait_for("done");
        let took = self.begun.elapsed();
        self.container.end();
        took
    }
}

/// 4 MiB in 64 requests take two seconds with any of these. A tenth of a second is given in advance
/// (`block/blk-throttle.c`, DFL_THROTL_SLICE).
#[test]
fn each_limit_makes_a_transfer_take_its_time() {
    let limits = [
        (["--device-read-bps", "DISK:2m"], READ),
        (["--device-write-bps", "DISK:2m"], WRITE),
        (["--device-read-iops", "DISK:32"], READ),
        (["--device-write-iops", "DISK:32"], WRITE),
    ];
    for (place, disk) in with_disks("io-rates") {
        // All at once, each in its own group.
        let all = limits.map(|(limit, command)| (limit, Transfer::begin(&place, &disk, &limit, command)));
        for (limit, transfer) in all {
            let took = transfer.takes();
            assert!(took >= Duration::from_millis(1500), "{}: {limit:?}: {took:?}", place.layout);
            assert!(took < Duration::from_secs(20), "{}: {limit:?}: far too slow: {took:?}", place.layout);
        }
        // It is the limit that takes the time; a machine that has much to do may need another try.
        let quick =
            (0..5).any(|_| Transfer::begin(&place, &disk, &[], READ).takes() < Duration::from_millis(1500));
        assert!(quick, "{}: it takes as long without a limit", place.layout);
    }
}

#[test]
fn several_limits_of_one_disk_hold_together() {
    let limits =
        ["--device-read-bps", "DISK:8m", "--device-read-iops", "DISK:64", "--device-write-bps", "DISK:1m"];
    for (place, disk) in with_disks("io-several") {
        let took = Transfer::begin(&place, &disk, &limits, READ).takes();
        // 64 requests in a second are the narrower of the two.
        assert!(took >= Duration::from_millis(700), "{}: {took:?}", place.layout);
    }
}

/// v1 has the weight of BFQ alone, v2 has that of io.cost too.
#[test]
fn a_weight_is_held_where_a_disk_goes_by_it_and_refused_elsewhere() {
    for (place, disk) in with_disks("io-weight") {
        let of_device = format!("{}:200", disk.path());
        let of_device = ["--blkio-weight-device", &of_device];
        refused(&place, &of_device, "its scheduler is not bfq");
        if !disk::one_goes_by_weights() {
            let output = Container::tried(&place, &["--blkio-weight", "200"]).finish();
            // Another test may have made one by now.
            if !disk::one_goes_by_weights() {
                assert_refused(&place, &output, "none has the scheduler bfq");
            }
        }
        if let Err(error) = disk.choose("bfq") {
            skip("io-weight", &format!("{}: no bfq: {error}", place.layout));
            continue;
        }
        let numbers = disk.numbers();
        for (options, key) in [(["--blkio-weight", "200"], "default"), (of_device, &numbers)] {
            let mut container = Container::tried(&place, &options);
            assert!(container.is_up(), "{}: {options:?}: {}", place.layout, err(&container.finish()));
            assert_eq!(weight(&container.groups(), key), Some(200), "{}: {options:?}", place.layout);
            container.end();
        }
    }
}

#[test]
fn a_weight_that_no_disk_goes_by_is_forgone_by_the_best_effort() {
    for (place, disk) in with_disks("io-weight-best-effort") {
        let weight = format!("{}:200", disk.path());
        let output = place.run(&["--best-effort", "--blkio-weight-device", &weight], &["true"]);
        assert!(output.status.success(), "{}: {}", place.layout, err(&output));
        assert!(err(&output).contains("its scheduler is not bfq"), "{}: {}", place.layout, err(&output));
    }
}

fn refused(place: &Place, options: &[&str], why: &str) {
    assert_refused(place, &Container::tried(place, options).finish(), why);
}

fn assert_refused(place: &Place, output: &Output, why: &str) {
    let said = err(output);
    assert_eq!(crate::container::code(output), "CX5003", "{}: {said}", place.layout);
    assert!(said.contains(why), "{}: {said}", place.layout);
}

/// The weight by BFQ that a file of the container shows: of all disks, or of one.
fn weight(groups: &Groups, key: &str) -> Option<u64> {
    let v1 = match key {
        "default" => groups.number("blkio.bfq.weight", ""),
        device => groups.number("blkio.bfq.weight_device", device),
    };
    v1.or_else(|| groups.number("io.bfq.weight", key))
}
