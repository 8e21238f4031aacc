//! `linux.resources.blockIO`.

use super::device::{major, minor};
use super::field::{Object, accepted, number, required};
use crate::limit::io::{IOPS, WEIGHTS};
use crate::resources::{BlockDevice, Bound, Io, IoDevice};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockIo {
    #[serde(default, deserialize_with = "weight")]
    weight: Option<u16>,
    #[serde(default, deserialize_with = "leaf_weight")]
    leaf_weight: (),
    #[serde(default)]
    weight_device: Option<Vec<Object<Weight>>>,
    #[serde(default)]
    throttle_read_bps_device: Rates<Bytes>,
    #[serde(default)]
    throttle_write_bps_device: Rates<Bytes>,
    #[serde(default, rename = "throttleReadIOPSDevice")]
    throttle_read_iops_device: Rates<Operations>,
    #[serde(default, rename = "throttleWriteIOPSDevice")]
    throttle_write_iops_device: Rates<Operations>,
}

type Rates<R> = Option<Vec<Object<Throttle<R>>>>;

/// An entry of `weightDevice`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Weight {
    #[serde(deserialize_with = "major")]
    major: u32,
    #[serde(deserialize_with = "minor")]
    minor: u32,
    #[serde(deserialize_with = "weight")]
    weight: Option<u16>,
    #[serde(default, deserialize_with = "leaf_weight")]
    leaf_weight: (),
}

/// An entry of one of the four lists of rates.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Throttle<R> {
    #[serde(deserialize_with = "major")]
    major: u32,
    #[serde(deserialize_with = "minor")]
    minor: u32,
    rate: R,
}

impl BlockIo {
    pub fn limits(self) -> Io {
        let mut io = Io { weight: self.weight, devices: Vec::new() };
        let BlockIo { leaf_weight: (), .. } = self;
        for Object(Weight { major, minor, weight, leaf_weight: () }) in self.weight_device.unwrap_or_default()
        {
            io.add(IoDevice { weight, ..IoDevice::new(BlockDevice::Number { major, minor }) });
        }
        add(&mut io, self.throttle_read_bps_device, |device, Bytes(rate)| device.read_bps = Some(rate));
        add(&mut io, self.throttle_write_bps_device, |device, Bytes(rate)| device.write_bps = Some(rate));
        add(&mut io, self.throttle_read_iops_device, |device, Operations(rate)| {
            device.read_iops = Some(rate)
        });
        add(&mut io, self.throttle_write_iops_device, |device, Operations(rate)| {
            device.write_iops = Some(rate)
        });
        io
    }
}

fn add<R>(io: &mut Io, rates: Rates<R>, set: impl Fn(&mut IoDevice, R)) {
    for Object(Throttle { major, minor, rate }) in rates.unwrap_or_default() {
        let mut device = IoDevice::new(BlockDevice::Number { major, minor });
        set(&mut device, rate);
        io.add(device);
    }
}

/// Bytes in a second; 0 takes a limit away, as v1 has it (`tg_set_conf`, `block/blk-throttle.c`).
#[derive(Deserialize)]
#[serde(from = "u64")]
struct Bytes(Bound);

impl From<u64> for Bytes {
    fn from(rate: u64) -> Self {
        Bytes(if rate == 0 { Bound::Unlimited } else { Bound::At(rate) })
    }
}

/// Operations in a second; 0 takes a limit away, as above.
struct Operations(Bound);

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(rate: D) -> Result<Self, D::Error> {
        required(rate, |rate: u64| match rate {
            0 => Ok(Operations(Bound::Unlimited)),
            _ if IOPS.contains(&rate) => Ok(Operations(Bound::At(rate))),
            _ => Err(format!("{rate} is not a rate of operations, which is at most {}", IOPS.end())),
        })
    }
}

fn weight<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u16>, D::Error> {
    Ok(number(field, "a weight of block devices", WEIGHTS)?.map(|weight| weight as u16))
}

/// What the processes of a group had against the groups below it, by CFQ.
fn leaf_weight<'de, D: Deserializer<'de>>(field: D) -> Result<(), D::Error> {
    accepted(field, |weight: u16| weight == 0, "there is no leafWeight since Linux 5.0")
}
