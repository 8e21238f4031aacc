//! How namespaces are related: `ioctl_nsfs(2)`.

use crate::{Result, check};
use rustix::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

/// `_IO(0xb7, 0x1)` and the next, of `linux/nsfs.h`.
const NS_GET_USERNS: libc::Ioctl = 0xb701;
const NS_GET_PARENT: libc::Ioctl = 0xb702;

/// The user namespace that owns a namespace.
///
/// # Errors
/// EPERM: it is none of the caller's own, nor below it.
pub fn owner(namespace: impl AsFd) -> Result<OwnedFd> {
    related(namespace, NS_GET_USERNS)
}

/// The parent of a pid or user namespace.
///
/// # Errors
/// EPERM: it is above the caller's own. EINVAL: that kind has no parents.
pub fn parent(namespace: impl AsFd) -> Result<OwnedFd> {
    related(namespace, NS_GET_PARENT)
}

fn related(namespace: impl AsFd, request: libc::Ioctl) -> Result<OwnedFd> {
    // SAFETY: these requests take no argument, and return a new descriptor with O_CLOEXEC.
    let descriptor =
        check(libc::c_long::from(unsafe { libc::ioctl(namespace.as_fd().as_raw_fd(), request) }))?;
    // SAFETY: it is new, and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as i32) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Errno;
    use std::fs::File;

    #[test]
    fn what_is_above_is_out_of_reach_and_what_is_no_namespace_has_none() {
        let own = File::open("/proc/self/ns/pid").unwrap();
        assert!(parent(&own).is_err(), "the parent of one's own is above it");
        assert_eq!(owner(File::open("/dev/null").unwrap()).err(), Some(Errno::NOTTY));
    }
}
