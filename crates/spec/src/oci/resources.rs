//! The section `linux.resources` of the OCI runtime specification (1.3, `config-linux.md`, "Control groups").
//!
//! What is not understood is an error, other than the specification has it ("Extensibility": properties that a runtime
//! does not know are ignored): a limit that nobody holds is worse than none. The same for what no kernel or we cannot
//! do. `null` is as if it were not there.
//!
//! Where the specification does not say what 0 means, it is read as runc and crun read it: in shares, quota, periods and
//! weights it asks for nothing, in rates for no limit. Where these two differ, as in a limit of memory, it is an error.

mod block_io;
mod cpu;
mod device;
mod entries;
mod field;
mod memory;
mod mistake;
mod named;
mod others;

use crate::catalogue::BAD_RESOURCES;
use crate::error::{Error, Result};
use crate::resources::Resources;
use field::Object;
use serde::Deserialize;

/// The longest section that is read, in bytes: some thousands of rules of devices.
const LONGEST: usize = 256 << 10;

/// Reads the section from its JSON.
///
/// # Errors
/// `BAD_RESOURCES` for what is no such section, pointing at the place; `CONFLICT` for limits that do not fit together.
pub fn parse(json: &[u8]) -> Result<Resources> {
    if json.len() > LONGEST {
        return Err(Error::new(BAD_RESOURCES, "the section linux.resources is longer than 256 KiB")
            .fix("write one limit once; rules of devices can cover many by leaving out their numbers"));
    }
    let Object(section) =
        serde_json::from_slice::<Object<Section>>(json).map_err(|error| mistake::mistake(json, &error))?;
    let resources = section.resources();
    resources.check()?;
    Ok(resources)
}

/// The section, each field checked as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Section {
    #[serde(default)]
    devices: Option<Vec<Object<device::Rule>>>,
    #[serde(default)]
    memory: Option<Object<memory::Memory>>,
    #[serde(default)]
    cpu: Option<Object<cpu::Cpu>>,
    #[serde(default)]
    pids: Option<Object<others::Pids>>,
    #[serde(default, rename = "blockIO")]
    block_io: Option<Object<block_io::BlockIo>>,
    #[serde(default, deserialize_with = "others::huge_pages")]
    hugepage_limits: Vec<crate::resources::HugePages>,
    #[serde(default)]
    network: Option<Object<others::Network>>,
    #[serde(default)]
    rdma: Option<named::Rdma>,
    #[serde(default)]
    unified: Option<named::Unified>,
}

impl Section {
    fn resources(self) -> Resources {
        let Section { devices, memory, cpu, pids, block_io, hugepage_limits, network, rdma, unified } = self;
        network.map(|network| network.0.nothing()).unwrap_or_default();
        Resources {
            memory: memory.map(|memory| memory.0.limits()).unwrap_or_default(),
            cpu: cpu.map(|cpu| cpu.0.limits()).unwrap_or_default(),
            io: block_io.map(|io| io.0.limits()).unwrap_or_default(),
            pids: pids.and_then(|pids| pids.0.limit),
            hugetlb: hugepage_limits,
            rdma: rdma.map(named::Rdma::limits).unwrap_or_default(),
            devices: devices.unwrap_or_default().into_iter().map(|rule| rule.0.rule()).collect(),
            unified: unified.map(named::Unified::lines).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
