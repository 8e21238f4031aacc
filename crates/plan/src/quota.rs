//! A quota on what a container writes to disk: its directory is a project of its own.

use crate::limit::size;
use crate::tell::{Call, Lesson, Tell, quote, show};
use std::ffi::CString;

/// What bounds the directory of a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quota {
    /// The directory.
    pub directory: CString,
    /// The project that all in it belongs to: the first of the container's own range of ids, which nobody else has.
    pub project: u32,
    /// The most that its files may take, in bytes; whole KiB.
    pub bytes: u64,
    /// The most files and directories: a small file takes little of a disk's room, and one of its inodes.
    pub files: u64,
}

/// A step on the quota.
#[derive(Clone, Debug)]
pub enum Op {
    /// Makes the directory a project, and bounds that.
    Hold(Quota),
    /// Reads back what bounds it.
    Prove(Quota),
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Hold(Quota { directory, project, bytes, files }) => {
                let (directory, bytes) = (show(directory), size(*bytes));
                format!("hold {directory} at {bytes} and {files} files, as project {project}")
            }
            Op::Prove(_) => "make sure that the limit holds on disk".to_owned(),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::Hold(Quota { directory, project, bytes, files }) => {
                let attributes = format!(
                    "{}, FS_IOC_FSSETXATTR, FS_XFLAG_PROJINHERIT, fsx_projid={project:#x}",
                    quote(directory)
                );
                let limits = format!("{}, Q_SETQUOTA, PRJQUOTA, {project}", quote(directory));
                let (bytes, files) = (bytes >> 10, files);
                vec![
                    Call::once("ioctl", attributes),
                    Call::once("quotactl_fd", format!("{limits}, bhardlimit={bytes}, ihardlimit={files}")),
                ]
            }
            // To read changes nothing.
            Op::Prove(_) => Vec::new(),
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Hold(_) => Lesson {
                why: "A directory has no size. But a file system can count what all files of a project take, and what is made in a directory of a project belongs to it. Beyond the limit a write fails with EDQUOT (ext4) or ENOSPC (xfs).",
                without: "The container could fill the disk, for all who use it.",
                man: "quotactl(2), ioctl_xfs_fsgetxattr(2)",
            },
            Op::Prove(_) => Lesson {
                why: "The project, its limits and that the file system holds to them are read back; and so far it has the directory, and nothing of anybody else's.",
                without: "A limit could be ignored, and nobody would know until the disk is full.",
                man: "quotactl(2)",
            },
        }
    }
}
