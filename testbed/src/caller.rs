//! Who runs this.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

/// The effective user id: `/proc/self` belongs to it.
pub fn uid() -> io::Result<u32> {
    fs::metadata("/proc/self").map(|entry| entry.uid())
}

/// Whether that is root's.
pub fn is_root() -> io::Result<bool> {
    Ok(uid()? == 0)
}

/// The first id of the range that `file` (`/etc/subuid` or `/etc/subgid`, `subuid(5)`) gives to the caller by name.
pub fn subordinate(file: &str) -> io::Result<Option<u32>> {
    let uid = uid()?.to_string();
    let passwd = fs::read_to_string("/etc/passwd")?;
    let mut entries = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let Some(entry) = entries.find(|fields| fields.get(2) == Some(&uid.as_str())) else { return Ok(None) };
    let ranges = fs::read_to_string(file).unwrap_or_default();
    let mut ranges = ranges.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let range = ranges.find(|fields| fields.first() == entry.first());
    Ok(range.and_then(|fields| fields.get(1)?.parse().ok()))
}
