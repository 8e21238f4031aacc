//! `pause` and `resume`.

use run::freeze;
use spec::error::Result;

/// Stops all processes of the container `name`.
pub fn pause(name: &str) -> Result<()> {
    freeze::pause(&super::container(name)?.1)
}

/// Lets the processes of the container `name` go on.
pub fn resume(name: &str) -> Result<()> {
    freeze::resume(&super::container(name)?.1)
}
