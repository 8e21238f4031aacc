//! Control files of cgroup v2 by their names: `--cgroup-conf KEY=VALUE`, and `unified` of the OCI section.

use crate::catalogue::BAD_CONTROL_FILE;
use crate::error::{Error, Result};

/// The longest value: a control file takes one page at a time (`kernfs_fop_write_iter`, `fs/kernfs/file.c`).
const LONGEST_VALUE: usize = 4096;
/// The longest name: `CGROUP_FILE_NAME_MAX` without its NUL (`kernel/cgroup/cgroup.c`), rounded down.
const LONGEST_NAME: usize = 96;

/// A control file, and one line that is written to it.
///
/// # Errors
/// `BAD_CONTROL_FILE` for what is no name of a control file or may not be set, and for an empty or long value.
pub fn parse(text: &str) -> Result<(String, String)> {
    let bad = |part: &str, why: &str| {
        Error::new(BAD_CONTROL_FILE, format!("{text:?} cannot be set: {why}"))
            .at(text, part)
            .fix("write NAME=VALUE, a control file of cgroup v2 with what it takes, such as memory.high=64M")
    };
    let Some((name, value)) = text.split_once('=') else {
        return Err(bad(&text[text.len()..], "it has no value"));
    };
    check_name(name).map_err(|why| bad(name, why))?;
    check_line(value).map_err(|why| bad(value, why))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a control file of that name may be set: a controller, then at least one more part, `memory.high` or
/// `hugetlb.1GB.max`; so it is one file of the container's own group. Otherwise why not.
pub(crate) fn check_name(name: &str) -> std::result::Result<(), &'static str> {
    let (controller, rest) = name.split_once('.').unwrap_or((name, ""));
    let letters =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let small = !controller.bytes().any(|byte| byte.is_ascii_uppercase());
    if name.len() > LONGEST_NAME || !small || !letters(controller) || !rest.split('.').all(letters) {
        return Err("that is no name of a control file");
    }
    let last = rest.rsplit('.').next().unwrap_or_default();
    match (controller, last) {
        // procs and threads move processes out of their limits, subtree_control and type change what a group is, freeze
        // and kill stop it: all of them are ours, and the rest limits groups that only a container with groups of its
        // own could make.
        ("cgroup", _) => Err("what begins with cgroup. is set by containerception alone"),
        // A trigger lasts while the descriptor is open that it was written to (Documentation/accounting/psi.rst).
        (_, "pressure") => Err("a trigger is gone as soon as it is written"),
        // The same for the reset of a peak (Documentation/admin-guide/cgroup-v2.rst, "memory.peak").
        (_, "peak") => Err("a peak is only counted"),
        ("memory", "reclaim") => Err("it is no limit: it reclaims memory once"),
        _ => Ok(()),
    }
}

/// Whether `line` can be written: an empty one would not be, and of two the second would be lost or be an error.
pub(crate) fn check_line(line: &str) -> std::result::Result<(), &'static str> {
    match line {
        "" => Err("its value is empty"),
        _ if line.len() > LONGEST_VALUE => Err("its value has more than 4,096 bytes"),
        _ if line.contains(char::is_control) => Err("its value has a control character"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_files() {
        for (text, name, value) in [
            ("memory.high=64M", "memory.high", "64M"),
            ("hugetlb.1GB.max=max", "hugetlb.1GB.max", "max"),
            ("io.max=8:0 rbps=1048576 wiops=120", "io.max", "8:0 rbps=1048576 wiops=120"),
            ("memory.oom.group=1", "memory.oom.group", "1"),
            ("cpuset.cpus.partition=isolated", "cpuset.cpus.partition", "isolated"),
        ] {
            assert_eq!(parse(text).unwrap(), (name.to_owned(), value.to_owned()));
        }
        assert!(parse(&format!("misc.max={}", "x".repeat(4096))).is_ok());
    }

    #[test]
    fn what_cannot_be_set_is_pointed_at() {
        for (text, guilty) in [
            ("", 0..0),
            ("memory.high", 11..11),
            ("memory.high=", 12..12),
            ("=1", 0..0),
            ("memory=1", 0..6),
            ("memory.=1", 0..7),
            (".max=1", 0..4),
            ("memory..high=1", 0..12),
            ("Memory.high=1", 0..11),
            ("../memory.high=1", 0..14),
            ("a/memory.high=1", 0..13),
            ("memory.high/=1", 0..12),
            ("memory.hi gh=1", 0..12),
            ("memory.höh=1", 0..11),
            ("memory.high=1\n2", 12..15),
            ("memory.high=1\0", 12..14),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(
                (error.code, error.at.map_or(0..0, |at| at.range)),
                (BAD_CONTROL_FILE, guilty),
                "{text:?}"
            );
        }
        assert!(parse(&format!("misc.max={}", "x".repeat(4097))).is_err());
        assert!(parse(&format!("misc.{}=1", "x".repeat(92))).is_err());
    }

    /// The attack: a key that takes processes out of their group, or the group out of our hands.
    #[test]
    fn nobody_leaves_by_a_control_file() {
        for name in [
            "cgroup.procs",
            "cgroup.threads",
            "cgroup.subtree_control",
            "cgroup.type",
            "cgroup.kill",
            "cgroup.freeze",
            "cgroup.max.depth",
            "cgroup.max.descendants",
            "cgroup.pressure",
            "memory.pressure",
            "io.pressure",
            "irq.pressure",
            "memory.peak",
            "memory.swap.peak",
            "pids.peak",
            "memory.reclaim",
        ] {
            let error = parse(&format!("{name}=1")).unwrap_err();
            assert_eq!((error.code, error.at.unwrap().range), (BAD_CONTROL_FILE, 0..name.len()), "{name}");
        }
    }
}
