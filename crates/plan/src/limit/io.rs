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

/// On v2 the weight of `io.cost`; the step falls back to that of BFQ where the kernel has only this. On v1 there is that of
/// BFQ alone since CFQ has gone (Linux 5.0).
fn set_weight(all: &mut Settings<'_>, option: &'static str, device: Option<Numbers>, weight: u16) {
    let Some(version) = all.version(option, Controller) else { return };
    let number = if version == Version::V1 { u64::from(weight) } else { convert::io_weight(weight) };
    let files = match device {
        None => [Some("blkio.bfq.weight"), Some("io.weight")],
        Some(_) => [Some("blkio.bfq.weight_device"), Some("io.weight")],
    };
    let (of, value) = match (device, version) {
        (Some((major, minor)), _) => (format!(" of {major}:{minor}"), format!("{major}:{minor} {number}")),
        (None, Version::V1) => (String::new(), number.to_string()),
        (None, Version::V2) => (String::new(), format!("default {number}")),
    };
    all.file(option, Controller, files, format!("weigh the time{of} of block devices with {number}"), value);
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
