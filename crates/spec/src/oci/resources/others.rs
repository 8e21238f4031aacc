//! The small sections of `linux.resources`: processes, huge pages and network.

use super::field::{Object, accepted, checked, required};
use crate::resources::{self, Bound};
use serde::de::{Error, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// The most processes that the kernel takes as a limit (`PID_MAX_LIMIT`).
const MOST_PROCESSES: u64 = 4_194_304;

/// `pids`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pids {
    #[serde(default, deserialize_with = "processes")]
    pub limit: Option<Bound>,
}

/// 0 is a limit, and no process at all ("PIDs", the note); -1 is none.
fn processes<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Bound>, D::Error> {
    checked(field, |limit: i64| match u64::try_from(limit) {
        Ok(limit @ 0..=MOST_PROCESSES) => Ok(Some(Bound::At(limit))),
        Err(_) if limit == -1 => Ok(Some(Bound::Unlimited)),
        _ => Err(format!(
            "{limit} is not a number of processes, which is from 0 to {MOST_PROCESSES}, or -1 for no limit"
        )),
    })
}

/// An entry of `hugepageLimits`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HugePages {
    #[serde(deserialize_with = "page_size")]
    page_size: String,
    limit: u64,
}

/// `hugepageLimits`, each size once.
pub fn huge_pages<'de, D: Deserializer<'de>>(field: D) -> Result<Vec<resources::HugePages>, D::Error> {
    let mut limits: Vec<resources::HugePages> = Vec::new();
    let entries = Option::<Vec<Object<HugePages>>>::deserialize(field)?.unwrap_or_default();
    for Object(HugePages { page_size, limit }) in entries {
        if limits.iter().any(|known| known.size == page_size) {
            return Err(D::Error::custom(format!("huge pages of {page_size} are there twice")));
        }
        limits.push(resources::HugePages { size: page_size, limit: Bound::At(limit) });
    }
    Ok(limits)
}

/// As in the names of control files: `64KB`, `2MB`, `1GB`.
fn page_size<'de, D: Deserializer<'de>>(field: D) -> Result<String, D::Error> {
    required(field, |text: String| {
        let number =
            ["KB", "MB", "GB"].into_iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or_default();
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        match digits && number.len() <= 4 && !number.starts_with('0') {
            true => Ok(text),
            false => Err(format!("{text:?} is not a size of huge pages, such as 64KB, 2MB or 1GB")),
        }
    })
}

/// `network`, which has nothing that can be had.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    #[serde(default, rename = "classID", deserialize_with = "class_id")]
    class_id: (),
    #[serde(default, deserialize_with = "priorities")]
    priorities: (),
}

impl Network {
    /// What it asks for, once it was read.
    pub fn nothing(self) {
        let Network { class_id: (), priorities: () } = self;
    }
}

fn class_id<'de, D: Deserializer<'de>>(field: D) -> Result<(), D::Error> {
    accepted(field, |_: u32| false, "net_cls is not supported; v2 has no such controller")
}

fn priorities<'de, D: Deserializer<'de>>(field: D) -> Result<(), D::Error> {
    match Option::<Vec<IgnoredAny>>::deserialize(field)?.is_none_or(|list| list.is_empty()) {
        true => Ok(()),
        false => Err(D::Error::custom("net_prio is not supported; v2 has no such controller")),
    }
}
