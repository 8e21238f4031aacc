//! The caller's groups: the lines of `/proc/self/cgroup`, cgroups(7).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The path of the caller's group in the unified hierarchy: the line `0::PATH`.
pub(crate) fn v2(text: &[u8]) -> Option<&Path> {
    groups(text).find(|(id, controllers, _)| *id == b"0" && controllers.is_empty()).map(|(.., path)| path)
}

/// The controllers of each v1 hierarchy, as a list with commas, and the path of the caller's group there:
/// `ID:CONTROLLER[,CONTROLLER…]:PATH`.
pub(crate) fn v1(text: &[u8]) -> impl Iterator<Item = (&[u8], &Path)> {
    groups(text)
        .filter(|(_, controllers, _)| !controllers.is_empty())
        .map(|(_, controllers, path)| (controllers, path))
}

/// Hierarchy, controllers and path of each line. A path may hold colons; nothing in it is escaped, since the
/// kernel refuses newlines in the names of groups.
fn groups(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], &Path)> {
    text.split(|&b| b == b'\n').filter_map(|line| {
        let mut fields = line.splitn(3, |&b| b == b':');
        Some((fields.next()?, fields.next()?, Path::new(OsStr::from_bytes(fields.next()?))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &[u8] = b"9:name=systemd:/\n8:pids,misc:/a:b c\n2:cpu,cpuacct:/x\n0::/u\n";

    #[test]
    fn each_hierarchy_has_its_path() {
        assert_eq!(v2(HYBRID), Some(Path::new("/u")));
        let v1: Vec<_> = v1(HYBRID).collect();
        assert_eq!(v1[1], (&b"pids,misc"[..], Path::new("/a:b c")));
        assert_eq!(v1[2], (&b"cpu,cpuacct"[..], Path::new("/x")));
        assert_eq!(v1.len(), 3, "the unified one is none");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert_eq!(v2(b"8:pids:/\n"), None);
        assert_eq!(v2(b"0:"), None);
    }
}
