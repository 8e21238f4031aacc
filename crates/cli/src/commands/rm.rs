//! `rm`.

use spec::error::Result;
use std::path::Path;

/// Removes a root filesystem.
pub fn rm(dir: &Path) -> Result<()> {
    run::remove::remove(dir)
}
