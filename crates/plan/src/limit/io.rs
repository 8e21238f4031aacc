//! Block devices.

use super::{Setting, Settings, size};
use ::cgroup::Controller::Io as Controller;
use ::cgroup::Version;
use spec::convert;
use spec::resources::{Bound, Io, IoDevice};

/// The numbers of a block device.
pub type Numbers = (u32, u32);

/// What the disks do about limits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Disks {
    /// Those of `resources.io.devices`, in their order.
    pub limited: Vec<Numbers>,
    /// Those whose scheduler is `bfq`, which shares their time by weights. Looked up only where a weight is asked for.
    pub by_bfq: Vec<Numbers>,
    /// Those whose time `io.cost` shares by the weights of v2: the root group's `io.cost.qos` enables it. Looked up as
    /// those before.
    pub by_cost: Vec<Numbers>,
}

pub(super) fn add(all: &mut Settings<'_>, io: &Io) {
    if let Some(weight) = io.weight {
        set_weight(all, "--blkio-weight", None, weight);
    }
    for (device, numbers) in io.devices.iter().zip(&all.hierarchies.disks.limited) {
        if let Some(weight) = device.weight {
            set_weight(all, "--blkio-weight-device", Some(*numbers), weight);
        }
        rates(all, device, *numbers);
    }
}

/// A weight has effect on a disk that shares its time by weights, and on no other. On v1 there is the weight of BFQ alone
/// since CFQ has gone (Linux 5.0); on v2 there is that of `io.cost` too, in a range of its own.
fn set_weight(all: &mut Settings<'_>, option: &'static str, device: Option<Numbers>, weight: u16) {
    let Some(version) = all.version(option, Controller) else { return };
    let disks = all.hierarchies.disks;
    let is_there = |disks: &[Numbers]| device.map_or(!disks.is_empty(), |device| disks.contains(&device));
    let (file, number) = match (version, device) {
        (Version::V2, _) if is_there(&disks.by_cost) => ("io.weight", convert::io_weight(weight)),
        _ if !is_there(&disks.by_bfq) => return all.refuse(option, no_weights(device), CHOOSE_BFQ),
        (Version::V2, _) => ("io.bfq.weight", weight.into()),
        (Version::V1, None) => ("blkio.bfq.weight", weight.into()),
        (Version::V1, Some(_)) => ("blkio.bfq.weight_device", weight.into()),
    };
    let (of, key) = match device {
        Some((major, minor)) => (format!(" of {major}:{minor}"), format!("{major}:{minor} ")),
        None if version == Version::V1 => (String::new(), String::new()),
        None => (String::new(), "default ".to_owned()),
    };
    all.wanted.push(Ok(Setting {
        option,
        words: format!("weigh the time{of} of block devices with {number}"),
        controller: Controller,
        file: file.to_owned(),
        value: format!("{key}{number}"),
    }));
}

const CHOOSE_BFQ: &str =
    "leave it out; or as root choose the scheduler: echo bfq > /sys/block/DISK/queue/scheduler";

fn no_weights(device: Option<Numbers>) -> String {
    match device {
        Some((major, minor)) => {
            format!("the disk {major}:{minor} does not go by weights: its scheduler is not bfq")
        }
        None => "no disk here goes by weights: none has the scheduler bfq".to_owned(),
    }
}

/// A rate: its option, its key on v2, its file on v1, what it counts.
type Rate = (&'static str, &'static str, &'static str, &'static str);

const RATES: [Rate; 4] = [
    ("--device-read-bps", "rbps", "blkio.throttle.read_bps_device", "reading"),
    ("--device-write-bps", "wbps", "blkio.throttle.write_bps_device", "writing"),
    ("--device-read-iops", "riops", "blkio.throttle.read_iops_device", "reads"),
    ("--device-write-iops", "wiops", "blkio.throttle.write_iops_device", "writes"),
];

fn rates(all: &mut Settings<'_>, device: &IoDevice, numbers: Numbers) {
    let IoDevice { read_bps, write_bps, read_iops, write_iops, .. } = device;
    for (rate, bound) in RATES.into_iter().zip([read_bps, write_bps, read_iops, write_iops]) {
        if let (Some(bound), Some(version)) = (*bound, bound.and_then(|_| all.version(rate.0, Controller))) {
            all.wanted.push(Ok(setting(rate, bound, version, numbers)));
        }
    }
}

/// A file of v1 takes 0 for no bound.
fn setting(
    (option, key, file, what): Rate,
    bound: Bound,
    version: Version,
    (major, minor): Numbers,
) -> Setting {
    let (file, value) = match (version, bound) {
        (Version::V1, Bound::At(number)) => (file, format!("{major}:{minor} {number}")),
        (Version::V1, Bound::Unlimited) => (file, format!("{major}:{minor} 0")),
        (Version::V2, bound) => {
            ("io.max", format!("{major}:{minor} {key}={}", super::written(bound, version)))
        }
    };
    let amount = match bound {
        Bound::Unlimited => "no bound".to_owned(),
        Bound::At(number) if key.ends_with("bps") => format!("{} a second", size(number)),
        Bound::At(number) => format!("{number} a second"),
    };
    let words = format!("hold {what} on {major}:{minor} at {amount}");
    Setting { option, words, controller: Controller, file: file.to_owned(), value }
}
