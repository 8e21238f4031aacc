//! Block devices: which ones limits are about, and what the disks do about weights.

use ::cgroup::Layout;
use plan::limit::{Disks, Numbers};
use rustix::fs::{FileType, major, minor, stat};
use spec::catalogue::BAD_USAGE;
use spec::error::{Error, Result, reason};
use spec::resources::{BlockDevice, Io, Resources};
use std::fs;
use std::path::Path;

/// What the disks do about the limits of `resources`.
///
/// # Errors
/// `BAD_USAGE`: a device is not there, or no block device.
pub(crate) fn disks(resources: &Resources) -> Result<Disks> {
    let io = &resources.io;
    let limited = io.devices.iter().map(|device| numbers(&device.device)).collect::<Result<_>>()?;
    if !has_weights(io) {
        return Ok(Disks { limited, ..Disks::default() });
    }
    Ok(Disks { limited, by_bfq: by_bfq(SYSFS), by_cost: by_cost() })
}

/// Whether a disk shares its time by weights.
pub(crate) fn is_any_by_weights() -> bool {
    !(by_bfq(SYSFS).is_empty() && by_cost().is_empty())
}

const SYSFS: &str = "/sys/block";

fn has_weights(io: &Io) -> bool {
    io.weight.is_some() || io.devices.iter().any(|device| device.weight.is_some())
}

/// The numbers of a block device.
fn numbers(device: &BlockDevice) -> Result<Numbers> {
    let path = match device {
        BlockDevice::Number { major, minor } => return Ok((*major, *minor)),
        BlockDevice::Path(path) => path,
    };
    let bad = |why: String| {
        Error::new(BAD_USAGE, format!("{} has no limits of a block device", path.to_string_lossy()))
            .why(why)
            .fix("lsblk shows the block devices")
    };
    let stat = stat(path).map_err(|errno| bad(reason(&errno)))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::BlockDevice => Ok((major(stat.st_rdev), minor(stat.st_rdev))),
        _ => Err(bad("it is not a block device".to_owned())),
    }
}

/// The disks whose scheduler is BFQ: the one in brackets (`Documentation/block/switching-sched.rst`). A loop device without
/// a file keeps its scheduler, and is no disk.
fn by_bfq(all: impl AsRef<Path>) -> Vec<Numbers> {
    let entries = fs::read_dir(all.as_ref()).into_iter().flatten().flatten();
    let numbers = |disk: fs::DirEntry| {
        let read = |file: &str| fs::read_to_string(disk.path().join(file)).ok();
        let is_one = read("queue/scheduler")?.contains("[bfq]") && read("size")?.trim() != "0";
        if is_one { parse(read("dev")?.trim()) } else { None }
    };
    entries.filter_map(numbers).collect()
}

/// The disks with `io.cost` enabled. Its file is in the root group alone (`Documentation/admin-guide/cgroup-v2.rst`): who
/// does not see that has no disk with it.
fn by_cost() -> Vec<Numbers> {
    let place = Layout::detect().v2;
    let file = place.ok().and_then(|place| fs::read_to_string(place.mount.join("io.cost.qos")).ok());
    enabled(&file.unwrap_or_default())
}

/// Those of `8:0 enable=1 ctrl=auto …`, a line each.
fn enabled(qos: &str) -> Vec<Numbers> {
    let lines = qos.lines().filter(|line| line.split(' ').any(|word| word == "enable=1"));
    lines.filter_map(|line| parse(line.split(' ').next()?)).collect()
}

fn parse(numbers: &str) -> Option<Numbers> {
    let (major, minor) = numbers.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error;

    #[test]
    fn the_scheduler_in_brackets_is_the_disks() -> std::result::Result<(), Box<dyn error::Error>> {
        let all = std::env::temp_dir().join(format!("containerception-block-{}", std::process::id()));
        for (name, scheduler, dev, size) in [
            ("sda", "none mq-deadline [bfq]\n", "8:0\n", "1024\n"),
            ("sdb", "[none] mq-deadline bfq\n", "8:16\n", "1024\n"),
            ("nvme0n1", "none [bfq]\n", "259:3\n", "8\n"),
            ("loop0", "none [bfq]\n", "7:0\n", "0\n"),
        ] {
            let disk = all.join(name);
            fs::create_dir_all(disk.join("queue"))?;
            fs::write(disk.join("queue/scheduler"), scheduler)?;
            fs::write(disk.join("dev"), dev)?;
            fs::write(disk.join("size"), size)?;
        }
        fs::create_dir_all(all.join("bare"))?;
        let mut found = by_bfq(&all);
        found.sort_unstable();
        fs::remove_dir_all(&all)?;
        assert_eq!(found, [(8, 0), (259, 3)]);
        assert_eq!(by_bfq(&all), []);
        Ok(())
    }

    #[test]
    fn io_cost_is_on_where_its_line_says_so() {
        let qos = "8:16 enable=1 ctrl=auto rpct=95.00\n8:0 enable=0 ctrl=auto\nrubbish enable=1\n";
        assert_eq!(enabled(qos), [(8, 16)]);
        assert_eq!(enabled(""), []);
    }
}
