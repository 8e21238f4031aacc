//! From what was typed to what the container should be.

use crate::commands::resources::resources;
use crate::options::{Fixed, Run};
use spec::catalogue::{BAD_DEVICE, BAD_SECURITY_OPTION, CONFLICT, NO_TERMINAL};
use spec::device::{Device, Kind, Rule, default_rules};
use spec::error::{Error, Result, reason};
use spec::limit::memory;
use spec::near::nearest;
use spec::{
    Bound, Capabilities, CgroupManager, CgroupParent, HostName, Name, Namespaces, Placement, Resources,
    Rlimit, Root, Spec, Storage, Tmpfs, User, Volume, limit, text,
};
use std::ffi::{CString, OsStr};
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// The PATH of a container, as docker sets it.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The same and, last, where the program is found that starts containers inside.
fn path(options: &Run) -> String {
    if options.no_nest { PATH.to_owned() } else { format!("{PATH}:{}", plan::nest::PROGRAMS) }
}

/// The spec of `options`.
///
/// # Errors
/// The first option that is not well-formed, or contradicts another.
pub fn spec(options: &Run) -> Result<Spec> {
    let security = security(options)?;
    let namespaces =
        Namespaces { user: options.userns == "private", net: options.network == "none", ..Namespaces::ALL };
    let hostname = options.hostname.as_deref().map_or_else(|| Ok(HostName::default()), HostName::parse)?;
    let root = root(options)?;
    if options.step && !std::io::stdin().is_terminal() {
        return Err(Error::new(NO_TERMINAL, "--step asks at a terminal, and stdin is none")
            .fix("run it in a terminal; --explain=3 tells the steps without asking"));
    }
    // Who goes step by step needs the caller's own terminal until the end.
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal() && !options.step;
    let whole = Spec {
        name: options.name.as_deref().map(Name::parse).transpose()?,
        command: options.command.iter().map(|word| text::c_string(word)).collect::<Result<_>>()?,
        environment: environment(options, &hostname, terminal)?,
        workdir: text::workdir(options.workdir.as_deref().unwrap_or(OsStr::new("/")))?,
        user: options.user.as_deref().map_or(Ok(User::ROOT), User::parse)?,
        hostname,
        root,
        read_only: options.read_only,
        storage: storage(options)?,
        volumes: volumes(options)?,
        tmpfs: options.tmpfs.iter().map(|tmpfs| Tmpfs::parse(tmpfs)).collect::<Result<_>>()?,
        shm: options.fixed.shm_size.as_deref().map_or(Ok(limit::DEFAULT_SHM), limit::size)?,
        namespaces,
        init: !options.no_init,
        resources: limits(options)?,
        groups: placement(&options.fixed)?,
        rlimits: options.fixed.ulimit.iter().map(|text| Rlimit::parse(text)).collect::<Result<_>>()?,
        oom_score: options.fixed.oom_score_adj.as_deref().map(memory::oom_score_adj).transpose()?,
        best_effort: options.limits.best_effort,
        capabilities: Some(capabilities(options)?),
        no_new_privileges: security.no_new_privileges,
        filter: security.filter,
        nest: !options.no_nest,
        terminal,
        narrate: options.explain.is_some() && !options.dry_run,
    };
    match options.pass {
        None => Ok(whole),
        Some(pass) => lesson(whole, pass, options),
    }
}

/// What the passes of the lesson leave out of a whole container.
fn lesson(whole: Spec, pass: u8, options: &Run) -> Result<Spec> {
    comes_later(pass, options)?;
    let host_files = pass <= 2;
    if pass == 5 {
        return Ok(whole);
    }
    let three = Namespaces { uts: true, pid: true, mount: true, ..Namespaces::NONE };
    let mut part = Spec {
        namespaces: match pass {
            1 => Namespaces::NONE,
            4 => Namespaces { cgroup: true, ..three },
            _ => three,
        },
        root: if host_files { Root::Host } else { whole.root },
        init: whole.init && pass > 1,
        resources: if pass == 4 { whole.resources } else { Resources::default() },
        capabilities: None,
        no_new_privileges: false,
        filter: false,
        terminal: whole.terminal && !host_files,
        ..whole
    };
    if host_files {
        part.environment = own_environment(options)?;
    }
    Ok(part)
}

/// Refuses an option whose part of the lesson is still to come: it would have no effect.
fn comes_later(pass: u8, options: &Run) -> Result<()> {
    let given = [
        (options.hostname.is_some(), "--hostname", 2),
        (options.rootfs.is_some(), "--rootfs", 3),
        (!options.volume.is_empty(), "-v", 3),
        (!options.tmpfs.is_empty(), "--tmpfs", 3),
        (options.read_only, "--read-only", 3),
        (!options.storage_opt.is_empty(), "--storage-opt", 3),
        (options.fixed.shm_size.is_some(), "--shm-size", 3),
        (options.workdir.is_some(), "-w", 3),
        (options.limits.pids_limit.is_some(), "--pids-limit", 4),
        (options.limits.memory.is_some(), "--memory", 4),
        (options.limits.cpus.is_some(), "--cpus", 4),
        (!options.cap_add.is_empty(), "--cap-add", 5),
        (!options.cap_drop.is_empty(), "--cap-drop", 5),
        (!options.security_opt.is_empty(), "--security-opt", 5),
        (options.no_nest, "--no-nest", 5),
    ];
    match given.iter().find(|(given, _, first)| *given && pass < *first) {
        None => Ok(()),
        Some((_, option, first)) => {
            Err(Error::new(CONFLICT, format!("{option} has no effect yet in pass {pass}"))
                .fix(format!("what it is about comes with --pass {first}")))
        }
    }
}

/// The caller's own environment, with what -e says: the first passes hide nothing.
fn own_environment(options: &Run) -> Result<Vec<CString>> {
    let own = std::env::vars_os().map(|(name, value)| {
        let mut entry = name;
        entry.push("=");
        entry.push(value);
        text::c_string(&entry)
    });
    own.chain(options.env.iter().filter_map(|entry| environment_of(entry).transpose())).collect()
}

/// The limits: of processes always, of devices where root inside is the host's root or one is shown in part, and what was
/// asked for.
fn limits(options: &Run) -> Result<Resources> {
    let mut all = resources(&options.limits)?;
    all.pids = all.pids.or(Some(Bound::At(limit::DEFAULT_PIDS.into())));
    let hosts_root = options.userns == "host" && options.pass.is_none_or(|pass| pass == 5);
    let asked = std::mem::take(&mut all.devices);
    let shown: Vec<Rule> =
        options.device.iter().map(|device| rule_of(&Device::parse(device)?)).collect::<Result<_>>()?;
    // What else it could be opened for, the mode of the file may allow.
    let in_part = shown.iter().any(|rule| !(rule.access.read && rule.access.write));
    if !asked.is_empty() || hosts_root || in_part {
        all.devices = default_rules().into_iter().chain(shown).chain(asked).collect();
    }
    Ok(all)
}

/// The rule that allows a device.
fn rule_of(device: &Device) -> Result<Rule> {
    let path = OsStr::from_bytes(device.source.to_bytes());
    let bad = |why: String| {
        Error::new(BAD_DEVICE, format!("{} cannot be given to the container", path.to_string_lossy()))
            .why(why)
            .fix("name a device of the host; ls -l /dev shows them")
    };
    let metadata = std::fs::metadata(path).map_err(|error| bad(reason(&error)))?;
    let kind = metadata.file_type();
    let kind = match (kind.is_char_device(), kind.is_block_device()) {
        (true, _) => Kind::Character,
        (_, true) => Kind::Block,
        _ => return Err(bad("it is not a device".to_owned())),
    };
    let (major, minor) = (rustix::fs::major(metadata.rdev()), rustix::fs::minor(metadata.rdev()));
    Ok(Rule { allow: true, kind, major: Some(major), minor: Some(minor), access: device.access })
}

/// Directories, files and devices of the host.
fn volumes(options: &Run) -> Result<Vec<Volume>> {
    let mut all: Vec<Volume> =
        options.volume.iter().map(|volume| Volume::parse(volume)).collect::<Result<_>>()?;
    for device in &options.device {
        let device = Device::parse(device)?;
        rule_of(&device)?;
        all.push(Volume::device(device));
    }
    Ok(all)
}

fn placement(fixed: &Fixed) -> Result<Placement> {
    let manager = fixed.cgroup_manager.as_deref().map(CgroupManager::parse).transpose()?.unwrap_or_default();
    let parent = fixed.cgroup_parent.as_deref().map(CgroupParent::parse).transpose()?;
    match (manager, &parent) {
        (CgroupManager::Cgroupfs, Some(CgroupParent::Slice(_))) => {
            Err(Error::new(CONFLICT, "a slice is made by systemd, and --cgroup-manager is cgroupfs")
                .fix("give the path of a group as --cgroup-parent, or leave --cgroup-manager out"))
        }
        (CgroupManager::Systemd, Some(CgroupParent::Path(_))) => {
            Err(Error::new(CONFLICT, "systemd makes groups in slices only, and --cgroup-parent is a path")
                .fix("give NAME.slice as --cgroup-parent, or leave --cgroup-manager out"))
        }
        _ => Ok(Placement { manager, parent }),
    }
}

fn root(options: &Run) -> Result<Root> {
    let Some(directory) = &options.rootfs else { return Ok(Root::Programs) };
    let path = text::c_string(directory)?;
    Ok(if options.ephemeral { Root::Ephemeral(path) } else { Root::Directory(path) })
}

fn environment(options: &Run, hostname: &HostName, terminal: bool) -> Result<Vec<CString>> {
    let mut entries: Vec<CString> = Vec::new();
    let mut set = |entry: CString| {
        let name = |e: &CString| e.as_bytes().split(|b| *b == b'=').next().unwrap_or_default().to_vec();
        entries.retain(|old| name(old) != name(&entry));
        entries.push(entry);
    };
    set(text::c_string(OsStr::new(&path(options)))?);
    set(text::c_string(OsStr::new(&format!("HOSTNAME={}", hostname.as_str())))?);
    set(text::c_string(OsStr::new("container=containerception"))?);
    if terminal && let Some(entry) = environment_of(OsStr::new("TERM"))? {
        set(entry);
    }
    for entry in &options.env {
        if let Some(entry) = environment_of(entry)? {
            set(entry);
        }
    }
    Ok(entries)
}

/// The entry that `-e` stands for: `NAME=VALUE`, or `NAME` for the caller's own value, if there is one.
pub fn environment_of(entry: &OsStr) -> Result<Option<CString>> {
    text::environment_entry(entry, |name| std::env::var_os(name))
}

fn storage(options: &Run) -> Result<Storage> {
    if options.rootfs.is_some() && !options.ephemeral && !options.storage_opt.is_empty() {
        return Err(Error::new(
            CONFLICT,
            "--storage-opt is about what is thrown away, and --rootfs keeps all",
        )
        .fix("leave --storage-opt out, or add --ephemeral"));
    }
    Storage::parse(options.storage_opt.iter().map(String::as_str))
}

/// Docker's default, less what is dropped, with what is added. NET_RAW is part of it while the network is the
/// container's own loopback; where there is a network to attack, it must be asked for (R17).
fn capabilities(options: &Run) -> Result<Capabilities> {
    let union = |names: &[String]| {
        names
            .iter()
            .try_fold(Capabilities::NONE, |all, name| Capabilities::parse(name).map(|one| all.with(one)))
    };
    let (add, drop) = (union(&options.cap_add)?, union(&options.cap_drop)?);
    let attackable = if options.network == "none" { Capabilities::NONE } else { Capabilities::NET_RAW };
    let base = Capabilities::DEFAULT.without(attackable);
    // As docker: dropping ALL and adding some leaves those; adding ALL and dropping some leaves the others.
    Ok(if add == Capabilities::ALL { add.without(drop) } else { base.without(drop).with(add) })
}

struct Security {
    no_new_privileges: bool,
    filter: bool,
}

fn security(options: &Run) -> Result<Security> {
    let mut security = Security { no_new_privileges: true, filter: true };
    for option in &options.security_opt {
        let (name, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
        match (name, value) {
            ("no-new-privileges", "" | "true") => security.no_new_privileges = true,
            ("no-new-privileges", "false") => security.no_new_privileges = false,
            ("seccomp", "unconfined") => security.filter = false,
            _ => return Err(unknown_security_option(option, name, value)),
        }
    }
    Ok(security)
}

/// Points at the name, or at the value if the name is right.
fn unknown_security_option(option: &str, name: &str, value: &str) -> Error {
    let known = matches!(name, "no-new-privileges" | "seccomp");
    let near = nearest(option, ["no-new-privileges=false", "no-new-privileges=true", "seccomp=unconfined"]);
    Error::new(BAD_SECURITY_OPTION, format!("{option:?} is not a security option"))
        .at(option, if known { value } else { name })
        .fix(near.map_or_else(
            || "there are no-new-privileges=false and seccomp=unconfined".to_owned(),
            |meant| format!("did you mean {meant}?"),
        ))
}
