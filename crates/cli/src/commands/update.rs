//! `update`: other limits for a container that runs.

use super::resources::resources;
use super::run::warn;
use crate::options::Limits;
use run::Warning;
use spec::catalogue::BAD_USAGE;
use spec::error::{Error, Result};
use spec::{Name, Resources};

/// Changes the limits of the container `name`.
pub fn update(limits: &Limits, name: &str) -> Result<()> {
    let wanted = resources(limits)?;
    if wanted == Resources::default() {
        return Err(Error::new(BAD_USAGE, "update changes limits, and none is given")
            .fix("containerception update --help lists them, such as --memory 512m"));
    }
    let record = run::record::find(&Name::parse(name)?)?;
    let not_held = run::update::update(&record, &wanted, limits.best_effort)?;
    not_held.iter().for_each(|not_held| warn(&Warning::NotHeld(not_held)));
    Ok(())
}
