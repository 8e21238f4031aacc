//! stub
use spec::error::Result;
use std::path::Path;
/// x
pub fn remove(_dir: &Path) -> Result<()> {
    Ok(())
}
