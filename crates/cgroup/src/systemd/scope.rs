//! A scope: started, joined by others, found.
//!
//! What can be built on, as root and as a user, private socket or bus, with systemd 252 and Linux 6.12
//! (`tests/systemd.rs`):
//!
//! - The group of a scope is ours below its top. Who is in it moves to a leaf first, and then passes controllers
//!   on ("no internal processes"). Limits of groups below it survive `daemon-reload` and `daemon-reexec`; what
//!   is written into the scope's own group does not: `daemon-reload` takes it back.
//! - When all processes are gone, systemd removes the group with all groups below it, within some milliseconds,
//!   and forgets the unit. A slice that it made for the scope stays.
//! - A user's processes come from a login session, in a group of root's, which they may not leave by themselves:
//!   the user's systemd has PID 1 move them. So the way into a scope is always a question to systemd.
//! - The talk is the least of it: in an emulated machine a question with its answer takes 0.5 ms, to be let in
//!   15 ms, a start 50 to 100 ms.

use std::time::{Duration, Instant};

use super::call::Call;
use super::connection::{Connection, to_bus};
use super::job::{self, INTERFACE, PATH};
use super::wire::Writer;
use super::{Failure, Manager, name};

const SYSTEMD: &str = "org.freedesktop.systemd1";

/// The longest that looking for a manager takes. While it reads its units again, which may be seconds, it hears
/// nobody.
const LOOK: Duration = Duration::from_secs(10);

/// A scope that is to be.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Its name, with `.scope`.
    pub unit: &'a str,
    /// The slice that it is in, with `.slice`; systemd makes it where it is not there.
    pub slice: &'a str,
    /// What people see in lists, of one line.
    pub description: &'a str,
    /// Who is moved into it; 0 is the caller, as the kernel tells systemd, so also from another PID namespace.
    /// The scope ends when the process and all that it has started there are gone.
    pub pid: u32,
    /// What its group may limit and pass on: of `cpu`, `cpuset`, `io`, `memory` and `pids`. systemd 252 knows no
    /// others that v2 has, as `hugetlb`, and refuses them. One that the manager was not given itself is left out
    /// without a word, as `io` usually is for a user; and others may be there because a neighbour has them. So
    /// `cgroup.controllers` of the group tells what was obtained.
    pub controllers: &'a [&'a str],
    /// What it gets of what is short, compared with the units beside it.
    pub weights: Weights,
}

/// What a unit gets of what is short, compared with the units beside it in its slice (`systemd.resource-control(5)`,
/// CPUWeight= and IOWeight=). A weight of a group below the unit's own would be compared with nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weights {
    /// 1 to 10000, where others have 100; or [`Weights::IDLE`].
    pub cpu: Option<u64>,
    /// 1 to 10000, where others have 100.
    pub io: Option<u64>,
}

impl Weights {
    /// Only what nobody else wants (systemd 252).
    pub const IDLE: u64 = 0;
    /// As if nothing had been said (`CGROUP_WEIGHT_INVALID` of systemd's).
    pub const USUAL: u64 = u64::MAX;

    fn properties(&self, all: &mut Writer) {
        for (name, weight) in [("CPUWeight", self.cpu), ("IOWeight", self.io)] {
            if let Some(weight) = weight {
                property(all, name, "t", |value| value.u64(weight));
            }
        }
    }
}

/// Whether a manager is there and hears us; else why not, for people. Only looks.
///
/// An ordinary user reaches the one of the system by its bus, and is refused later, when a scope is to be
/// started.
///
/// # Errors
///
/// The cause.
pub fn reachable(manager: Manager) -> Result<(), String> {
    let look = || {
        let mut connection = Connection::open(manager, Instant::now() + LOOK)?;
        if connection.bus && !has_owner(&mut connection)? {
            return Err(Failure::Unreachable("there is a bus, but systemd is not on it".into()));
        }
        Ok(())
    };
    look().map_err(|failure: Failure| failure.to_string())
}

/// There are buses without systemd, as in a container.
fn has_owner(connection: &mut Connection) -> Result<bool, Failure> {
    let answer =
        connection.call(Call { signature: "s", body: texts(&[SYSTEMD]), ..to_bus("NameHasOwner") })?;
    Ok(answer.body("b")?.u32()? == 1)
}

/// Starts a scope, and waits until its process is in it. `patience` is for all of it.
///
/// The properties say that the group is ours to arrange, with just these controllers (`DelegateControllers`
/// implies `Delegate`, which alone would mean all), that no default limit of the host's stands above ours
/// (`TasksMax`), and that a scope which failed does not stay in the way of the next with its name
/// (`CollectMode`). `DefaultDependencies` stays as it is, yes: when the host shuts down, containers end before
/// what they stand on. A process of ours that the kernel kills for want of memory does not end the scope: with
/// delegation `OOMPolicy` is `continue`.
///
/// # Errors
///
/// [`Failure`]. UnitExists: there is a scope of that name. After [`Failure::Time`] and [`Failure::Lost`] the
/// scope may start nevertheless.
pub fn start(manager: Manager, scope: &Scope<'_>, patience: Duration) -> Result<(), Failure> {
    scope.check()?;
    let mut connection = Connection::open(manager, Instant::now() + patience)?;
    start_by(&mut connection, scope)
}

fn start_by(connection: &mut Connection, scope: &Scope<'_>) -> Result<(), Failure> {
    if connection.bus {
        connection.call(Call { signature: "s", body: texts(&[job::ENDED]), ..to_bus("AddMatch") })?;
        connection.call(to_manager("Subscribe", "", Writer::default()))?;
    }
    let serial = connection.send(to_manager("StartTransientUnit", "ssa(sv)a(sa(sv))", scope.arguments()))?;
    job::wait(connection, serial)
}

/// Moves a process into a group of a unit: into `subgroup` below the unit's own, or that itself (""). It is for
/// those who may not move it themselves: a user's login session is root's, and so is the group above it and the
/// unit. For `pid` see [`Scope::pid`].
///
/// # Errors
///
/// [`Failure`]. FileNotFound: there is no such subgroup. InvalidArgs: the unit is not delegated, or does not
/// run.
pub fn attach(
    manager: Manager,
    unit: &str,
    subgroup: &str,
    pid: u32,
    patience: Duration,
) -> Result<(), Failure> {
    name::interface(unit)?;
    let mut arguments = texts(&[unit, &name::subgroup(subgroup)?]);
    arguments.array(4, |pids| pids.u32(pid));
    let mut connection = Connection::open(manager, Instant::now() + patience)?;
    connection.call(to_manager("AttachProcessesToUnit", "ssau", arguments)).map(drop)
}

/// Changes the weights of a unit that is loaded, until it ends; those that are not told stay.
///
/// # Errors
///
/// [`Failure`]. NoSuchUnit: it is not loaded. InvalidArgs: a weight is out of its range.
pub fn set_weights(
    manager: Manager,
    unit: &str,
    weights: Weights,
    patience: Duration,
) -> Result<(), Failure> {
    name::interface(unit)?;
    let mut arguments = texts(&[unit]);
    // Not for the next unit of this name.
    arguments.bool(true);
    arguments.array(8, |properties| weights.properties(properties));
    let mut connection = Connection::open(manager, Instant::now() + patience)?;
    connection.call(to_manager("SetUnitProperties", "sba(sv)", arguments)).map(drop)
}

/// The group of a unit that is loaded, below the mount point, with a slash before it. Nothing for `-.slice` of
/// the system, and for a unit that has no group, as a slice without members.
///
/// # Errors
///
/// [`Failure`]. NoSuchUnit: it is not loaded.
pub fn control_group(manager: Manager, unit: &str, patience: Duration) -> Result<String, Failure> {
    let interface = name::interface(unit)?;
    let mut connection = Connection::open(manager, Instant::now() + patience)?;
    control_group_by(&mut connection, unit, interface)
}

fn control_group_by(connection: &mut Connection, unit: &str, interface: &str) -> Result<String, Failure> {
    let found = connection.call(to_manager("GetUnit", "s", texts(&[unit])))?;
    let answer = connection.call(Call {
        path: found.body("o")?.object_path()?,
        interface: "org.freedesktop.DBus.Properties",
        ..to_manager("Get", "ss", texts(&[interface, "ControlGroup"]))
    })?;
    let mut value = answer.body("v")?;
    value.variant("s")?;
    Ok(value.string()?.to_owned())
}

impl Scope<'_> {
    fn check(&self) -> Result<(), Failure> {
        name::check_scope(self.unit)?;
        name::check_slice(self.slice)?;
        name::check_description(self.description)?;
        self.controllers.iter().try_for_each(|controller| name::check_controller(controller))
    }

    /// `fail`: if a job for the unit is under way, that goes on. No further units come along.
    fn arguments(&self) -> Writer {
        let mut arguments = texts(&[self.unit, "fail"]);
        arguments.array(8, |properties| self.properties(properties));
        arguments.array(8, |_units| ());
        arguments
    }

    fn properties(&self, all: &mut Writer) {
        property(all, "Description", "s", |value| value.string(self.description));
        property(all, "Slice", "s", |value| value.string(self.slice));
        property(all, "PIDs", "au", |value| value.array(4, |pids| pids.u32(self.pid)));
        property(all, "DelegateControllers", "as", |value| {
            value.array(4, |names| self.controllers.iter().for_each(|name| names.string(name)));
        });
        property(all, "TasksMax", "t", |value| value.u64(u64::MAX));
        property(all, "CollectMode", "s", |value| value.string("inactive-or-failed"));
        self.weights.properties(all);
    }
}

/// `(sv)`
fn property(all: &mut Writer, name: &str, signature: &str, value: impl FnOnce(&mut Writer)) {
    all.align(8);
    all.string(name);
    all.variant(signature, value);
}

/// A call of the manager.
fn to_manager<'a>(member: &'a str, signature: &'a str, body: Writer) -> Call<'a> {
    Call { destination: SYSTEMD, path: PATH, interface: INTERFACE, member, signature, body }
}

fn texts(texts: &[&str]) -> Writer {
    let mut body = Writer::default();
    texts.iter().for_each(|text| body.string(text));
    body
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
