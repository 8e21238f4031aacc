//! Containers with every limit that can be held here.

use super::subject::Subject;
use std::fs;
use std::io;
use testbed::leaks::systemd_runs;

/// Where groups are made, and the options for that and for all limits.
pub struct Limits {
    /// For people.
    pub title: &'static str,
    /// The options that choose the place.
    pub place: Vec<String>,
    /// The limits: an option and its value.
    limits: Vec<[String; 2]>,
}

impl Limits {
    /// All places that a user has; `marker` is in the names of groups that are made. What cannot be held is told.
    pub fn of(subject: &Subject, marker: &str) -> io::Result<Vec<Limits>> {
        let below = format!("/containerception-{marker}/below");
        let own = ["--cgroup-manager", "cgroupfs", "--cgroup-parent", &below];
        let mut places = vec![("limits", &own[..])];
        if systemd_runs() {
            places.push(("limits, by systemd", &["--cgroup-manager", "systemd"]));
        }
        let mut all = Vec::new();
        for (title, place) in places {
            if is_held(subject, &[place, &["--memory", "64m"]].concat())? {
                let limits = held(subject, title, place)?;
                let place = place.iter().map(|word| (*word).to_owned()).collect();
                all.push(Limits { title, place, limits });
            }
        }
        Ok(all)
    }

    /// The options that choose the place, and all limits.
    pub fn options(&self) -> Vec<&str> {
        self.place.iter().map(String::as_str).chain(self.limits()).collect()
    }

    /// All limits.
    pub fn limits(&self) -> Vec<&str> {
        self.limits.iter().flatten().map(String::as_str).collect()
    }

    /// Those limits that a container can be given while it runs: the others are its processes' own, or need a group of v2
    /// beside those of v1.
    pub fn changes(&self) -> Vec<&str> {
        let can_be = |limit: &&[String; 2]| !NOT_LATER.contains(&&*limit[0]);
        self.limits.iter().filter(can_be).flatten().map(String::as_str).collect()
    }
}

/// What only a start can be asked for.
const NOT_LATER: [&str; 3] = ["--cgroup-conf", "--ulimit", "--oom-score-adj"];

/// Those limits that can be held in a place: one of each controller, and two that are the processes' own.
fn held(subject: &Subject, title: &str, place: &[&str]) -> io::Result<Vec<[String; 2]>> {
    let rate = disk().map(|disk| format!("{disk}:100mb")).unwrap_or_default();
    let all = [
        ["--memory", "64m"],
        ["--cpus", "0.5"],
        ["--cpuset-cpus", "0"],
        ["--device-write-bps", &rate],
        ["--device-cgroup-rule", "c 1:11 r"],
        ["--cgroup-conf", "hugetlb.2MB.max=4194304"],
        ["--ulimit", "nofile=1000:2000"],
        ["--oom-score-adj", "500"],
    ];
    let mut held = Vec::new();
    for limit in all {
        if is_held(subject, &[place, &limit].concat())? {
            held.push(limit.map(str::to_owned));
        } else {
            println!("\nSKIPPED  {title}, without {}: it cannot be held here", limit.join(" "));
        }
    }
    Ok(held)
}

/// Whether the program plans it.
fn is_held(subject: &Subject, options: &[&str]) -> io::Result<bool> {
    let words = [&["run", "--dry-run"], options, &["true"]].concat();
    Ok(subject.command(&words).status()?.success())
}

/// A disk of the host's that is no loop device. Nothing is read from it or written to it.
fn disk() -> Option<String> {
    let entries = fs::read_dir("/sys/block").ok()?.flatten().map(|entry| entry.path());
    let disk = entries.filter(|disk| disk.join("device").exists()).min()?;
    Some(format!("/dev/{}", disk.file_name()?.to_str()?))
}
