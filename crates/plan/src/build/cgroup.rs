//! Decides which groups a container has, and how it is limited.

use super::{Builder, share};
use crate::cgroup::{Op, Proof, below, handle};
use crate::limit::{self, Hierarchies, NotHeld, Refused, Setting, Wanted, scope};
use crate::{Actor, Why, process};
use ::cgroup::devices::{program, v1};
use ::cgroup::{Controller, Hierarchy, Version};
use spec::catalogue::{LIMIT_REFUSED, PIDS_LIMIT_REFUSED};
use spec::device::default_rules;
use spec::error::{Error, Result};
use spec::{Bound, CgroupManager, Placement};
use std::ffi::{CStr, CString};

/// Makes the groups, and writes the limits.
///
/// # Errors
/// `LIMIT_REFUSED`, `PIDS_LIMIT_REFUSED` where one cannot be held: never silence, unless the best effort will do.
pub(crate) fn make(b: &mut Builder<'_>) -> Result<()> {
    let mut wanted = wanted(b);
    if b.facts.groups.version_of(Controller::Pids).is_none() {
        wanted.retain(|wanted| option_of(wanted) != "--pids-limit");
        bound_by_rlimit(b)?;
    }
    if !b.spec.resources.devices.is_empty() {
        wanted.extend(devices_refused(b).map(Err));
    }
    let settings = granted(b, wanted)?;
    if let Some(scope) = b.facts.groups.scope.clone() {
        b.note(format!("the control group is in a scope of systemd's, {}", scope.unit));
        let weights = scope::weights(&settings);
        b.step(Actor::Runtime, Op::Scope { scope, weights }, Why::Host("the groups here are systemd's"));
    }
    for hierarchy in b.facts.groups.hierarchies.clone() {
        make_group(b, &hierarchy);
        set_all(b, &hierarchy, &settings);
    }
    for hierarchy in b.facts.groups.hierarchies.clone() {
        share::hand_down(b, &hierarchy, &settings);
        share::keep(b, &hierarchy);
    }
    prove(b, &settings);
    Ok(())
}

fn wanted(b: &Builder<'_>) -> Vec<Wanted> {
    let groups = &b.facts.groups;
    let version = |controller| {
        let why = || groups.why_not(controller).unwrap_or("it is in no hierarchy").to_owned();
        groups.version_of(controller).ok_or_else(why)
    };
    let hierarchies = Hierarchies { version: &version, disks: &b.facts.disks };
    let mut all = limit::settings(&b.spec.resources, &hierarchies);
    limit::within(&b.facts.budget, &mut all, |setting| is_default(b, setting) || is_implied(b, setting));
    // What memory implies goes with it.
    if all.iter().any(|wanted| matches!(wanted, Err(Refused { option: "--memory", .. }))) {
        all.retain(|wanted| !matches!(wanted, Ok(setting) if is_implied(b, setting)));
    }
    // Who names the file has asked for something; the default has not.
    let is_named = |setting: &Setting| setting.option == "--cgroup-conf" && setting.file == "pids.max";
    if all.iter().flatten().any(is_named) {
        all.retain(|wanted| !matches!(wanted, Ok(setting) if !is_named(setting) && is_default(b, setting)));
    }
    all
}

/// Why rules for devices cannot be held, if they cannot.
fn devices_refused(b: &Builder<'_>) -> Option<Refused> {
    let option = option_of_devices(b);
    let (rules, groups) = (&b.spec.resources.devices, &b.facts.groups);
    let refused = |why: String, fix| Some(Refused { option, why, fix });
    if !(b.facts.caller.initial && b.facts.caller.can_mount) {
        let fix = match option {
            "--device" => "show the device without :r, :w, where its mode decides; or do so as root",
            _ => "leave it out: a user namespace can make no device anyway (mknod(2))",
        };
        return refused("the kernel takes rules for devices from the host's root only".to_owned(), fix);
    }
    match groups.version_of(Controller::Devices) {
        None => {
            let why = groups.why_not(Controller::Devices).unwrap_or("no hierarchy has it").to_owned();
            refused(why, "leave it out; containerception doctor shows where groups can be made")
        }
        Some(Version::V1) => {
            let not_held = v1::writes(rules).err()?;
            refused(not_held.to_string(), "write rules that take back nothing of an earlier one")
        }
        Some(Version::V2) => {
            let not_held = program::compile(rules).err()?;
            refused(not_held.to_string(), "write fewer rules, with * for what they have in common")
        }
    }
}

/// The option that asks for rules: that for the rules themselves, or that which shows a device in part.
fn option_of_devices(b: &Builder<'_>) -> &'static str {
    let shown = b.spec.volumes.iter().filter(|volume| volume.device).count();
    if b.spec.resources.devices.len() > default_rules().len() + shown {
        "--device-cgroup-rule"
    } else {
        "--device"
    }
}

fn option_of(wanted: &Wanted) -> &'static str {
    match wanted {
        Ok(setting) => setting.option,
        Err(refused) => refused.option,
    }
}

/// Those limits that can be had; the first that cannot is an error, or all are told.
fn granted(b: &mut Builder<'_>, wanted: Vec<Wanted>) -> Result<Vec<Setting>> {
    let mut settings = Vec::new();
    for wanted in wanted {
        match wanted {
            Ok(setting) => settings.push(setting),
            Err(Refused { option, why, .. }) if b.spec.best_effort => {
                b.not_held.push(NotHeld { option, why })
            }
            Err(Refused { option, why, fix }) => {
                return Err(Error::new(LIMIT_REFUSED, format!("{option} cannot be held here"))
                    .why(why)
                    .fix(fix));
            }
        }
    }
    Ok(settings)
}

/// RLIMIT_NPROC, which binds who is not root.
fn bound_by_rlimit(b: &mut Builder<'_>) -> Result<()> {
    let Some(limit) = b.spec.processes() else { return Ok(()) };
    let why = b.facts.groups.why_not(Controller::Pids).unwrap_or("it was not looked for").to_owned();
    if let Some(option) = placed(&b.spec.groups).filter(|_| !b.spec.best_effort) {
        return Err(Error::new(LIMIT_REFUSED, format!("{option} cannot be had here"))
            .why(why)
            .fix("leave it out; containerception doctor shows where groups can be made"));
    }
    if b.ids.is_none() && !b.spec.best_effort {
        return Err(Error::new(
            PIDS_LIMIT_REFUSED,
            format!("the container cannot be held at {limit} processes"),
        )
        .why(format!("no control group can be made here ({why}), and RLIMIT_NPROC does not bind root"))
        .fix("leave out --userns host or --pass 4, or say --pids-limit -1 to run without this limit"));
    }
    if b.ids.is_none() {
        let why = format!("no control group can be made here ({why})");
        b.not_held.push(NotHeld { option: "--pids-limit", why });
        return Ok(());
    }
    b.note(format!(
        "no control group ({why}): RLIMIT_NPROC holds the number of processes at {limit} instead"
    ));
    let present = b.facts.processes;
    let op = process::Op::LimitBeforeClone { limit: present.saturating_add(limit), present };
    b.step(Actor::Runtime, op, Why::Host("no control group can be made here"));
    Ok(())
}

/// The option by which somebody says where the group is to be.
fn placed(groups: &Placement) -> Option<&'static str> {
    match (&groups.parent, groups.manager) {
        (Some(_), _) => Some("--cgroup-parent"),
        (None, CgroupManager::Systemd | CgroupManager::Cgroupfs) => Some("--cgroup-manager"),
        (None, CgroupManager::Auto) => None,
    }
}

fn make_group(b: &mut Builder<'_>, hierarchy: &Hierarchy) {
    let Hierarchy { version, controllers, parents, parent, directory, enable, threaded, aside, .. } =
        hierarchy;
    for above in parents {
        b.step(Actor::Runtime, Op::MakeParent { directory: above.clone() }, Why::Asked("--cgroup-parent"));
        for setting in inherited(hierarchy, &[]) {
            set(b, above, setting, Why::Host(EMPTY));
        }
        pass_on(b, above, enable);
    }
    if let Some(directory) = aside.clone() {
        let why = Why::Host("a group of v2 with processes passes on few controllers");
        b.step(Actor::Runtime, Op::StepAside { directory }, why);
    }
    // One that was just made does so by now.
    if parents.is_empty() {
        pass_on(b, parent, enable);
    }
    let slot = b.slot();
    b.groups.push((*version, slot));
    let op = Op::Make {
        directory: directory.clone(),
        version: *version,
        controllers: controllers.clone(),
        below: share::groups_below(b, hierarchy),
        threaded: threaded.then(|| below(directory, "cgroup.type")),
        join: handle(directory, *version),
        slot,
    };
    b.step(Actor::Runtime, op, Why::Container);
}

/// Lets the groups below `above` have controllers.
fn pass_on(b: &mut Builder<'_>, above: &CStr, controllers: &[Controller]) {
    if controllers.is_empty() {
        return;
    }
    let (file, controllers) = (below(above, "cgroup.subtree_control"), list(controllers));
    b.step(Actor::Runtime, Op::Enable { file, controllers }, Why::Host("they are not passed on yet"));
}

/// Controllers as `cgroup.subtree_control` takes them.
pub(super) fn list(controllers: &[Controller]) -> CString {
    let names: Vec<String> =
        controllers.iter().map(|controller| format!("+{}", controller.name(Version::V2))).collect();
    CString::new(names.join(" ")).unwrap_or_default()
}

/// The limits of the controllers that are on in a hierarchy.
fn set_all(b: &mut Builder<'_>, hierarchy: &Hierarchy, settings: &[Setting]) {
    // With the best effort, what is asked for may come to nothing: all CPUs are better than none.
    let certain = if b.spec.best_effort { &[] } else { settings };
    for setting in inherited(hierarchy, certain) {
        set(b, &hierarchy.directory, setting, Why::Host(EMPTY));
    }
    if hierarchy.controllers.contains(&Controller::Devices) {
        devices(b, hierarchy);
    }
    for setting in settings.iter().filter(|setting| hierarchy.controllers.contains(&setting.controller)) {
        let why = match () {
            () if is_default(b, setting) => Why::Container,
            () if is_implied(b, setting) => Why::Asked("--memory"),
            () => Why::Asked(setting.option),
        };
        set(b, &hierarchy.directory, setting.clone(), why);
    }
}

fn devices(b: &mut Builder<'_>, hierarchy: &Hierarchy) {
    let (directory, version) = (hierarchy.directory.clone(), hierarchy.version);
    let op = Op::Devices { directory, version, rules: b.spec.resources.devices.clone() };
    let option = option_of_devices(b);
    // Where nothing was asked for, root inside is the host's.
    let why = if b.ids.is_none() { Why::Rule("R3") } else { Why::Asked(option) };
    if b.spec.best_effort {
        b.step_otherwise(Actor::Runtime, op, why, NOT_HAD, Op::Forgo { option });
    } else {
        b.step(Actor::Runtime, op, why);
    }
}

fn is_default(b: &Builder<'_>, setting: &Setting) -> bool {
    setting.file == "pids.max" && has_default_pids(b)
}

pub(super) fn has_default_pids(b: &Builder<'_>) -> bool {
    b.spec.resources.pids == Some(Bound::At(spec::limit::DEFAULT_PIDS.into()))
}

/// Why a cpuset of v1 is given what it could have as well by itself (cpuset(7)).
pub(super) const EMPTY: &str = "a new group of v1 has no CPUs and memory nodes";

/// On v1, what of a cpuset is not asked for is that of the group above; else nobody could join (cpuset(7)).
pub(super) fn inherited(hierarchy: &Hierarchy, settings: &[Setting]) -> Vec<Setting> {
    let Some(cpuset) = &hierarchy.cpuset else { return Vec::new() };
    let files = ["cpuset.cpus", "cpuset.mems"];
    let given = |file: &str| settings.iter().any(|setting| setting.file == file);
    let setting = |(file, value): (&str, &String)| Setting {
        option: "--cpuset-cpus",
        words: format!("take over {file} from the group above: {value}"),
        controller: Controller::Cpuset,
        file: file.to_owned(),
        value: value.clone(),
    };
    files.into_iter().zip(cpuset).filter(|(file, _)| !given(file)).map(setting).collect()
}

/// The errnos of a limit that this kernel does not have, or does not take: no such file; a value that is out of its range;
/// not in a threaded group; not for this caller.
const NOT_HAD: &[i32] = &[
    libc::ENOENT,
    libc::EINVAL,
    libc::ERANGE,
    libc::EOPNOTSUPP,
    libc::ENODEV,
    libc::EACCES,
    libc::EPERM,
    libc::EBUSY,
    libc::EIO,
];

pub(super) fn set(b: &mut Builder<'_>, directory: &CStr, setting: Setting, why: Why) {
    let file = below(directory, &setting.file);
    let option = setting.option;
    let implied = is_implied(b, &setting);
    let op = Op::Set { file, setting };
    if implied {
        // A kernel that counts no swap has none to be held (CONFIG_SWAP, swapaccount=0).
        b.step_otherwise(Actor::Runtime, op, why, &[libc::ENOENT], Op::Forgo { option });
    } else if b.spec.best_effort {
        b.step_otherwise(Actor::Runtime, op, why, NOT_HAD, Op::Forgo { option });
    } else {
        b.step(Actor::Runtime, op, why);
    }
}

/// Whether it is twice the memory, which --memory alone implies.
fn is_implied(b: &Builder<'_>, setting: &Setting) -> bool {
    let memory = &b.spec.resources.memory;
    let twice = match memory.max {
        Some(Bound::At(bytes)) => Some(Bound::At(bytes.saturating_mul(2))),
        _ => None,
    };
    setting.option == "--memory-swap" && memory.with_swap == twice
}

/// Reads all limits back.
fn prove(b: &mut Builder<'_>, settings: &[Setting]) {
    let proof = |setting: &Setting| {
        let hierarchy = b.facts.groups.hierarchy_of(setting.controller)?;
        Some(Proof::of(setting, &hierarchy.directory, hierarchy.version))
    };
    let mut proofs: Vec<Proof> = settings.iter().filter_map(proof).collect();
    if let Some(scope) = &b.facts.groups.scope {
        let weights = settings.iter().filter(|setting| scope::is_weight(setting));
        let of_scope: Vec<Proof> = weights.filter_map(proof).map(|proof| proof.in_scope(scope)).collect();
        proofs.extend(of_scope);
    }
    if !proofs.is_empty() {
        let best_effort = b.spec.best_effort;
        b.step(
            Actor::Runtime,
            Op::Prove { proofs, best_effort },
            Why::SoThat("what was asked for is what is held"),
        );
    }
}

/// The clone joins where the kernel did not do it at birth, and then hides what lies above.
pub(crate) fn join(b: &mut Builder<'_>) {
    let slots: Vec<_> =
        b.groups.iter().filter(|(version, _)| *version == Version::V1).map(|(_, slot)| *slot).collect();
    if !slots.is_empty() {
        b.step(Actor::Init, Op::Join { slots }, Why::Container);
    }
    if b.spec.namespaces.cgroup {
        b.step(Actor::Init, Op::Namespace, Why::Rule("R15"));
    }
    share::enter_payload(b);
}
