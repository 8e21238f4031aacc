//! Projects of files and their quotas: `ioctl_xfs_fsgetxattr(2)`, and `quotactl(2)` by a descriptor.
//!
//! A project is a number that files and directories of a file system carry, beside their user and their group (ext4, xfs,
//! f2fs). What is made in a directory that hands it on is of the same project, and can be linked or renamed into no other.
//! Only the initial user namespace may change the number (`fileattr_set_prepare()` in the kernel). A quota bounds what all
//! files of a project take together; to set one takes CAP_SYS_ADMIN there.
//!
//! `quotactl_fd(2)` came with Linux 5.14. The commands without an X work on xfs as well (Linux 2.6.35).

use crate::{Result, check};
use rustix::fd::{AsRawFd, BorrowedFd};

/// `FS_XFLAG_PROJINHERIT` of `linux/fs.h`.
const PROJECT_INHERIT: u32 = 0x200;

/// `struct fsxattr` of `linux/fs.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `FS_XFLAG_*`.
    flags: u32,
    extent_size: u32,
    extents: u32,
    /// The project; 0 where there is none.
    pub project: u32,
    cow_extent_size: u32,
    padding: [u8; 8],
}

impl Attributes {
    /// The same, where what is made in the directory is of this project, as the directory is.
    #[must_use]
    pub fn of_project(self, project: u32) -> Self {
        Attributes { flags: self.flags | PROJECT_INHERIT, project, ..self }
    }

    /// Whether the directory is of a project, and what is made in it as well.
    pub fn inherits(&self) -> bool {
        self.flags & PROJECT_INHERIT != 0
    }
}

/// What a project may have, and has: `struct if_dqblk` of `linux/quota.h`. Soft limits are not used.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// The most that its files may take, in units of 1,024 bytes; 0: no limit.
    pub kibibytes: u64,
    soft_kibibytes: u64,
    /// What they take, in bytes.
    pub used_bytes: u64,
    /// The most files and directories; 0: no limit.
    pub files: u64,
    soft_files: u64,
    /// How many there are.
    pub used_files: u64,
    times: [u64; 2],
    valid: u32,
}

impl Quota {
    /// At most so many units of 1,024 bytes, and so many files; 0: no limit.
    pub fn at(kibibytes: u64, files: u64) -> Self {
        Quota { kibibytes, files, valid: QIF_LIMITS, ..Quota::default() }
    }
}

/// The beginning of `struct fs_quota_statv` of `linux/dqblk_xfs.h`, and room for the rest of its 160 bytes.
#[repr(C)]
struct Status {
    version: i8,
    padding: u8,
    flags: u16,
    rest: [u32; 39],
}

// `_IOR('X', 31, struct fsxattr)` and `_IOW('X', 32, struct fsxattr)` of `linux/fs.h`; libc has neither.
const FS_IOC_FSGETXATTR: libc::c_ulong = 0x801c_581f;
const FS_IOC_FSSETXATTR: libc::c_ulong = 0x401c_5820;
// Of `linux/quota.h`.
const Q_GETQUOTA: u32 = 0x80_0007;
const Q_SETQUOTA: u32 = 0x80_0008;
const QIF_LIMITS: u32 = 1 | 4;
const PRJQUOTA: u32 = 2;
// Of `linux/dqblk_xfs.h`.
const Q_XGETQSTATV: u32 = ('X' as u32) << 8 | 8;
const QUOTA_PDQ_ACCT: u16 = 1 << 4;
const QUOTA_PDQ_ENFD: u16 = 1 << 5;

/// The attributes of a file or directory.
///
/// # Errors
/// ENOTTY or EOPNOTSUPP where the file system has none.
pub fn fsgetxattr(file: BorrowedFd<'_>) -> Result<Attributes> {
    let mut attributes = Attributes::default();
    // SAFETY: FS_IOC_FSGETXATTR writes a struct fsxattr, which is exclusively ours and outlives the call.
    check(libc::c_long::from(unsafe {
        libc::ioctl(file.as_raw_fd(), FS_IOC_FSGETXATTR as libc::Ioctl, &raw mut attributes)
    }))?;
    Ok(attributes)
}

/// Sets the attributes of a file or directory.
///
/// # Errors
/// EINVAL in a user namespace, if the project changes, and for a number above 65,535 where an old xfs has no room for
/// more; EOPNOTSUPP where ext4 lacks the feature `project`; EPERM for a file of somebody else's.
pub fn fssetxattr(file: BorrowedFd<'_>, attributes: &Attributes) -> Result<()> {
    // SAFETY: FS_IOC_FSSETXATTR reads a struct fsxattr, which outlives the call.
    check(libc::c_long::from(unsafe {
        libc::ioctl(file.as_raw_fd(), FS_IOC_FSSETXATTR as libc::Ioctl, std::ptr::from_ref(attributes))
    }))
    .map(drop)
}

/// Whether the file system of `file` counts what projects have, and whether it holds them to their limits. Anybody may
/// ask.
///
/// # Errors
/// ENOSYS where it does neither, and before Linux 5.14.
pub fn getqstatv(file: BorrowedFd<'_>) -> Result<(bool, bool)> {
    // FS_QSTATV_VERSION1: the caller says which form it expects.
    let mut status = Status { version: 1, padding: 0, flags: 0, rest: [0; 39] };
    quotactl_fd(file, Q_XGETQSTATV, 0, &mut status)?;
    Ok((status.flags & QUOTA_PDQ_ACCT != 0, status.flags & QUOTA_PDQ_ENFD != 0))
}

/// What a project may have and has, on the file system of `file`.
///
/// # Errors
/// ESRCH or ENOSYS where nothing is counted; ENOENT where nothing is known of it (xfs); EPERM without CAP_SYS_ADMIN.
pub fn getquota(file: BorrowedFd<'_>, project: u32) -> Result<Quota> {
    let mut quota = Quota::default();
    quotactl_fd(file, Q_GETQUOTA, project, &mut quota)?;
    Ok(quota)
}

/// Sets the limits of a project on the file system of `file`.
///
/// # Errors
/// ESRCH or ENOSYS where nothing is counted; EPERM without CAP_SYS_ADMIN; ENOSPC, EDQUOT.
pub fn setquota(file: BorrowedFd<'_>, project: u32, mut quota: Quota) -> Result<()> {
    quotactl_fd(file, Q_SETQUOTA, project, &mut quota)
}

fn quotactl_fd<T>(file: BorrowedFd<'_>, command: u32, project: u32, argument: &mut T) -> Result<()> {
    // SAFETY: each caller hands over the structure that its command reads or writes, exclusively ours during the call.
    check(unsafe {
        libc::syscall(
            libc::SYS_quotactl_fd,
            file.as_raw_fd(),
            command << 8 | PRJQUOTA,
            project,
            std::ptr::from_mut(argument),
        )
    })
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Errno;
    use rustix::fd::AsFd;

    #[test]
    fn the_structures_are_the_kernels() {
        assert_eq!((size_of::<Attributes>(), size_of::<Quota>(), size_of::<Status>()), (28, 72, 160));
    }

    #[test]
    fn proc_has_no_projects() {
        let proc = std::fs::File::open("/proc").unwrap();
        assert!(matches!(fsgetxattr(proc.as_fd()), Err(Errno::NOTTY | Errno::OPNOTSUPP)));
        assert!(getqstatv(proc.as_fd()).is_err() && getquota(proc.as_fd(), 7).is_err());
        assert!(setquota(proc.as_fd(), 7, Quota::at(0, 0)).is_err());
    }
}
