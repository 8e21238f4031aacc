//! The sections of `linux.resources` whose names are not the specification's: `rdma` and `unified`.

use super::entries::Entries;
use super::field::{Object, required};
use crate::limit::control_file::{check_line, check_name};
use crate::resources::{self, Bound};
use serde::{Deserialize, Deserializer};

/// The longest name of an RDMA device (`IB_DEVICE_NAME_MAX`, `include/rdma/ib_verbs.h`).
const LONGEST_DEVICE: usize = 64;

/// `rdma`: limits by device.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Rdma(Entries<Device, Limits>);

impl Rdma {
    pub fn limits(self) -> Vec<resources::Rdma> {
        let one = |(device, limits): (Device, Limits)| resources::Rdma {
            device: device.0,
            handles: limits.handles,
            objects: limits.objects,
        };
        self.0.0.into_iter().map(one).collect()
    }
}

/// The name of a device.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
#[serde(try_from = "String")]
struct Device(String);

impl TryFrom<String> for Device {
    type Error = String;

    /// `rdma.max` has a line for each device, and a space behind its name.
    fn try_from(name: String) -> Result<Self, String> {
        let plain = name.bytes().all(|byte| byte.is_ascii_graphic());
        match plain && !name.is_empty() && name.len() <= LONGEST_DEVICE {
            true => Ok(Device(name)),
            false => Err("that is no name of an RDMA device".to_owned()),
        }
    }
}

/// The limits of a device, at least one.
#[derive(Deserialize)]
#[serde(try_from = "Object<Hca>")]
struct Limits {
    handles: Option<Bound>,
    objects: Option<Bound>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Hca {
    #[serde(default)]
    hca_handles: Option<u32>,
    #[serde(default)]
    hca_objects: Option<u32>,
}

impl TryFrom<Object<Hca>> for Limits {
    type Error = &'static str;

    fn try_from(Object(hca): Object<Hca>) -> Result<Self, Self::Error> {
        let at = |number: Option<u32>| number.map(|number| Bound::At(number.into()));
        match (at(hca.hca_handles), at(hca.hca_objects)) {
            (None, None) => Err("it has neither hcaHandles nor hcaObjects"),
            (handles, objects) => Ok(Limits { handles, objects }),
        }
    }
}

/// `unified`: control files of cgroup v2.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Unified(Entries<File, Lines>);

impl Unified {
    /// Each line of a value for itself: `io.max` takes one for each device, and one at a time.
    pub fn lines(self) -> Vec<(String, String)> {
        let files = self.0.0.into_iter();
        files.flat_map(|(file, lines)| lines.0.into_iter().map(move |line| (file.0.clone(), line))).collect()
    }
}

/// The name of a control file.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
#[serde(try_from = "String")]
struct File(String);

impl TryFrom<String> for File {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        check_name(&name).map(|()| File(name))
    }
}

/// What is written to it.
struct Lines(Vec<String>);

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        required(value, |text: String| {
            let lines = text.strip_suffix('\n').unwrap_or(&text).split('\n');
            let checked = lines.map(|line| check_line(line).map(|()| line.to_owned()));
            checked.collect::<Result<_, _>>().map(Lines).map_err(str::to_owned)
        })
    }
}
