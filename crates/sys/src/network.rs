//! The loopback interface.

use crate::{Result, check};
use rustix::fd::{AsRawFd, BorrowedFd};

/// Sets `lo` up in the network namespace of `socket` (`netdevice(7)`, SIOCSIFFLAGS). A new namespace has it down.
pub fn loopback_up(socket: BorrowedFd<'_>) -> Result<()> {
    // SAFETY: an all-zero ifreq is a valid one: integers and arrays of them.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: SIOCSIFFLAGS reads an ifreq, which outlives the call.
    check(libc::c_long::from(unsafe {
        libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request)
    }))
    .map(drop)
}
