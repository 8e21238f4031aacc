//! `mount_setattr(2)`.

use crate::{Result, check};
use rustix::fd::{AsRawFd, BorrowedFd};

/// `struct mount_attr` of `mount_setattr(2)`, Linux 5.12.
#[repr(C)]
#[derive(Default)]
struct MountAttr {
    attr_set: u64,
    attr_clr: u64,
    propagation: u64,
    userns_fd: u64,
}

/// The attributes that the plan uses (`MOUNT_ATTR_*` of `linux/mount.h`).
pub mod attribute {
    /// Nothing can be written.
    pub const RDONLY: u64 = 0x01;
    /// Set-user-ID bits and file capabilities have no effect.
    pub const NOSUID: u64 = 0x02;
    /// Device nodes cannot be opened.
    pub const NODEV: u64 = 0x04;
    /// Nothing can be executed.
    pub const NOEXEC: u64 = 0x08;
    /// Ids are shifted by the map of a user namespace.
    pub const IDMAP: u64 = 0x0010_0000;
}

/// Sets `attributes` on the mount that `mount` refers to, and on all below it if `recursive`. With
/// [`attribute::IDMAP`], `user_namespace` gives the map; the mount must be detached and not mapped yet. If `private`,
/// the mounts stop being peers of others (MS_PRIVATE of `mount(2)`).
///
/// # Errors
/// As `mount_setattr(2)`: EINVAL where the filesystem knows no id-mapped mounts, EPERM without rights over it.
pub fn mount_setattr(
    mount: BorrowedFd<'_>,
    attributes: u64,
    user_namespace: Option<BorrowedFd<'_>>,
    private: bool,
    recursive: bool,
) -> Result<()> {
    let attr = MountAttr {
        attr_set: attributes,
        propagation: if private { libc::MS_PRIVATE } else { 0 },
        userns_fd: user_namespace.map_or(0, |fd| fd.as_raw_fd() as u64),
        ..MountAttr::default()
    };
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is an empty C string, the structure outlives the call and its size is given.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    })
    .map(drop)
}
