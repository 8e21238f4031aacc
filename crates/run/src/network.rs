//! Performs steps on the network.

use crate::procfs;
use plan::network::Op;
use rustix::fd::AsFd;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::io::Write;
use sys::{Errno, Result};

pub(crate) fn perform(op: &Op) -> Result<()> {
    match op {
        Op::Namespace => sys::clone::unshare_network(),
        Op::LoopbackUp => {
            let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
            sys::network::loopback_up(socket.as_fd())
        }
        Op::PingGroups { last } => ping_groups(*last),
    }
}

/// Written through the container's own `/proc`, which was mounted a moment ago and is verified to be one (R2).
fn ping_groups(last: u32) -> Result<()> {
    let proc = openat(
        CWD,
        c"proc",
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW,
        Mode::empty(),
    )?;
    procfs::verify(&proc)?;
    let mut buffer = [0; 32];
    let mut rest = &mut buffer[..];
    write!(rest, "0 {last}").map_err(|_| Errno::INVAL)?;
    let length = 32 - rest.len();
    match procfs::write(&proc, c"sys/net/ipv4/ping_group_range", &buffer[..length]) {
        // A kernel without IPv4.
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}
