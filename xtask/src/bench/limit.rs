//! Limits, each as our command line has it and as the `linux.resources` of a bundle do.

use super::bundle::PIDS;
use std::fs;

/// No group at all: crun's alone can do without.
pub const NO_GROUP: &str = "no group";
/// What every container of ours has: that to which others add.
pub const LEAST: &str = "pids alone";
/// All rows, as they stand in the table.
pub const ROWS: [&str; 9] =
    [NO_GROUP, LEAST, "pids, another", "memory", "cpu", "cpuset", "io", "devices", "all of these"];

/// The same limit in two languages.
pub struct Limit {
    /// Its row.
    pub name: &'static str,
    /// For our command line.
    pub options: Vec<String>,
    /// For a bundle: the inside of the object.
    pub resources: String,
}

/// All of them but that of no group. The disk's is far above what a start writes.
pub fn all() -> Vec<Limit> {
    let (device, numbers) = disk().unwrap_or_else(|| ("/dev/sda".into(), (8, 0)));
    let rate = format!("{device}:100mb");
    let io = throttle(numbers);
    let [_, least, pids, memory, cpu, cpuset, disk, devices, all] = ROWS;
    vec![
        limit(least, &[], &[PIDS]),
        limit(pids, &["--pids-limit", "20"], &[FEW]),
        limit(memory, &["--memory", "64m"], &[PIDS, MEMORY]),
        limit(cpu, &["--cpus", "0.5"], &[PIDS, QUOTA]),
        limit(cpuset, &["--cpuset-cpus", "0"], &[PIDS, SET]),
        limit(disk, &["--device-write-bps", &rate], &[PIDS, &io]),
        limit(devices, &["--device-cgroup-rule", RULE], &[PIDS, RULES]),
        limit(
            all,
            &[
                "--pids-limit",
                "20",
                "--memory",
                "64m",
                "--cpus",
                "0.5",
                "--cpuset-cpus",
                "0",
                "--device-write-bps",
                &rate,
                "--device-cgroup-rule",
                RULE,
            ],
            &[FEW, MEMORY, QUOTA_AND_SET, &io, RULES],
        ),
    ]
}

fn limit(name: &'static str, options: &[&str], resources: &[&str]) -> Limit {
    let options = options.iter().map(|word| (*word).to_owned()).collect();
    Limit { name, options, resources: resources.join(",") }
}

const FEW: &str = r#""pids":{"limit":20}"#;
/// Docker's `--memory` gives as much swap, and so does ours.
const MEMORY: &str = r#""memory":{"limit":67108864,"swap":134217728}"#;
const QUOTA: &str = r#""cpu":{"quota":50000,"period":100000}"#;
const SET: &str = r#""cpu":{"cpus":"0"}"#;
const QUOTA_AND_SET: &str = r#""cpu":{"quota":50000,"period":100000,"cpus":"0"}"#;
/// `/dev/fuse`; all three add the devices that every container has.
const RULE: &str = "c 10:229 rwm";
const RULES: &str = concat!(
    r#""devices":[{"allow":false,"access":"rwm"},"#,
    r#"{"allow":true,"type":"c","major":10,"minor":229,"access":"rwm"}]"#
);

fn throttle((major, minor): (u32, u32)) -> String {
    format!(
        r#""blockIO":{{"throttleWriteBpsDevice":[{{"major":{major},"minor":{minor},"rate":104857600}}]}}"#
    )
}

/// The first disk of this machine that holds something, and its numbers. A limit binds a group of ours and no other.
fn disk() -> Option<(String, (u32, u32))> {
    let mut names: Vec<_> = fs::read_dir("/sys/block")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names.into_iter().find_map(|name| {
        let read = |file: &str| fs::read_to_string(format!("/sys/block/{name}/{file}")).ok();
        let numbers = read("dev")?;
        let (major, minor) = numbers.trim().split_once(':')?;
        let filled = read("size")?.trim() != "0";
        filled.then_some((format!("/dev/{name}"), (major.parse().ok()?, minor.parse().ok()?)))
    })
}
