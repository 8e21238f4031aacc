//! The groups of a container, held open while they are read.

use std::ffi::CString;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::FileType;
use rustix::io::Errno;

use crate::controller::{Controller, Group, Version};
use crate::file::{is_there, names, open_group, read};

/// A group that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its directory.
    pub directory: CString,
    /// ENOENT: it has gone. Else what open(2) said.
    pub errno: Errno,
}

impl Unread {
    /// Whether the group is not there any more: its container has ended.
    pub fn is_gone(&self) -> bool {
        self.errno == Errno::NOENT
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.directory.to_string_lossy(), self.errno)
    }
}

impl std::error::Error for Unread {}

/// The groups, open.
pub(crate) struct Opened<'a> {
    groups: Vec<(&'a Group, OwnedFd)>,
}

impl<'a> Opened<'a> {
    /// Opens `groups`.
    pub(crate) fn open(groups: &'a [Group]) -> Result<Opened<'a>, Unread> {
        let open = |group: &'a Group| match open_group(&group.directory) {
            Ok(open) => Ok((group, open)),
            Err(errno) => Err(unread(group, errno)),
        };
        Ok(Opened { groups: groups.iter().map(open).collect::<Result<_, _>>()? })
    }

    /// The v1 group of `controller`.
    pub(crate) fn v1(&self, controller: Controller) -> Option<Files<'_>> {
        self.find(|group| group.version == Version::V1 && group.controllers.contains(&controller))
    }

    /// The v2 group. Which controllers it has, is seen by its files.
    pub(crate) fn v2(&self) -> Option<Files<'_>> {
        self.find(|group| group.version == Version::V2)
    }

    fn find(&self, is_meant: impl Fn(&Group) -> bool) -> Option<Files<'_>> {
        self.groups.iter().find(|(group, _)| is_meant(group)).map(|(_, open)| Files(open.as_fd()))
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a Group, BorrowedFd<'_>)> {
        self.groups.iter().map(|(group, open)| (*group, open.as_fd()))
    }

    /// That all are still there, after their files have been read: else what seemed to be missing has gone.
    pub(crate) fn are_there(&self) -> Result<(), Unread> {
        let gone = self.iter().find(|(_, open)| !is_there(*open));
        gone.map_or(Ok(()), |(group, _)| Err(unread(group, Errno::NOENT)))
    }
}

fn unread(group: &Group, errno: Errno) -> Unread {
    Unread { directory: group.directory.clone(), errno }
}

/// The control files of a group.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a>(BorrowedFd<'a>);

impl<'a> Files<'a> {
    /// What the file `name` says; none where there is no such file, or the kernel does not tell (EOPNOTSUPP:
    /// pressure that is not counted on this host).
    pub(crate) fn text(self, name: &str) -> Option<String> {
        read(self.0, name).ok()
    }

    /// The names of all files.
    pub(crate) fn names(self) -> Vec<String> {
        let names = names(self.0, FileType::RegularFile).unwrap_or_default();
        names.into_iter().filter_map(|name| name.into_string().ok()).collect()
    }

    /// The group.
    pub(crate) fn group(self) -> BorrowedFd<'a> {
        self.0
    }
}
