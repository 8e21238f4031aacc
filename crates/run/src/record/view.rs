//! Spec, facts and plan as a person reads them in JSON.

use ::cgroup::{Groups, Version};
use plan::facts::{EtcContent, FileSystem, Projects};
use plan::identity::Extent;
use plan::{Facts, Plan, Tell};
use serde_json::{Value, json};
use spec::{Principal, Root, Spec, Storage};
use std::ffi::CStr;

pub(super) fn text(text: &CStr) -> String {
    text.to_string_lossy().into_owned()
}

pub(super) fn spec(spec: &Spec) -> Value {
    let (root, path) = match &spec.root {
        Root::Host => ("host", None),
        Root::Programs => ("programs", None),
        Root::Directory(path) => ("directory", Some(text(path))),
        Root::Ephemeral(path) => ("ephemeral", Some(text(path))),
    };
    let volume = |volume: &spec::Volume| {
        json!({
            "source": text(&volume.source), "destination": text(&volume.destination),
            "readOnly": volume.read_only, "idMapped": volume.id_mapped,
        })
    };
    let tmpfs = |tmpfs: &spec::Tmpfs| json!({ "destination": text(&tmpfs.destination), "size": tmpfs.size });
    json!({
        "command": spec.command.iter().map(|word| text(word)).collect::<Vec<_>>(),
        "environment": spec.environment.iter().map(|entry| text(entry)).collect::<Vec<_>>(),
        "workdir": text(&spec.workdir),
        "user": principal(&spec.user.user),
        "group": spec.user.group.as_ref().map(principal),
        "hostname": spec.hostname.as_str(),
        "root": root,
        "rootfs": path,
        "readOnly": spec.read_only,
        "storage": match spec.storage {
            Storage::Disk(size) => json!({ "medium": "disk", "size": size }),
            Storage::Memory(size) => json!({ "medium": "memory", "size": size }),
        },
        "volumes": spec.volumes.iter().map(volume).collect::<Vec<_>>(),
        "tmpfs": spec.tmpfs.iter().map(tmpfs).collect::<Vec<_>>(),
        "shmSize": spec.shm,
        "namespaces": spec.namespaces.names().collect::<Vec<_>>(),
        "init": spec.init,
        "pidsLimit": spec.processes(),
        "capabilities": spec.capabilities.map(|set| set.names().collect::<Vec<_>>()),
        "noNewPrivileges": spec.no_new_privileges,
        "filter": spec.filter,
        "terminal": spec.terminal,
    })
}

fn principal(principal: &Principal) -> Value {
    match principal {
        Principal::Id(id) => json!(id),
        Principal::Name(name) => json!(name),
    }
}

pub(super) fn facts(facts: &Facts) -> Value {
    let layer = |layer: &plan::facts::Layer| {
        json!({
            "name": text(&layer.name), "idMappable": layer.id_mappable, "mountsBelow": layer.mounts_below,
        })
    };
    let etc = |entry: &plan::facts::EtcEntry| {
        let kind = match &entry.content {
            EtcContent::File => "file",
            EtcContent::Link(_) => "link",
            EtcContent::Directory => "directory",
        };
        json!({ "name": text(&entry.name), "kind": kind })
    };
    let rootfs = |rootfs: &plan::facts::Rootfs| {
        json!({
            "path": text(&rootfs.path), "idMappable": rootfs.id_mappable, "private": rootfs.private,
            "readOnly": rootfs.read_only,
        })
    };
    json!({
        "kernel": format!("{}.{}", facts.kernel.0, facts.kernel.1),
        "caller": {
            "uid": facts.caller.uid, "gid": facts.caller.gid, "canSetIds": facts.caller.can_set_ids,
            "canSetGroups": facts.caller.can_set_groups, "canMount": facts.caller.can_mount,
            "initial": facts.caller.initial, "hasHostRoot": facts.caller.has_host_root,
        },
        "uidMap": map(&facts.uid_map),
        "gidMap": map(&facts.gid_map),
        "subordinate": facts.subordinate.as_ref().map(|sub| json!({ "uids": line(&sub.uids), "gids": line(&sub.gids) })),
        "range": facts.free_range.as_ref().map(|range| json!({ "first": range.first, "count": range.count })),
        "disk": facts.disk.as_ref().map(disk),
        "groups": groups(&facts.groups),
        "layers": facts.layers.iter().map(layer).collect::<Vec<_>>(),
        "etc": facts.etc.iter().map(etc).collect::<Vec<_>>(),
        "rootfs": facts.rootfs.as_ref().map(rootfs),
        "memory": facts.memory,
    })
}

fn disk(disk: &FileSystem) -> Value {
    let projects = match disk.projects {
        Projects::Unknown => "unknown",
        Projects::Counted => "counted",
        Projects::Held => "held",
    };
    json!({
        "fileSystem": disk.kind, "device": disk.device, "mountPoint": disk.mount_point, "projects": projects,
    })
}

fn groups(groups: &Groups) -> Value {
    let hierarchy = |hierarchy: &::cgroup::Hierarchy| {
        json!({
            "version": if hierarchy.version == Version::V1 { 1 } else { 2 },
            "controllers": hierarchy.controllers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "directory": text(&hierarchy.directory), "threaded": hierarchy.threaded,
        })
    };
    let missing = |missing: &::cgroup::Missing| json!({ "controller": missing.controller.to_string(), "why": missing.why });
    json!({
        "scope": groups.scope.as_ref().map(|scope| &scope.unit),
        "hierarchies": groups.hierarchies.iter().map(hierarchy).collect::<Vec<_>>(),
        "missing": groups.missing.iter().map(missing).collect::<Vec<_>>(),
    })
}

fn map(map: &[Extent]) -> Vec<Value> {
    map.iter().map(line).collect()
}

fn line(extent: &Extent) -> Value {
    json!([extent.inside, extent.outside, extent.count])
}

pub(super) fn plan(plan: &Plan) -> Value {
    let step = |(index, step): (usize, &plan::Step)| {
        json!({
            "step": index + 1, "actor": step.actor.to_string(), "title": step.op.title(),
            "why": step.why.to_string(),
        })
    };
    json!({ "notes": plan.notes, "steps": plan.steps.iter().enumerate().map(step).collect::<Vec<_>>() })
}
