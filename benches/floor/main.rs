//! The yardstick of `cargo xtask bench`: `floor [OPTION] ROOTFS COMMAND [ARG…]` makes the container that
//! `containerception run --rootfs ROOTFS COMMAND` makes, with the fewest kernel calls that we know of. With `--one-id`,
//! a user who has subordinate ids does without them, and so without newuidmap(1) and newgidmap(1). With `--moved`, the
//! outer process moves the inner one into its group, as others do, and waits for the kernel.
//!
//! It is what the product is measured against, so it leaves out everything but the job: no init, no options, no plan,
//! no fallback for older kernels, no journal (killed half-way, it leaves its group behind). Two tricks save calls that
//! the product, which has to supervise and to explain, cannot always save:
//!
//! - The root filesystem's tree is cloned before the process is, so that both hold the same mount and no descriptor
//!   has to change hands when the outer one has shifted its ids.
//! - Where one id is all that is mapped, the child writes the maps itself and waits for nobody.

mod command;
mod confine;
mod during;
mod ids;
mod inside;
mod limit;
mod mounts;
mod outside;

use command::Program;
use ids::Ids;
use limit::Limit;
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::OwnedFd;
use rustix::thread::UnshareFlags;
use std::io;
use std::process::ExitCode;
use sys::clone::{Fork, clone3};

/// What is made before the clone and used after it, by either process.
struct Container {
    root: String,
    /// The root filesystem as a detached mount, where it can be made before the clone: by the host's root.
    tree: Option<OwnedFd>,
    program: Program,
    ids: Ids,
    limit: Limit,
    /// An eventfd that the outer process rings when ids are mapped and shifted.
    bell: OwnedFd,
}

fn main() -> ExitCode {
    match Container::prepare().and_then(|container| container.run()) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("floor: {error}");
            ExitCode::from(125)
        }
    }
}

impl Container {
    fn prepare() -> io::Result<Container> {
        let mut arguments = std::env::args().skip(1).peekable();
        let one_id = arguments.next_if_eq("--one-id").is_some();
        let moved = arguments.next_if_eq("--moved").is_some();
        let root = arguments
            .next()
            .ok_or_else(|| io::Error::other("usage: floor [--one-id | --moved] ROOTFS COMMAND [ARG…]"))?;
        let program = Program::new(arguments)?;
        let ids = Ids::of_caller(one_id)?;
        let tree = match ids {
            Ids::Shifted => Some(mounts::tree(&root)?),
            Ids::Range(..) | Ids::Single(..) => None,
        };
        let limit = Limit::new(&ids, moved)?;
        Ok(Container { root, tree, program, ids, limit, bell: eventfd(0, EventfdFlags::CLOEXEC)? })
    }

    fn run(&self) -> io::Result<u8> {
        // All but the cgroup namespace, whose root is the group at that moment. Leaving the network namespace to the
        // child, so that the ids are mapped meanwhile, was tried: 0.1 ms slower.
        let namespaces = UnshareFlags::NEWUSER
            | UnshareFlags::NEWPID
            | UnshareFlags::NEWNS
            | UnshareFlags::NEWUTS
            | UnshareFlags::NEWIPC
            | UnshareFlags::NEWNET;
        match clone3(u64::from(namespaces.bits()), None)? {
            Fork::Child => inside::enter(self),
            Fork::Parent(pid, pidfd) => outside::attend(self, pid, &pidfd),
        }
    }
}
