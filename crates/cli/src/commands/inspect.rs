//! `inspect`: all that is known of a container that runs.

use crate::json;
use cgroup::Group;
use plan::limit::is_held;
use run::freeze::is_paused;
use run::record::{Forgone, Limit};
use serde_json::{Value, json};
use spec::error::Result;
use std::io::Write;

/// Prints what was asked for, what the host was, what was done and how it stands, as JSON.
pub fn inspect(name: &str) -> Result<()> {
    let (record, container) = super::container(name)?;
    let history = run::record::history(&record)?;
    let all = json!({
        "name": record.name,
        "state": {
            "status": if is_paused(&container) { "paused" } else { "running" }, "pid": record.init, "runtime": record.runtime,
            "seconds": record.age().as_secs_f64(),
        },
        "limits": record.limits.iter().map(limit).chain(record.forgone.iter().map(forgone)).collect::<Vec<_>>(),
        "devices": record.devices.iter().map(|(allow, rule)| json!({ "allow": allow, "rule": rule })).collect::<Vec<_>>(),
        "groups": container.groups.iter().map(group).collect::<Vec<_>>(),
        "spec": history.spec,
        "facts": history.facts,
        "plan": history.plan,
    });
    // A reader that stops reading, such as head, has what it wanted.
    let _ = writeln!(std::io::stdout().lock(), "{}", json::pretty(&all));
    Ok(())
}

/// What was asked for, and what the kernel holds now.
fn limit(limit: &Limit) -> Value {
    let shown = run::prove::shown(limit);
    json!({
        "option": limit.option, "asked": limit.asked, "file": limit.file, "written": limit.written,
        "shown": shown.as_deref().map(str::trim),
        "held": shown.as_deref().is_some_and(|shown| is_held(&limit.written, shown)),
    })
}

/// What was asked for, and is not held.
fn forgone(Forgone { option, why }: &Forgone) -> Value {
    json!({ "option": option, "held": false, "why": why })
}

fn group(group: &Group) -> Value {
    json!({
        "version": if group.version == cgroup::Version::V1 { 1 } else { 2 },
        "controllers": group.controllers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "directory": group.directory.to_string_lossy(),
    })
}
