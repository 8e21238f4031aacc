//! Block devices: `--blkio-weight`, `--blkio-weight-device`, and `--device-read-bps` with its three siblings.

use super::number::{bound, number};
use super::size;
use crate::catalogue::BAD_BLOCK_DEVICE;
use crate::error::{Error, Result};
use crate::resources::{BlockDevice, Bound, IoDevice};
use std::ffi::CString;
use std::ops::RangeInclusive;

/// Shares of the devices' time, as CFQ and BFQ of cgroup v1 had them.
pub const WEIGHTS: RangeInclusive<u64> = 10..=1000;
/// Operations in a second. The kernel keeps 32 bits, of which the highest number is no limit, and cuts off the rest on v1
/// (`tg_set_conf`, `block/blk-throttle.c`).
pub const IOPS: RangeInclusive<u64> = 1..=u32::MAX as u64 - 1;

/// A share of the devices' time; `0` asks for nothing, as docker has it.
///
/// # Errors
/// `BAD_LIMIT`.
pub fn weight(text: &str) -> Result<Option<u16>> {
    if text == "0" {
        return Ok(None);
    }
    number(text, "a weight of block devices", WEIGHTS).map(|weight| Some(weight as u16))
}

/// `PATH:WEIGHT`: a share of one device's time.
///
/// # Errors
/// `BAD_BLOCK_DEVICE`; `BAD_LIMIT` for the weight.
pub fn device_weight(text: &str) -> Result<IoDevice> {
    let (device, weight) = device(text, "WEIGHT", weight)?;
    Ok(IoDevice { weight, ..device })
}

/// `PATH:SIZE`: the most bytes read in a second; `-1` for no limit.
///
/// # Errors
/// `BAD_BLOCK_DEVICE`; `BAD_SIZE` for the size.
pub fn read_bps(text: &str) -> Result<IoDevice> {
    let (device, rate) = device(text, "SIZE", bps)?;
    Ok(IoDevice { read_bps: Some(rate), ..device })
}

/// `PATH:SIZE`: the most bytes written in a second; `-1` for no limit.
///
/// # Errors
/// `BAD_BLOCK_DEVICE`; `BAD_SIZE` for the size.
pub fn write_bps(text: &str) -> Result<IoDevice> {
    let (device, rate) = device(text, "SIZE", bps)?;
    Ok(IoDevice { write_bps: Some(rate), ..device })
}

/// `PATH:NUMBER`: the most reads in a second; `-1` for no limit.
///
/// # Errors
/// `BAD_BLOCK_DEVICE`; `BAD_LIMIT` for the number.
pub fn read_iops(text: &str) -> Result<IoDevice> {
    let (device, rate) = device(text, "NUMBER", iops)?;
    Ok(IoDevice { read_iops: Some(rate), ..device })
}

/// `PATH:NUMBER`: the most writes in a second; `-1` for no limit.
///
/// # Errors
/// `BAD_BLOCK_DEVICE`; `BAD_LIMIT` for the number.
pub fn write_iops(text: &str) -> Result<IoDevice> {
    let (device, rate) = device(text, "NUMBER", iops)?;
    Ok(IoDevice { write_iops: Some(rate), ..device })
}

fn bps(text: &str) -> Result<Bound> {
    if text == "-1" { Ok(Bound::Unlimited) } else { size(text).map(Bound::At) }
}

fn iops(text: &str) -> Result<Bound> {
    bound(text, "a number of operations in a second", IOPS)
}

/// A device and what is said of it, behind the last colon: names below `/dev/disk/by-path` have some of their own.
fn device<T>(text: &str, value: &str, parse: impl Fn(&str) -> Result<T>) -> Result<(IoDevice, T)> {
    let bad = |part: &str, why: &str| {
        Error::new(BAD_BLOCK_DEVICE, format!("{text:?} is not a limit of a block device: {why}"))
            .at(text, part)
            .fix(format!("write PATH:{value}, the path of a block device on the host, such as /dev/sda"))
    };
    let Some((path, limit)) = text.rsplit_once(':') else {
        return Err(bad(&text[text.len()..], "there is no colon"));
    };
    if !path.starts_with('/') {
        return Err(bad(path, "the path is not absolute"));
    }
    let name = CString::new(path).map_err(|_| bad(path, "the path contains a NUL byte"))?;
    let limit = parse(limit).map_err(|error| error.within(text, limit))?;
    Ok((IoDevice::new(BlockDevice::Path(name)), limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{BAD_LIMIT, BAD_SIZE};

    fn path(device: &IoDevice) -> &[u8] {
        let BlockDevice::Path(path) = &device.device else { panic!("{device:?}") };
        path.as_bytes()
    }

    #[test]
    fn weights() {
        assert_eq!(
            (weight("10").unwrap(), weight("1000").unwrap(), weight("0").unwrap()),
            (Some(10), Some(1000), None)
        );
        for bad in ["9", "1001", "-1", "", "65546"] {
            assert_eq!(weight(bad).unwrap_err().code, BAD_LIMIT, "{bad}");
        }
        assert_eq!(device_weight("/dev/sda:300").unwrap().weight, Some(300));
        assert_eq!(device_weight("/dev/sda:0").unwrap().weight, None);
    }

    #[test]
    fn rates() {
        let by_path = "/dev/disk/by-path/pci-0000:00:1f.2-ata-1";
        let device = read_bps(&format!("{by_path}:10mb")).unwrap();
        assert_eq!((path(&device), device.read_bps), (by_path.as_bytes(), Some(Bound::At(10 << 20))));
        assert_eq!(write_bps("/dev/sda:1").unwrap().write_bps, Some(Bound::At(1)));
        assert_eq!(read_iops("/dev/sda:1000").unwrap().read_iops, Some(Bound::At(1000)));
        assert_eq!(write_iops("/dev/sda:4294967294").unwrap().write_iops, Some(Bound::At(4_294_967_294)));
        assert_eq!(write_iops("/dev/sda:-1").unwrap().write_iops, Some(Bound::Unlimited));
    }

    #[test]
    fn what_is_no_rate_is_pointed_at() {
        for (text, code, guilty) in [
            ("", BAD_BLOCK_DEVICE, 0..0),
            ("/dev/sda", BAD_BLOCK_DEVICE, 8..8),
            ("sda:1m", BAD_BLOCK_DEVICE, 0..3),
            (":1m", BAD_BLOCK_DEVICE, 0..0),
            ("/dev/\0:1m", BAD_BLOCK_DEVICE, 0..6),
            ("/dev/sda:1x", BAD_SIZE, 10..11),
            ("/dev/sda:0", BAD_SIZE, 9..10),
            ("/dev/sda:", BAD_SIZE, 9..9),
        ] {
            let error = read_bps(text).unwrap_err();
            assert_eq!((error.code, error.at.map_or(0..0, |at| at.range)), (code, guilty), "{text:?}");
        }
        for bad in ["/dev/sda:0", "/dev/sda:4294967295", "/dev/sda:1k", "/dev/sda:1.5"] {
            assert_eq!(write_iops(bad).unwrap_err().code, BAD_LIMIT, "{bad}");
        }
    }
}
