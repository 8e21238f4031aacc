//! A place without control groups, in which a container of ours starts that has none: to tell what a group costs, as crun's
//! `--cgroup-manager disabled` does.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

/// Covers them in a mount namespace of its own, and says so.
const COVER: &str = "mount -t tmpfs none /sys/fs/cgroup && echo covered && read -r nothing";

/// The mount namespaces with and without them. The latter lives as long as its descriptor.
pub struct Covered {
    with: File,
    without: File,
}

impl Covered {
    /// Makes one. Root's to do.
    pub fn new() -> io::Result<Covered> {
        let mut words = Command::new("unshare");
        words.args(["--mount", "sh", "-c", COVER]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = words.spawn()?;
        let mut said = [0; 8];
        let told = holder.stdout.as_mut().map_or(Ok(()), |stdout| stdout.read_exact(&mut said));
        let without = told.and_then(|()| File::open(format!("/proc/{}/ns/mnt", holder.id())));
        // Ends its input, and so the shell.
        drop(holder.stdin.take());
        holder.wait()?;
        Ok(Covered { with: File::open("/proc/self/ns/mnt")?, without: without? })
    }

    /// Does `what` there, and comes back.
    pub fn within<T>(&self, what: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        enter(&self.without)?;
        let done = what();
        enter(&self.with)?;
        done
    }
}

/// This process has one thread, or the kernel would refuse (setns(2)). The working directory becomes `/`.
fn enter(namespace: &File) -> io::Result<()> {
    Ok(move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Mount))?)
}
