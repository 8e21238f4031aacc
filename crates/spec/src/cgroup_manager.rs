//! Who makes the control groups of a container: `--cgroup-manager`.

use crate::catalogue::BAD_USAGE;
use crate::error::{Error, Result};
use crate::near::nearest;

/// Who makes and limits a container's groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CgroupManager {
    /// Whichever this host is made for.
    #[default]
    Auto,
    /// We ourselves, by the files of the hierarchy.
    Cgroupfs,
    /// systemd, which is asked for a scope.
    Systemd,
}

impl CgroupManager {
    /// All of them.
    pub const ALL: [CgroupManager; 3] =
        [CgroupManager::Auto, CgroupManager::Cgroupfs, CgroupManager::Systemd];

    /// Its name in `--cgroup-manager`.
    pub fn name(self) -> &'static str {
        match self {
            CgroupManager::Auto => "auto",
            CgroupManager::Cgroupfs => "cgroupfs",
            CgroupManager::Systemd => "systemd",
        }
    }

    /// Parses a name.
    ///
    /// # Errors
    /// `BAD_USAGE`.
    pub fn parse(text: &str) -> Result<Self> {
        let names = Self::ALL.map(Self::name);
        let fix = match nearest(text, names) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "write auto, cgroupfs or systemd".to_owned(),
        };
        Self::ALL.into_iter().find(|manager| manager.name() == text).ok_or_else(|| {
            Error::new(BAD_USAGE, format!("{text:?} is not a manager of control groups"))
                .at(text, text)
                .fix(fix)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers() {
        for manager in CgroupManager::ALL {
            assert_eq!(CgroupManager::parse(manager.name()).unwrap(), manager);
        }
        for bad in ["", "AUTO", "cgroup", "systemd ", "none"] {
            assert_eq!(CgroupManager::parse(bad).unwrap_err().code, BAD_USAGE, "{bad}");
        }
        assert_eq!(CgroupManager::parse("sytemd").unwrap_err().fix.unwrap(), "did you mean systemd?");
    }
}
