//! The cgroup mounts among the lines of `/proc/PID/mountinfo`, proc_pid_mountinfo(5).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// One mounted control group hierarchy. The fields are as in the text, so still escaped.
pub(crate) struct CgroupMount<'a> {
    root: &'a [u8],
    point: &'a [u8],
    /// `cgroup` or `cgroup2`.
    fstype: &'a [u8],
    /// The options of the superblock: on v1 they name the controllers.
    options: &'a [u8],
}

impl CgroupMount<'_> {
    /// Whether this is the unified hierarchy.
    pub(crate) fn is_v2(&self) -> bool {
        self.fstype == b"cgroup2"
    }

    /// Whether this is the v1 hierarchy of `controller`, alone or mounted together with others.
    pub(crate) fn is_v1_of(&self, controller: &str) -> bool {
        self.fstype == b"cgroup" && self.options.split(|&b| b == b',').any(|o| o == controller.as_bytes())
    }

    /// Whether cgroup namespaces are bounds of delegation there (cgroup-v2.rst, "Mounting", nsdelegate).
    pub(crate) fn delegates(&self) -> bool {
        self.is_v2() && self.options.split(|&b| b == b',').any(|option| option == b"nsdelegate")
    }

    /// The group that this mount shows as its root, relative to the reader's cgroup namespace.
    pub(crate) fn root(&self) -> PathBuf {
        unescape(self.root)
    }

    /// Where it is mounted.
    pub(crate) fn point(&self) -> PathBuf {
        unescape(self.point)
    }
}

/// The cgroup mounts of `text`, in its order. Nothing is kept of other lines: there may be thousands, and they
/// are read at each container start. Lines that are not of the form are passed over.
pub(crate) fn cgroup_mounts(text: &[u8]) -> impl Iterator<Item = CgroupMount<'_>> {
    text.split(|&b| b == b'\n').filter_map(cgroup_mount)
}

/// `36 35 98:0 ROOT POINT rw,noatime shared:1 - FSTYPE SOURCE OPTIONS`; before the dash any number of
/// optional fields.
fn cgroup_mount(line: &[u8]) -> Option<CgroupMount<'_>> {
    let mut fields = line.split(|&b| b == b' ');
    let (root, point) = (fields.nth(3)?, fields.next()?);
    fields.find(|field| field == b"-")?;
    let fstype = fields.next().filter(|fstype| fstype.starts_with(b"cgroup"))?;
    let options = fields.nth(1)?;
    Some(CgroupMount { root, point, fstype, options })
}

/// Undoes the kernel's escapes: space, tab, newline and backslash appear as `\ooo`.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'\\').then(|| octal(tail)).flatten();
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[3..] } else { tail };
    }
    OsString::from_vec(bytes).into()
}

/// The byte that three leading octal digits stand for.
fn octal(text: &[u8]) -> Option<u8> {
    text.get(..3)?.iter().try_fold(0_u8, |value, &digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(digit - b'0'),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(line: &str) -> Option<(PathBuf, PathBuf)> {
        let mount = cgroup_mounts(line.as_bytes()).next()?;
        Some((mount.root(), mount.point()))
    }

    #[test]
    fn optional_fields_may_be_none_or_many() {
        let none = "39 31 0:36 / /pids rw,relatime - cgroup cgroup rw,pids";
        let many =
            "39 31 0:36 / /pids rw,relatime shared:1 master:2 propagate_from:3 - cgroup cgroup rw,pids";
        assert_eq!(only(none), Some(("/".into(), "/pids".into())));
        assert_eq!(only(many), only(none));
    }

    #[test]
    fn a_controller_is_a_whole_option() {
        let line = b"1 1 0:1 / /x rw - cgroup cgroup rw,cpu,cpuacct";
        let mount = cgroup_mounts(line).next().unwrap();
        assert!(mount.is_v1_of("cpu") && mount.is_v1_of("cpuacct"));
        assert!(!mount.is_v1_of("cpua") && !mount.is_v1_of("pids") && !mount.is_v2());
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescape(br"/a\040b\011c\012d\134e"), PathBuf::from("/a b\tc\nd\\e"));
        assert_eq!(unescape(br"/tail\04"), PathBuf::from(r"/tail\04"));
        assert_eq!(unescape(br"/no\089\777"), PathBuf::from(r"/no\089\777"));
    }

    #[test]
    fn other_file_systems_and_broken_lines_are_passed_over() {
        assert_eq!(only("22 27 0:21 / /proc rw,relatime - proc proc rw"), None);
        assert_eq!(only("39 31 0:36 / /pids rw,relatime"), None);
        assert_eq!(only("39 31 0:36 / /pids rw,relatime - cgroup"), None);
        assert_eq!(only(""), None);
    }
}
