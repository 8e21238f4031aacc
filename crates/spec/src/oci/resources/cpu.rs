//! `linux.resources.cpu`.

use super::field::{checked, number};
use crate::limit::cpu::{LONGEST, PERIODS, QUOTAS, REALTIME, SHARES};
use crate::resources::{self, Bound, Set};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cpu {
    #[serde(default, deserialize_with = "shares")]
    shares: Option<u64>,
    #[serde(default, deserialize_with = "quota")]
    quota: Option<Bound>,
    #[serde(default, deserialize_with = "burst")]
    burst: Option<u64>,
    #[serde(default, deserialize_with = "period")]
    period: Option<u64>,
    #[serde(default, deserialize_with = "realtime_runtime")]
    realtime_runtime: Option<i64>,
    #[serde(default, deserialize_with = "realtime_period")]
    realtime_period: Option<u64>,
    #[serde(default, deserialize_with = "set")]
    cpus: Option<Set>,
    #[serde(default, deserialize_with = "set")]
    mems: Option<Set>,
    #[serde(default, deserialize_with = "idle")]
    idle: Option<bool>,
}

impl Cpu {
    pub fn limits(self) -> resources::Cpu {
        let Cpu { shares, quota, burst, period, realtime_runtime, realtime_period, cpus, mems, idle } = self;
        resources::Cpu { quota, period, burst, shares, idle, realtime_runtime, realtime_period, cpus, mems }
    }
}

fn shares<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    number(field, "a number of CPU shares", SHARES)
}

/// Microseconds; the kernel takes -1 for none.
fn quota<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Bound>, D::Error> {
    checked(field, |quota: i64| match u64::try_from(quota) {
        Ok(0) => Ok(None),
        Ok(quota) if QUOTAS.contains(&quota) => Ok(Some(Bound::At(quota))),
        Err(_) if quota == -1 => Ok(Some(Bound::Unlimited)),
        _ => Err(format!(
            "{quota} is not a quota of CPU time, which is at least 1000 microseconds, or -1 for none"
        )),
    })
}

/// Microseconds; 0 is the kernel's word for no burst.
fn burst<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    checked(field, |burst: u64| match burst {
        0..=LONGEST => Ok(Some(burst)),
        _ => Err(format!("{burst} is not a burst of CPU time, which is at most {LONGEST} microseconds")),
    })
}

fn period<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    number(field, "a period in microseconds", PERIODS)
}

fn realtime_runtime<'de, D: Deserializer<'de>>(field: D) -> Result<Option<i64>, D::Error> {
    checked(field, |runtime: i64| match u64::try_from(runtime) {
        Ok(0) => Ok(None),
        Ok(microseconds) if REALTIME.contains(&microseconds) => Ok(Some(runtime)),
        Err(_) if runtime == -1 => Ok(Some(runtime)),
        _ => Err(format!("{runtime} is not a real-time run time in microseconds, nor -1")),
    })
}

fn realtime_period<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    number(field, "a real-time period in microseconds", REALTIME)
}

/// A set; the empty text is what Go's structures hold when nothing is said.
fn set<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Set>, D::Error> {
    checked(field, |text: String| match text.as_str() {
        "" => Ok(None),
        text => Set::parse(text).map(Some).map_err(|error| error.what),
    })
}

fn idle<'de, D: Deserializer<'de>>(field: D) -> Result<Option<bool>, D::Error> {
    checked(field, |idle: i64| match idle {
        0 | 1 => Ok(Some(idle == 1)),
        _ => Err(format!("idle is 0 or 1, and not {idle}")),
    })
}
