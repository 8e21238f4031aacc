//! What a container that runs is given later: a group that it was started without, or a controller in one that it has.

use crate::journal::write_down;
use crate::probe;
use crate::record::{self, Record};
use ::cgroup::adopt::adopt;
use ::cgroup::{Controller, Group, Layout, Version, group};
use plan::cgroup::below;
use plan::{Container, Residue};
use rustix::fs::{rmdir, unlink};
use spec::catalogue::NO_GROUP;
use spec::error::{Error, Result, reason};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;

/// The group of the container in which `controller` is on, made or given it if need be.
///
/// # Errors
/// `NO_GROUP`.
pub(crate) fn group_with(container: &Container, controller: Controller) -> Result<Group> {
    let has = |group: &&Group| {
        group.controllers.contains(&controller) || controller.is_core() && group.version == Version::V2
    };
    if let Some(group) = container.groups.iter().find(has) {
        // Whoever made it may have been killed before all were in it.
        if group.version == Version::V1 {
            take_in(container, controller, group)?;
        }
        return Ok(group.clone());
    }
    if container.groups.is_empty() {
        return Err(refused(
            container,
            controller,
            "it has no control group, and its processes could not be told",
        ));
    }
    let layout = layout_of(container.init)?;
    if layout.v1_of(controller).is_some() {
        return in_v1(container, controller, &layout);
    }
    match container.groups.iter().find(|group| group.version == Version::V2) {
        Some(group) => in_v2(container, controller, group),
        None => Err(refused(container, controller, "no hierarchy of this host has it")),
    }
}

/// A group of v1 that the container was started without: below the one in which its processes are now, under the name that
/// its other groups have.
fn in_v1(container: &Container, controller: Controller, layout: &Layout) -> Result<Group> {
    let place = layout.v1_of(controller).and_then(|legacy| legacy.place.clone().ok());
    let Some(place) = place else {
        return Err(refused(container, controller, "its hierarchy is not mounted here"));
    };
    let name = container.groups.first().map_or(c"".into(), |group| name_of(&group.directory));
    let own = CString::new(place.own.as_os_str().as_bytes()).unwrap_or_default();
    // Somebody else may just have made it, and moved the first process there.
    let parent = if name_of(&own) == name { parent_of(&own) } else { own };
    let directory = below(&parent, &name.to_string_lossy());
    let group = Group { version: Version::V1, controllers: vec![controller], directory };
    let failed = |errno: sys::Errno| refused(container, controller, &reason(&errno));
    let link = write_down(&container.journal, &Residue::Group(group.directory.clone())).map_err(failed)?;
    made(&group.directory).map_err(failed)?;
    if controller == Controller::Cpuset {
        inherit(&parent, &group.directory).map_err(failed)?;
    }
    let known = note(container, &group, &link)?;
    // Whoever joins from now on joins this group as well; those before must be seen by the next call.
    record::wait_for_others(&known).map_err(failed)?;
    take_in(container, controller, &group)?;
    Ok(group)
}

/// Makes a group, which one may have made who was killed before it was in the record.
fn made(directory: &CStr) -> sys::Result<()> {
    match group::make(directory) {
        Err(sys::Errno::EXIST) => Ok(()),
        made => made,
    }
}

/// Moves all processes of the container into a group of v1, until none is outside.
fn take_in(container: &Container, controller: Controller, group: &Group) -> Result<()> {
    let taken = adopt(&container.groups, group);
    taken.map(drop).map_err(|error| refused(container, controller, &error.to_string()))
}

/// A new group of a cpuset has no CPUs and memory nodes, and takes nobody in (cpuset(7)).
fn inherit(parent: &CStr, directory: &CStr) -> sys::Result<()> {
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let value = std::fs::read(std::ffi::OsStr::new(&*below(parent, file).to_string_lossy()));
        let value = value.map_err(|error| sys::Errno::from_io_error(&error).unwrap_or(sys::Errno::IO))?;
        group::set(&below(directory, file), &value)?;
    }
    Ok(())
}

/// Another controller in the group of v2: the group above passes it on.
fn in_v2(container: &Container, controller: Controller, group: &Group) -> Result<Group> {
    let parent = parent_of(&group.directory);
    let control = below(&parent, "cgroup.subtree_control");
    let list = CString::new(format!("+{}", controller.name(Version::V2))).unwrap_or_default();
    let why = |errno: sys::Errno| match errno {
        sys::Errno::BUSY | sys::Errno::OPNOTSUPP => "the group above has processes of its own".to_owned(),
        sys::Errno::NOENT => "the group above does not have it itself".to_owned(),
        errno => reason(&errno),
    };
    let failed = |errno: sys::Errno| refused(container, controller, &why(errno));
    let link = write_down(&container.journal, &Residue::Enabled(control.clone())).map_err(failed)?;
    group::enable(&control, &list).map_err(failed)?;
    let mut group = group.clone();
    group.controllers.push(controller);
    note(container, &group, &link)?;
    Ok(group)
}

/// Adds a group to the record of its container; returns the file from before. If there is none any more, the container has
/// ended, and who undoes what was made for it may not have seen this one and its `link`.
fn note(container: &Container, group: &Group, link: &CStr) -> Result<File> {
    let noted =
        record::change(&container.journal, container.init, |record| record.container.set_group(group));
    if noted.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        let _gone_already = rmdir(&group.directory);
        let _gone_already = unlink(link);
    }
    noted.map_err(|error| unchanged(container, &error))
}

/// Changes the record of a container.
///
/// # Errors
/// `NO_GROUP`: it has ended, or its state directory is full.
pub(crate) fn change(container: &Container, change: impl FnOnce(&mut Record)) -> Result<()> {
    let changed = record::change(&container.journal, container.init, change);
    changed.map(drop).map_err(|error| unchanged(container, &error))
}

fn unchanged(container: &Container, error: &std::io::Error) -> Error {
    Error::new(NO_GROUP, format!("the record of {} cannot be changed", container.name))
        .why(reason(error))
        .fix("containerception ps shows whether it still runs; df whether there is room")
}

fn refused(container: &Container, controller: Controller, why: &str) -> Error {
    Error::new(NO_GROUP, format!("{} has no group with the {controller} controller", container.name))
        .why(why)
        .fix("start it with the limit at once, or with --cgroup-manager systemd where systemd runs")
}

/// Where the processes of a container are, in the hierarchies that are seen here.
fn layout_of(init: i32) -> Result<Layout> {
    let mountinfo = probe::read("/proc/self/mountinfo", 16 << 20)?;
    let cgroup = probe::read(&format!("/proc/{init}/cgroup"), 1 << 20)?;
    Ok(Layout::parse(&mountinfo, &cgroup))
}

fn name_of(directory: &CStr) -> CString {
    let name = directory.to_bytes().rsplit(|b| *b == b'/').next().unwrap_or_default();
    CString::new(name).unwrap_or_default()
}

fn parent_of(directory: &CStr) -> CString {
    let bytes = directory.to_bytes();
    let end = bytes.iter().rposition(|b| *b == b'/').unwrap_or(0);
    CString::new(bytes.get(..end).unwrap_or_default()).unwrap_or_default()
}
