//! What the directory on disk would lie on, and which projects are used there.

use crate::quota::is_used;
use plan::facts::{FileSystem, OnDisk, Projects};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, openat, statx};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use sys::quota::getqstatv;

/// The file system of the lowest directory that is there already.
pub(super) struct Disk {
    directory: OwnedFd,
    pub file_system: FileSystem,
}

impl Disk {
    /// Looks for it from the container's directory upwards.
    pub fn find(on_disk: &OnDisk, mountinfo: &[u8]) -> Option<Disk> {
        let path = Path::new(OsStr::from_bytes(on_disk.directory.to_bytes()));
        let directory = path.ancestors().find_map(open)?;
        let [kind, device, mount_point] = mount(&directory, mountinfo)?;
        let projects = projects(&directory);
        Some(Disk { directory, file_system: FileSystem { kind, device, mount_point, projects } })
    }

    /// Whether nobody has files or a limit in a project.
    pub fn is_free(&self, project: u32) -> bool {
        !is_used(self.directory.as_fd(), project)
    }
}

/// A path is enough: nothing of the directory is read.
fn open(path: &Path) -> Option<OwnedFd> {
    openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()
}

fn projects(directory: &OwnedFd) -> Projects {
    match getqstatv(directory.as_fd()) {
        Ok((true, true)) => Projects::Held,
        Ok((true, false)) => Projects::Counted,
        _ => Projects::Unknown,
    }
}

/// The kind of the file system that a file lies on, what is mounted, and where: its mount's line in the list of mounts
/// (`proc_pid_mountinfo(5)`), as it stands there.
pub(crate) fn mount(file: impl AsFd, mountinfo: &[u8]) -> Option<[String; 3]> {
    let number = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?.stx_mnt_id.to_string();
    let mut lines = mountinfo.split(|byte| *byte == b'\n').map(String::from_utf8_lossy);
    let line = lines.find(|line| line.split(' ').next() == Some(&number))?;
    let (own, file_system) = line.split_once(" - ")?;
    let mut words = file_system.split(' ');
    Some([words.next()?, words.next()?, own.split(' ').nth(4)?].map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_made_yet_lies_on_what_is_there() {
        let mountinfo = crate::probe::read("/proc/self/mountinfo", 16 << 20).unwrap();
        let at =
            |path: &str| OnDisk { parents: Vec::new(), directory: std::ffi::CString::new(path).unwrap() };
        let found = Disk::find(&at("/proc/none/of/these"), &mountinfo).unwrap();
        let FileSystem { kind, mount_point, projects, .. } = &found.file_system;
        assert_eq!((kind.as_str(), mount_point.as_str(), *projects), ("proc", "/proc", Projects::Unknown));
        assert!(found.is_free(7));
        assert!(Disk::find(&at("/proc/none"), b"").is_none());
    }
}
