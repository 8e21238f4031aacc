//! `update`: other limits for a container that runs.

use super::resources::resources;
use super::run::{say, warn};
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
    let updated = run::update::update(&record, &wanted, limits.best_effort)?;
    updated.not_held.iter().for_each(|not_held| warn(&Warning::NotHeld(not_held)));
    if let Some(bytes) = updated.uncounted {
        say(&format!(
            "note: the limit of memory holds what {name} takes from now on; {} KiB that it has taken are not counted\n",
            bytes >> 10
        ));
    }
    Ok(())
}
