//! Huge pages.

use crate::controller::{Controller, Version};
use crate::opened::{Files, Opened};
use crate::text::number;

/// Huge pages of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HugePages {
    /// The size, as the names of control files have it: `2MB`, `1GB`.
    pub size: String,
    /// The bytes in use.
    pub current: u64,
}

/// Each size has files of its own.
pub(super) fn read(groups: &Opened<'_>) -> Option<Vec<HugePages>> {
    let (files, version) = match groups.v1(Controller::Hugetlb) {
        Some(files) => (files, Version::V1),
        None => (groups.v2()?, Version::V2),
    };
    let mut pages: Vec<_> =
        files.names().iter().filter_map(|name| of_size(files, size(name, version)?, name)).collect();
    pages.sort_by(|a, b| a.size.cmp(&b.size));
    Some(pages).filter(|pages| !pages.is_empty())
}

fn of_size(files: Files<'_>, size: &str, name: &str) -> Option<HugePages> {
    Some(HugePages { size: size.to_owned(), current: number(&files.text(name)?)? })
}

/// The size whose use the file `name` has. What is reserved but not used has files with one more word (`rsvd`).
fn size(name: &str, version: Version) -> Option<&str> {
    let ending = match version {
        Version::V1 => ".usage_in_bytes",
        Version::V2 => ".current",
    };
    name.strip_prefix("hugetlb.")?.strip_suffix(ending).filter(|size| !size.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_in_the_name() {
        assert_eq!(size("hugetlb.2MB.current", Version::V2), Some("2MB"));
        assert_eq!(size("hugetlb.1GB.usage_in_bytes", Version::V1), Some("1GB"));
        let others =
            ["hugetlb.2MB.rsvd.current", "hugetlb.2MB.max", "memory.current", "hugetlb.2MB.usage_in_bytes"];
        for other in others {
            assert_eq!(size(other, Version::V2), None, "{other}");
        }
        assert_eq!(size("hugetlb.2MB.rsvd.usage_in_bytes", Version::V1), None);
    }
}
