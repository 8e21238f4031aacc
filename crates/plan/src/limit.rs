//! Limits as the kernel takes them: which file of a group is given which value, and what it then must show.

mod budget;
mod cpu;
mod io;
mod memory;
mod other;
pub mod scope;
mod shown;

pub use budget::within;
pub use io::{Disks, Numbers};
pub use shown::{effective, is_held};

use crate::tell::show;
use ::cgroup::{Controller, Version};
use spec::resources::{Bound, Resources};
use std::ffi::CStr;

/// One value for one file of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The option that asks for it.
    pub option: &'static str,
    /// What it does, as the title of its step.
    pub words: String,
    /// Whose file it is.
    pub controller: Controller,
    /// The name of the file.
    pub file: String,
    /// What is written.
    pub value: String,
}

/// A limit that cannot be had here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The option that asks for it.
    pub option: &'static str,
    /// Why not.
    pub why: String,
    /// What to do.
    pub fix: &'static str,
}

/// A limit that was asked for and is not held, where the best effort will do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotHeld {
    /// The option that asked for it.
    pub option: &'static str,
    /// Why not.
    pub why: String,
}

/// A limit as it comes out, for one who asks.
pub type Wanted = Result<Setting, Refused>;

/// What the limits depend on.
pub struct Hierarchies<'a> {
    /// In which version a controller is on; or why it is not.
    pub version: &'a dyn Fn(Controller) -> Result<Version, String>,
    /// What the disks do about limits.
    pub disks: &'a Disks,
}

/// All that `resources` asks for, in the order in which it must be written.
pub fn settings(resources: &Resources, hierarchies: &Hierarchies<'_>) -> Vec<Wanted> {
    let mut all = Settings { hierarchies, wanted: Vec::new() };
    memory::add(&mut all, &resources.memory);
    cpu::add(&mut all, &resources.cpu);
    io::add(&mut all, &resources.io);
    other::add(&mut all, resources);
    all.wanted
}

/// The controllers that `resources` needs, on a host where v2 has a file of that name.
pub fn controllers(resources: &Resources) -> Vec<Controller> {
    let Resources { memory, cpu, io, pids, hugetlb, rdma, devices, unified } = resources;
    let no_sets = spec::resources::Cpu { cpus: None, mems: None, ..cpu.clone() };
    let mut wanted = Vec::new();
    for (controller, is_wanted) in [
        (Controller::Memory, *memory != Default::default()),
        (Controller::Cpu, no_sets != Default::default()),
        (Controller::Cpuset, no_sets != *cpu),
        (Controller::Io, *io != Default::default()),
        (Controller::Pids, pids.is_some()),
        (Controller::Hugetlb, !hugetlb.is_empty()),
        (Controller::Rdma, !rdma.is_empty()),
        (Controller::Devices, !devices.is_empty()),
    ] {
        if is_wanted {
            wanted.push(controller);
        }
    }
    wanted.extend(unified.iter().filter_map(|(key, _)| of_file(key)));
    wanted
}

/// The controller whose file `key` is.
fn of_file(key: &str) -> Option<Controller> {
    Controller::named(key.split('.').next()?, Version::V2)
}

/// The limits in the making.
struct Settings<'a> {
    hierarchies: &'a Hierarchies<'a>,
    wanted: Vec<Wanted>,
}

/// The names of a file on both versions; `None` where a version has none.
type Files = [Option<&'static str>; 2];

impl Settings<'_> {
    /// Where a controller is on; where it is not, the limit is refused.
    fn version(&mut self, option: &'static str, controller: Controller) -> Option<Version> {
        match (self.hierarchies.version)(controller) {
            Ok(version) => Some(version),
            Err(why) => {
                let why = format!("the {controller} controller cannot be had: {why}");
                self.refuse(
                    option,
                    why,
                    "leave it out; containerception doctor shows where groups can be made",
                );
                None
            }
        }
    }

    fn refuse(&mut self, option: &'static str, why: impl Into<String>, fix: &'static str) {
        self.wanted.push(Err(Refused { option, why: why.into(), fix }));
    }

    /// One file with one value; the same one on both versions.
    fn file(
        &mut self,
        option: &'static str,
        controller: Controller,
        [v1, v2]: Files,
        words: impl Into<String>,
        value: impl ToString,
    ) {
        let Some(version) = self.version(option, controller) else { return };
        let (file, other) = if version == Version::V1 { (v1, v2) } else { (v2, v1) };
        match file {
            Some(file) => {
                let (words, file, value) = (words.into(), file.to_owned(), value.to_string());
                self.wanted.push(Ok(Setting { option, words, controller, file, value }));
            }
            None => self.refuse(option, lacks(version, controller, other.unwrap_or(option)), "leave it out"),
        }
    }
}

/// Why a controller of this version does not hold what a file of the other version holds.
fn lacks(version: Version, controller: Controller, file: &str) -> String {
    match version {
        Version::V1 => format!(
            "{file} is a file of cgroup v2, and here the {controller} controller is in a hierarchy of v1"
        ),
        Version::V2 => format!("{file} is a file of cgroup v1, and v2 has none for it"),
    }
}

/// A bound as its file has it.
fn written(bound: Bound, version: Version) -> String {
    match (bound, version) {
        (Bound::At(number), _) => number.to_string(),
        (Bound::Unlimited, Version::V1) => "-1".to_owned(),
        (Bound::Unlimited, Version::V2) => "max".to_owned(),
    }
}

/// "hold WHAT at AMOUNT", or that it is lifted.
fn hold(what: &str, bound: Bound, unit: fn(u64) -> String) -> String {
    match bound {
        Bound::At(number) => format!("hold {what} at {}", unit(number)),
        Bound::Unlimited => format!("set no bound to {what}"),
    }
}

/// Bytes, as a person reads them.
pub fn size(bytes: u64) -> String {
    let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    whole.map_or_else(|| format!("{bytes} bytes"), |(shift, unit)| format!("{} {unit}", bytes >> shift))
}

/// The last part of a path: the name of a file of a group.
pub fn name_of(path: &CStr) -> String {
    let path = show(path);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
