//! What the kernel has counted for a container.
//!
//! Everything is read from the container's own groups. `None` is what is not counted in those: on v1 a container
//! may have but a group of pids, on v2 a threaded group has neither memory nor io, and files are missing in older
//! kernels. Nothing is added up from `/proc`.

mod cpu;
mod hugetlb;
mod io;
mod memory;
mod pids;
mod pressure;

pub use cpu::Cpu;
pub use hugetlb::HugePages;
pub use io::Device;
pub use memory::Memory;
pub use pids::Pids;
pub use pressure::{Pressure, Resource, Stall};

use crate::controller::Group;
use crate::opened::{Opened, Unread};

/// All figures of a container, its groups below included.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stats {
    /// Time on the CPUs.
    pub cpu: Cpu,
    /// Memory and swap.
    pub memory: Memory,
    /// Processes and threads.
    pub pids: Pids,
    /// What was read from and written to block devices, for each that was used.
    pub io: Option<Vec<Device>>,
    /// How long processes have waited for what they needed.
    pub pressure: Pressure,
    /// Huge pages, for each size.
    pub hugetlb: Option<Vec<HugePages>>,
}

/// Reads the figures of the container that has `groups`.
///
/// # Errors
///
/// [`Unread`]: one of the groups has gone, or cannot be opened.
pub fn read(groups: &[Group]) -> Result<Stats, Unread> {
    let opened = Opened::open(groups)?;
    let stats = Stats {
        cpu: cpu::read(&opened),
        memory: memory::read(&opened),
        pids: pids::read(&opened),
        io: io::read(&opened),
        pressure: pressure::read(&opened),
        hugetlb: hugetlb::read(&opened),
    };
    opened.are_there()?;
    Ok(stats)
}

/// A file by its name, as a test has it: from pairs of names and texts.
#[cfg(test)]
fn files<'a>(texts: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |wanted| texts.iter().find(|(name, _)| *name == wanted).map(|(_, text)| (*text).to_owned())
}
