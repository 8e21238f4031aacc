//! Changes the limits of a container that runs: all of them, or none.

use crate::devices;
use crate::diagnose::cgroup::set as diagnosed;
use crate::late;
use crate::probe;
use crate::prove;
use crate::record::{Limit, Record};
use crate::resident;
use crate::scope;
use ::cgroup::systemd::Weights;
use ::cgroup::{Controller, Group, group};
use plan::Container;
use plan::cgroup::{Proof, below};
use plan::limit::{self, Hierarchies, NotHeld, Refused, Setting, Wanted};
use spec::catalogue::{INTERNAL, LIMIT_REFUSED};
use spec::device::default_rules;
use spec::error::{Error, REPORT, Result};
use spec::resources::Memory;
use spec::{Bound, Resources};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use sys::Errno;

/// What came of other limits.
#[derive(Debug)]
pub struct Updated {
    /// Those that the container goes without, if the best effort will do.
    pub not_held: Vec<NotHeld>,
    /// Bytes that it took before it had a limit of memory, and that the one it has now does not count.
    pub uncounted: Option<u64>,
}

/// Gives the container of `record` the limits of `resources`.
///
/// # Errors
/// `NO_GROUP`, `LIMIT_REFUSED`, `LIMIT_NOT_HELD`: the limits are as they were.
pub fn update(record: &Record, resources: &Resources, best_effort: bool) -> Result<Updated> {
    let contradicts =
        || Error::new(INTERNAL, format!("the record of {} contradicts itself", record.name)).fix(REPORT);
    let container = record.container().ok_or_else(contradicts)?;
    let mut update = Update {
        container,
        best_effort,
        not_held: Vec::new(),
        uncounted: None,
        written: Vec::new(),
        weights: None,
    };
    let done = update.limits(resources).and_then(|limits| {
        update.devices(record, resources)?;
        Ok(limits)
    });
    match done {
        Ok(limits) => {
            late::change(&update.container, |record| note(record, limits, resources))?;
            Ok(Updated { not_held: update.not_held, uncounted: update.uncounted })
        }
        Err(error) => {
            update.take_back();
            Err(error)
        }
    }
}

/// Later limits take the place of earlier ones in the same file.
fn note(record: &mut Record, limits: Vec<Limit>, resources: &Resources) {
    for limit in limits {
        record.limits.retain(|known| known.file != limit.file || known.written.contains(':'));
        record.limits.push(limit);
    }
    if !resources.devices.is_empty() && record.devices.is_empty() {
        record.devices = default_rules().iter().map(|rule| (rule.allow, rule.to_string())).collect();
    }
    record.devices.extend(resources.devices.iter().map(|rule| (rule.allow, rule.to_string())));
}

/// v2 has quota and period in one line, and takes no period alone: the quota stays as it is.
fn with_quota(resources: &Resources, groups: &[(Controller, Group)]) -> Resources {
    let mut resources = resources.clone();
    let group = groups.iter().find(|(controller, _)| *controller == Controller::Cpu).map(|(_, group)| group);
    if let (None, Some(_), Some(group)) = (resources.cpu.quota, resources.cpu.period, group) {
        // v1 has no such file, and the period in one of its own.
        let file = below(&group.directory, "cpu.max");
        let shown = std::fs::read_to_string(OsStr::from_bytes(file.to_bytes())).unwrap_or_default();
        let quota = shown.split(' ').next().and_then(|quota| quota.parse().ok());
        resources.cpu.quota = quota.map(Bound::At);
    }
    resources
}

struct Update {
    container: Container,
    best_effort: bool,
    not_held: Vec<NotHeld>,
    uncounted: Option<u64>,
    /// What was in the files that were written.
    written: Vec<(CString, Vec<u8>)>,
    /// What the scope weighed before, if that was changed.
    weights: Option<Weights>,
}

impl Update {
    fn limits(&mut self, resources: &Resources) -> Result<Vec<Limit>> {
        let disks = probe::disks(resources)?;
        self.charges(resources)?;
        let groups = self.groups(resources)?;
        let version = |controller| {
            let found = groups.iter().find(|(known, _)| *known == controller);
            found
                .map(|(_, group)| group.version)
                .ok_or_else(|| "the container has no group with it".to_owned())
        };
        let resources = with_quota(resources, &groups);
        let mut wanted = limit::settings(&resources, &Hierarchies { version: &version, disks: &disks });
        limit::within(&probe::budget(), &mut wanted, |_| false);
        let mut settings = self.granted(wanted, &groups)?;
        self.write_all(&mut settings)?;
        self.weigh(&settings)?;
        self.prove(&settings)?;
        let scope = self.container.scope.as_ref();
        let limit = |(group, setting): &(Group, Setting)| Limit::of(&group.directory, setting, scope);
        Ok(settings.iter().map(limit).collect())
    }

    /// What the container has taken already is held by no limit of memory that it gets only now.
    fn charges(&mut self, resources: &Resources) -> Result<()> {
        if resources.memory == Memory::default() {
            return Ok(());
        }
        self.uncounted = resident::uncounted(&self.container);
        match (self.uncounted, resources.memory.max) {
            (Some(bytes), Some(Bound::At(max))) if bytes > max && !self.best_effort => {
                let why = format!(
                    "it took {} MiB while it had no limit of memory, and the kernel never counts them for this one",
                    bytes >> 20
                );
                Err(Error::new(LIMIT_REFUSED, "--memory cannot be held here").why(why).fix(
                    "give such a container one at its start, --memory -1 for no bound; or add --best-effort",
                ))
            }
            _ => Ok(()),
        }
    }

    /// The group for each controller that is needed.
    fn groups(&mut self, resources: &Resources) -> Result<Vec<(Controller, Group)>> {
        let mut groups = Vec::new();
        for controller in limit::controllers(resources) {
            match late::group_with(&self.container, controller) {
                Ok(group) => {
                    self.container.groups.retain(|known| known.directory != group.directory);
                    self.container.groups.push(group.clone());
                    groups.push((controller, group));
                }
                // The limits that need it are told one by one.
                Err(_) if self.best_effort => {}
                Err(error) => return Err(error),
            }
        }
        Ok(groups)
    }

    fn granted(
        &mut self,
        wanted: Vec<Wanted>,
        groups: &[(Controller, Group)],
    ) -> Result<Vec<(Group, Setting)>> {
        let mut settings = Vec::new();
        for wanted in wanted {
            match wanted {
                Ok(setting) => {
                    let group = groups.iter().find(|(controller, _)| *controller == setting.controller);
                    settings.extend(group.map(|(_, group)| (group.clone(), setting)));
                }
                Err(Refused { option, why, .. }) if self.best_effort => {
                    self.not_held.push(NotHeld { option, why })
                }
                Err(Refused { option, why, fix }) => {
                    let what = format!("{option} cannot be held here");
                    return Err(Error::new(LIMIT_REFUSED, what).why(why).fix(fix));
                }
            }
        }
        Ok(settings)
    }

    /// Some limits may not pass each other, as that of memory and that of memory and swap: one that is refused is tried
    /// again after the others.
    fn write_all(&mut self, settings: &mut Vec<(Group, Setting)>) -> Result<()> {
        let mut again = Vec::new();
        for (group, setting) in settings.iter() {
            if self.write(group, setting).is_err() {
                again.push((group.clone(), setting.clone()));
            }
        }
        for (group, setting) in again {
            match self.write(&group, &setting) {
                Ok(()) => {}
                Err((_, errno)) if self.best_effort => {
                    let why = spec::error::reason(&errno);
                    self.not_held.push(NotHeld { option: setting.option, why });
                    settings.retain(|(_, known)| *known != setting);
                }
                Err((file, errno)) => return Err(diagnosed(&file, &setting, errno.raw_os_error())),
            }
        }
        Ok(())
    }

    fn write(&mut self, group: &Group, setting: &Setting) -> std::result::Result<(), (CString, Errno)> {
        let Setting { file, value, .. } = setting;
        let file = below(&group.directory, file);
        let before = std::fs::read(OsStr::from_bytes(file.to_bytes())).unwrap_or_default();
        group::set(&file, value.as_bytes()).map_err(|errno| (file.clone(), errno))?;
        self.written.push((file, before));
        Ok(())
    }

    /// Has systemd give the scope the weights, if the container has one.
    fn weigh(&mut self, settings: &[(Group, Setting)]) -> Result<()> {
        let weights = limit::scope::weights(settings.iter().map(|(_, setting)| setting));
        match &self.container.scope {
            Some(scope) if weights != Weights::default() => {
                self.weights = Some(scope::weights(scope));
                scope::set_weights(scope, weights)
            }
            _ => Ok(()),
        }
    }

    fn prove(&mut self, settings: &[(Group, Setting)]) -> Result<()> {
        let proof = |(group, setting): &(Group, Setting)| Proof::of(setting, &group.directory, group.version);
        let weights = settings.iter().filter(|(_, setting)| limit::scope::is_weight(setting));
        let scope = self.container.scope.as_ref();
        let of_scope = scope.map(|scope| weights.map(|weight| proof(weight).in_scope(scope)));
        let proofs: Vec<Proof> = settings.iter().map(proof).chain(of_scope.into_iter().flatten()).collect();
        for proof in &proofs {
            match prove::not_held(proof) {
                None => {}
                Some(not_held) if self.best_effort => self.not_held.push(not_held),
                Some(not_held) => return Err(prove::error(&not_held)),
            }
        }
        Ok(())
    }

    fn devices(&mut self, record: &Record, resources: &Resources) -> Result<()> {
        if resources.devices.is_empty() {
            return Ok(());
        }
        let group = late::group_with(&self.container, Controller::Devices)?;
        let mut rules = record.rules().filter(|rules| !rules.is_empty()).unwrap_or_else(default_rules);
        rules.extend(resources.devices.iter().copied());
        devices::change(&group.directory, group.version, &rules).map_err(|errno| {
            Error::new(LIMIT_REFUSED, "--device-cgroup-rule cannot be held here")
                .why(spec::error::reason(&errno))
                .fix("containerception explain CX5003 tells what each limit needs")
        })
    }

    /// What has been written by now, the last first.
    fn take_back(&mut self) {
        if let (Some(scope), Some(weights)) = (&self.container.scope, self.weights) {
            let _as_far_as_it_goes = scope::set_weights(scope, weights);
        }
        for (file, before) in self.written.drain(..).rev() {
            // A file of lines shows one for each device, and takes one at a time.
            for line in before.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
                let _as_far_as_it_goes = group::set(&file, line);
            }
        }
    }
}
