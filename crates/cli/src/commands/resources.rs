//! From options to limits.

use crate::options::Limits;
use spec::catalogue::BAD_RESOURCES;
use spec::device::Rule;
use spec::error::{Error, Result, reason};
use spec::limit::{self, control_file, cpu, io, memory};
use spec::resources::{Bound, IoDevice, Set};
use spec::{Resources, oci};
use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

/// The longest section that is read (R9).
const MOST: u64 = 1 << 20;

/// The limits that were asked for. Options go before the file.
///
/// # Errors
/// The first that is not well-formed, or contradicts another.
pub fn resources(options: &Limits) -> Result<Resources> {
    let mut all = match &options.resources {
        Some(file) => oci::resources::parse(&read(file)?)?,
        None => Resources::default(),
    };
    memory_of(options, &mut all)?;
    cpu_of(options, &mut all)?;
    io_of(options, &mut all)?;
    if let Some(text) = &options.pids_limit {
        all.pids = Some(limit::pids(text)?.map_or(Bound::Unlimited, |number| Bound::At(number.into())));
    }
    for text in &options.device_cgroup_rule {
        all.devices.push(Rule::parse(text)?);
    }
    for text in &options.cgroup_conf {
        all.unified.push(control_file::parse(text)?);
    }
    all.check()?;
    let asked = all.unified.iter().any(|(file, _)| file == "memory.swap.max");
    if options.memory.is_some() && !asked {
        all.memory = all.memory.with_default_swap();
    }
    Ok(all)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = match file.to_str() {
        Some("-") => stdin().take(MOST + 1).read_to_end(&mut text),
        _ => File::open(file).and_then(|file| file.take(MOST + 1).read_to_end(&mut text)),
    };
    let failed = |why: String| {
        Error::new(BAD_RESOURCES, format!("the limits in {} cannot be read", file.display()))
            .why(why)
            .fix("give the file with the resources section of an OCI config.json")
    };
    match read {
        Ok(length) if length as u64 > MOST => Err(failed("it is longer than 1 MiB".to_owned())),
        Ok(_) => Ok(text),
        Err(error) => Err(failed(reason(&error))),
    }
}

/// What was typed, parsed; what was not typed leaves `place` alone.
fn set<T>(
    place: &mut Option<T>,
    typed: Option<&String>,
    parse: impl FnOnce(&str) -> Result<T>,
) -> Result<()> {
    if let Some(text) = typed {
        *place = Some(parse(text)?);
    }
    Ok(())
}

fn memory_of(options: &Limits, all: &mut Resources) -> Result<()> {
    let place = &mut all.memory;
    set(&mut place.max, options.memory.as_ref(), memory::limit)?;
    set(&mut place.with_swap, options.memory_swap.as_ref(), memory::with_swap)?;
    set(&mut place.low, options.memory_reservation.as_ref(), memory::reservation)?;
    set(&mut place.high, options.memory_high.as_ref(), memory::limit)?;
    set(&mut place.swappiness, options.memory_swappiness.as_ref(), memory::swappiness)?;
    if options.oom_kill_disable {
        place.no_oom_kill = Some(true);
    }
    Ok(())
}

fn cpu_of(options: &Limits, all: &mut Resources) -> Result<()> {
    let place = &mut all.cpu;
    set(&mut place.quota, options.cpu_quota.as_ref(), cpu::quota)?;
    set(&mut place.period, options.cpu_period.as_ref(), cpu::period)?;
    if let Some(text) = &options.cpus {
        (place.quota, place.period) = (Some(cpu::cpus(text)?), Some(cpu::PERIOD));
    }
    set(&mut place.burst, options.cpu_burst.as_ref(), cpu::burst)?;
    if let Some(text) = &options.cpu_shares {
        place.shares = cpu::shares(text)?;
    }
    set(&mut place.realtime_runtime, options.cpu_rt_runtime.as_ref(), cpu::realtime_runtime)?;
    set(&mut place.realtime_period, options.cpu_rt_period.as_ref(), cpu::realtime_period)?;
    set(&mut place.cpus, options.cpuset_cpus.as_ref(), Set::parse)?;
    set(&mut place.mems, options.cpuset_mems.as_ref(), Set::parse)
}

fn io_of(options: &Limits, all: &mut Resources) -> Result<()> {
    if let Some(text) = &options.blkio_weight {
        all.io.weight = io::weight(text)?;
    }
    type Parse = fn(&str) -> Result<IoDevice>;
    let given: [(&[String], Parse); 5] = [
        (&options.blkio_weight_device, io::device_weight),
        (&options.device_read_bps, io::read_bps),
        (&options.device_write_bps, io::write_bps),
        (&options.device_read_iops, io::read_iops),
        (&options.device_write_iops, io::write_iops),
    ];
    for (texts, parse) in given {
        for text in texts {
            all.io.add(parse(text)?);
        }
    }
    Ok(())
}
