//! Limits, each as our command line has it and as the `linux.resources` of a bundle do.

use super::bundle::PIDS;
use std::fs;

/// No group at all.
pub const NO_GROUP: &str = "no group";
/// What every container of ours has: that to which others add.
pub const LEAST: &str = "pids 2048";
/// All rows, as they stand in the table.
pub const ROWS: [&str; 9] =
    [NO_GROUP, LEAST, "pids 20", "memory", "cpu", "cpuset", "io", "devices", "all of these"];

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
    let (disk, numbers) = disk().unwrap_or_else(|| ("/dev/sda".into(), (8, 0)));
    let (rate, throttle) = (format!("{disk}:100mb"), throttle(numbers));
    let [_, least, pids, memory, cpu, cpuset, io, devices, together] = ROWS;
    let each = [
        limit(pids, &["--pids-limit", "20"], &[FEW]),
        limit(memory, &["--memory", "64m"], &[PIDS, MEMORY]),
        limit(cpu, &["--cpus", "0.5"], &[PIDS, QUOTA]),
        limit(cpuset, &["--cpuset-cpus", "0"], &[PIDS, SET]),
        limit(io, &["--device-write-bps", &rate], &[PIDS, &throttle]),
        limit(devices, &["--device-cgroup-rule", RULE], &[PIDS, RULES]),
    ];
    let options: Vec<&str> = each.iter().flat_map(|limit| &limit.options).map(String::as_str).collect();
    let together = limit(together, &options, &[FEW, MEMORY, QUOTA_AND_SET, &throttle, RULES]);
    [limit(least, &[], &[PIDS])].into_iter().chain(each).chain([together]).collect()
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

/// The first disk of this machine that is no loop, and its numbers. A limit binds a group of ours and no other.
fn disk() -> Option<(String, (u32, u32))> {
    let entries = fs::read_dir("/sys/block").ok()?.flatten();
    let mut disks: Vec<_> =
        entries.map(|entry| entry.path()).filter(|disk| disk.join("device").exists()).collect();
    disks.sort();
    let disk = disks.first()?;
    let numbers = fs::read_to_string(disk.join("dev")).ok()?;
    let (major, minor) = numbers.trim().split_once(':')?;
    let name = disk.file_name()?.to_str()?;
    Some((format!("/dev/{name}"), (major.parse().ok()?, minor.parse().ok()?)))
}
