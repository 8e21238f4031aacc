//! Block devices.

use super::{Numbers, Setting, Settings, size};
use ::cgroup::Controller::Io as Controller;
use ::cgroup::Version;
use spec::convert;
use spec::resources::{Bound, Io, IoDevice};

pub(super) fn add(all: &mut Settings<'_>, io: &Io) {
    if let Some(weight) = io.weight {
        set_weight(all, "--blkio-weight", None, weight);
    }
    for (device, numbers) in io.devices.iter().zip(all.hierarchies.devices) {
        if let Some(weight) = device.weight {
            set_weight(all, "--blkio-weight-device", Some(*numbers), weight);
        }
        rates(all, device, *numbers);
    }
}

/// On v1 there is the weight of BFQ alone since CFQ has gone (Linux 5.0). On v2 there is that of `io.cost`, and where the
/// kernel was built without, that of BFQ again, in the range of v1.
fn set_weight(all: &mut Settings<'_>, option: &'static str, device: Option<Numbers>, weight: u16) {
    let Some(version) = all.version(option, Controller) else { return };
    let (of, key) = match device {
        Some((major, minor)) => (format!(" of {major}:{minor}"), format!("{major}:{minor} ")),
        None if version == Version::V1 => (String::new(), String::new()),
        None => (String::new(), "default ".to_owned()),
    };
    let setting = |file: &str, number: u64, instead| Setting {
        option,
        words: format!("weigh the time{of} of block devices with {number}"),
        controller: Controller,
        file: file.to_owned(),
        value: format!("{key}{number}"),
        instead,
    };
    let of_bfq = |file| setting(file, weight.into(), None);
    let setting = match (version, device) {
        (Version::V1, None) => of_bfq("blkio.bfq.weight"),
        (Version::V1, Some(_)) => of_bfq("blkio.bfq.weight_device"),
        (Version::V2, _) => {
            let instead = Some(Box::new(of_bfq("io.bfq.weight")));
            setting("io.weight", convert::io_weight(weight), instead)
        }
    };
    all.wanted.push(Ok(setting));
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
    Setting { option, words, controller: Controller, file: file.to_owned(), value, instead: None }
}
