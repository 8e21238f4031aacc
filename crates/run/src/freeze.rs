//! Stops all processes of a container that runs, and lets them go on.

use crate::late;
use ::cgroup::freeze::{self, Error as Refusal, freezer};
use ::cgroup::{Controller, Group, Version};
use plan::Container;
use spec::catalogue::FREEZE_REFUSED;
use spec::error::{Error, Result};
use std::time::Duration;

/// How long processes may take to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stops all.
///
/// # Errors
/// `NO_GROUP`, `FREEZE_REFUSED`.
pub fn pause(container: &Container) -> Result<()> {
    let group = late::group_with(container, Controller::Freezer)?;
    freeze::freeze(&group, PATIENCE).map_err(|refusal| refused(container, "paused", refusal))
}

/// Lets all go on. One that is not paused stays as it is.
///
/// # Errors
/// `FREEZE_REFUSED`.
pub fn resume(container: &Container) -> Result<()> {
    match freezer(&container.groups) {
        Some(group) => {
            freeze::thaw(group, PATIENCE).map_err(|refusal| refused(container, "resumed", refusal))
        }
        None => Ok(()),
    }
}

/// Lets those go on that were killed: what v1 has frozen, or is about to, dies no sooner.
///
/// # Errors
/// `FREEZE_REFUSED`.
pub fn let_die(container: &Container) -> Result<()> {
    match freezer(&container.groups).filter(|group| group.version == Version::V1) {
        Some(group) => match freeze::thaw(group, PATIENCE) {
            Err(Refusal::Gone) => Ok(()),
            thawed => thawed.map_err(|refusal| refused(container, "killed", refusal)),
        },
        None => Ok(()),
    }
}

/// Whether all are stopped, or about to.
pub fn is_paused(container: &Container) -> bool {
    freezer(&container.groups).is_some_and(|group: &Group| freeze::is_asked_to_stop(group).unwrap_or(false))
}

fn refused(container: &Container, what: &str, refusal: Refusal) -> Error {
    let fix = match refusal {
        Refusal::Late => "ps -o pid,stat,wchan,cmd shows who waits for a device; try again",
        Refusal::Own => "do it from outside of the container",
        _ => "containerception ps shows whether it still runs",
    };
    Error::new(FREEZE_REFUSED, format!("{} cannot be {what}", container.name))
        .why(refusal.to_string())
        .fix(fix)
}
