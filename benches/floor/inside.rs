//! The inner half: from the clone to the command.

use crate::Container;
use crate::confine::confine;
use crate::during::During;
use crate::mounts;
use rustix::fd::AsFd;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use rustix::process::{Signal, set_parent_process_death_signal, setsid};
use std::convert::Infallible;
use std::io;
use sys::clone::unshare_cgroup;

/// Becomes the command, or says what failed and ends with 125.
pub fn enter(container: &Container) -> ! {
    let Err(error) = become_command(container);
    eprintln!("floor: inside: {error}");
    sys::clone::exit(125)
}

fn become_command(container: &Container) -> io::Result<Infallible> {
    container.limit.join()?;
    rustix::system::sethostname(b"containerception").during("sethostname")?;
    loopback_up()?;
    take_ids(container)?;
    // After joining or being moved: the group of that moment is the root of what is seen.
    unshare_cgroup().during("unshare")?;
    // After the change of ids, which clears it.
    set_parent_process_death_signal(Some(Signal::KILL)).during("PR_SET_PDEATHSIG")?;
    mounts::enter(container)?;
    setsid().during("setsid")?;
    confine()?;
    Err(container.program.execute()).during("execve")
}

fn loopback_up() -> io::Result<()> {
    let socket =
        socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None).during("socket")?;
    sys::network::loopback_up(socket.as_fd()).during("lo up")?;
    // execve(2) closes it.
    std::mem::forget(socket);
    Ok(())
}

fn take_ids(container: &Container) -> io::Result<()> {
    if container.ids.mapped_from_inside() {
        return container.ids.map_from_inside();
    }
    rustix::io::read(&container.bell, &mut [0; 8]).during("wait for the bell")?;
    container.ids.become_root()
}
