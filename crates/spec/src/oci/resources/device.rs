//! `linux.resources.devices`, and numbers of devices.

use super::field::{checked, required};
use crate::device::{self, Access, Kind};
use serde::{Deserialize, Deserializer};

/// The highest major number: a `dev_t` has 12 bits for it, and 20 for the minor one (`include/linux/kdev_t.h`).
const MAJOR: u32 = (1 << 12) - 1;
/// The highest minor number.
const MINOR: u32 = (1 << 20) - 1;

/// One rule. Which access it is about has to be said: runc wants it as well, and the specification does not say what a rule
/// without it means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    allow: bool,
    #[serde(default, rename = "type", deserialize_with = "kind")]
    kind: Option<Kind>,
    #[serde(default, deserialize_with = "any_major")]
    major: Option<u32>,
    #[serde(default, deserialize_with = "any_minor")]
    minor: Option<u32>,
    #[serde(deserialize_with = "access")]
    access: Access,
}

impl Rule {
    pub fn rule(self) -> device::Rule {
        let Rule { allow, kind, major, minor, access } = self;
        device::Rule { allow, kind: kind.unwrap_or(Kind::All), major, minor, access }
    }
}

fn kind<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Kind>, D::Error> {
    checked(field, |text: String| match text.as_str() {
        "" => Ok(None),
        "a" => Ok(Some(Kind::All)),
        "c" => Ok(Some(Kind::Character)),
        "b" => Ok(Some(Kind::Block)),
        _ => Err(format!("{text:?} is not a type of devices, which is a, c or b")),
    })
}

fn access<'de, D: Deserializer<'de>>(field: D) -> Result<Access, D::Error> {
    required(field, |text: String| {
        if text.is_empty() || text.contains(|letter| !matches!(letter, 'r' | 'w' | 'm')) {
            return Err(format!("{text:?} is not an access to devices, which is one or more of r, w and m"));
        }
        Ok(Access { read: text.contains('r'), write: text.contains('w'), make: text.contains('m') })
    })
}

/// A number, or -1 for all, as runc and crun have it.
fn any_major<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u32>, D::Error> {
    checked(field, |number| if number == -1 { Ok(None) } else { within(number, MAJOR).map(Some) })
}

fn any_minor<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u32>, D::Error> {
    checked(field, |number| if number == -1 { Ok(None) } else { within(number, MINOR).map(Some) })
}

/// The major number of one device.
pub fn major<'de, D: Deserializer<'de>>(field: D) -> Result<u32, D::Error> {
    required(field, |number| within(number, MAJOR))
}

/// The minor number of one device.
pub fn minor<'de, D: Deserializer<'de>>(field: D) -> Result<u32, D::Error> {
    required(field, |number| within(number, MINOR))
}

fn within(number: i64, highest: u32) -> Result<u32, String> {
    let fits = u32::try_from(number).ok().filter(|number| *number <= highest);
    fits.ok_or_else(|| format!("{number} is not a number of a device, which is from 0 to {highest}"))
}
