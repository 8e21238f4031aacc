//! The two helpers that may map the subordinate ids of ordinary users: whether they are there, and can do it.

use crate::probe;
use rustix::fs::{StatVfsMountFlags, getxattr, stat, statvfs};
use rustix::thread::no_new_privs;
use std::ffi::CStr;

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Helper {
    /// Its name.
    pub name: &'static str,
    /// What keeps it from mapping ids; `None` where nothing does.
    pub obstacle: Option<&'static str>,
}

impl Helper {
    /// Looks for it where it is looked for when it is needed.
    pub(super) fn find(name: &'static str) -> Self {
        let obstacle = probe::helper(name).map_or(Some("missing"), |path| obstacle(&path));
        Helper { name, obstacle }
    }
}

/// It has the right to map ids from the set-user-ID bit or from a capability on its file; `execve(2)` lists what makes
/// both void.
fn obstacle(path: &CStr) -> Option<&'static str> {
    let root = stat(path).is_ok_and(|stat| stat.st_uid == 0 && stat.st_mode & 0o4000 != 0);
    let capable = getxattr(path, c"security.capability", &mut [0_u8; 64]).is_ok();
    let no_suid = statvfs(path).is_ok_and(|stat| stat.f_flag.contains(StatVfsMountFlags::NOSUID));
    match (root || capable, no_suid, no_new_privs().unwrap_or(false)) {
        (false, ..) => Some("neither set-user-ID root nor given capabilities"),
        (_, true, _) => Some("on a file system that is mounted nosuid"),
        (.., true) => Some("without effect, since this process may gain no privileges (no_new_privs)"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_program_cannot_map_ids() {
        assert_eq!(Helper::find("no-such-helper").obstacle, Some("missing"));
        assert_eq!(obstacle(c"/proc/self/exe"), Some("neither set-user-ID root nor given capabilities"));
    }
}
