//! `linux.resources.memory`.

use super::field::{accepted, checked};
use crate::limit::memory::PAGE;
use crate::resources::{self, Bound};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Memory {
    #[serde(default, deserialize_with = "bytes")]
    limit: Option<Bound>,
    #[serde(default, deserialize_with = "reservation")]
    reservation: Option<Bound>,
    #[serde(default, deserialize_with = "bytes")]
    swap: Option<Bound>,
    #[serde(default, deserialize_with = "kernel")]
    kernel: (),
    #[serde(default, rename = "kernelTCP", deserialize_with = "kernel_tcp")]
    kernel_tcp: (),
    #[serde(default, deserialize_with = "swappiness")]
    swappiness: Option<u8>,
    #[serde(default, rename = "disableOOMKiller")]
    disable_oom_killer: Option<bool>,
    #[serde(default, deserialize_with = "use_hierarchy")]
    use_hierarchy: (),
    #[serde(default, deserialize_with = "check_before_update")]
    check_before_update: (),
}

impl Memory {
    pub fn limits(self) -> resources::Memory {
        let Memory { limit, reservation, swap, kernel: (), kernel_tcp: (), .. } = self;
        let Memory { swappiness, disable_oom_killer, use_hierarchy: (), check_before_update: (), .. } = self;
        resources::Memory {
            max: limit,
            low: reservation,
            with_swap: swap,
            swappiness,
            no_oom_kill: disable_oom_killer,
            ..resources::Memory::default()
        }
    }
}

/// A limit: at least a page, or -1 for none. 0 is nothing to runc, and no byte at all to crun.
fn bytes<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Bound>, D::Error> {
    checked(field, |bytes: i64| match u64::try_from(bytes) {
        Ok(bytes) if bytes >= PAGE => Ok(Some(Bound::At(bytes))),
        Err(_) if bytes == -1 => Ok(Some(Bound::Unlimited)),
        _ => Err(format!("{bytes} is not a limit of memory, which is at least {PAGE} bytes, or -1 for none")),
    })
}

/// The soft limit of v1. Without one (-1) nothing is asked for: a new group has none, and none of it is protected on v2.
fn reservation<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Bound>, D::Error> {
    checked(field, |bytes: i64| match u64::try_from(bytes) {
        Ok(bytes) => Ok(Some(Bound::At(bytes))),
        Err(_) if bytes == -1 => Ok(None),
        Err(_) => Err(format!("{bytes} is not a number of bytes, nor -1")),
    })
}

/// That there be no limit can be asked for: 0 is runc's word for it, -1 the specification's.
fn kernel<'de, D: Deserializer<'de>>(field: D) -> Result<(), D::Error> {
    let why =
        "kernel memory has no limit of its own: it counts as memory, and v1's limit has no effect any more";
    accepted(field, |bytes: i64| matches!(bytes, 0 | -1), why)
}

fn kernel_tcp<'de, D: Deserializer<'de>>(field: D) -> Result<(), D::Error> {
    let why = "the memory of TCP has no limit of its own: v2 has none, and Linux gives v1's up";
    accepted(field, |bytes: i64| matches!(bytes, 0 | -1), why)
}

fn swappiness<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u8>, D::Error> {
    checked(field, |number: u64| match number {
        0..=100 => Ok(Some(number as u8)),
        _ => Err(format!("{number} is not a swappiness, which is from 0 to 100")),
    })
}

fn use_hierarchy<'de, D: Deserializer<'de>>(field: D) -> Result<(), D::Error> {
    accepted(field, |hierarchy| hierarchy, "groups always count those below them, since Linux 5.11")
}

fn check_before_update<'de, D: Deserializer<'de>>(field: D) -> Result<(), D::Error> {
    accepted(field, |check: bool| !check, "new limits are not compared with what is used")
}
