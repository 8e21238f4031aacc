//! What there is on the machine now, and what of it has come and not gone since.

use crate::groups;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a thing may take to go: the kernel ends the processes of a PID namespace after its init, and a mount or
/// network namespace after its last process.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where to look.
pub struct Places {
    /// Directories whose whole content is listed: where containers keep their state.
    pub state: Vec<PathBuf>,
    /// Directories below which the control groups of containers are listed: [`group_places`].
    pub groups: Vec<PathBuf>,
    /// Programs whose processes are listed, wherever they run.
    pub programs: Vec<PathBuf>,
}

/// The kinds of things that are looked for, as the lines of a snapshot begin.
pub const KINDS: [&str; 6] = ["mount", "group", "unit", "network namespace", "process", "file"];

/// What there was at one moment: what tells a thing apart, and how it is told. A process may change its name.
pub struct Snapshot(BTreeMap<String, String>);

impl Snapshot {
    /// How many things of a kind there were, of those that `counts`.
    pub fn count(&self, kind: &str, counts: impl Fn(&str) -> bool) -> usize {
        let of_kind = |line: &&String| line.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' '));
        self.0.values().filter(of_kind).filter(|line| counts(line)).count()
    }
}

impl Places {
    /// Looks.
    ///
    /// # Errors
    /// `/proc` cannot be read. What vanishes while it is looked at is no error, and neither is what this user may not see.
    pub fn look(&self) -> io::Result<Snapshot> {
        let mut things: Vec<String> = mounts()?.collect();
        things.extend(
            self.state.iter().flat_map(|place| below(place, true)).map(|path| format!("file {path}")),
        );
        things.extend(
            self.groups
                .iter()
                .flat_map(|place| below(place, false))
                .filter(|path| path.contains("/containerception"))
                .map(|path| format!("group {path}")),
        );
        things.extend(units("containerception").into_iter().map(|unit| format!("unit {unit}")));
        let mut processes = Vec::new();
        let own = fs::read_link("/proc/self/ns/pid")?;
        for process in fs::read_dir("/proc")?.flatten().map(|entry| entry.path()) {
            things.extend(network(&process));
            processes.extend(self.process(&process, &own));
        }
        Ok(Snapshot(things.into_iter().map(|thing| (thing.clone(), thing)).chain(processes).collect()))
    }

    /// What has come since `before` and does not go, however often one looks.
    ///
    /// Other programs of the machine come and go meanwhile; only what is there each time is told.
    pub fn left_since(&self, before: &Snapshot) -> io::Result<Vec<String>> {
        let deadline = Instant::now() + PATIENCE;
        let mut left = self.look()?.0;
        left.retain(|thing, _| !before.0.contains_key(thing));
        while !left.is_empty() && Instant::now() < deadline {
            sleep(Duration::from_millis(20));
            let now = self.look()?.0;
            left.retain(|thing, _| now.contains_key(thing));
        }
        Ok(left.into_values().collect())
    }

    /// A process of one of the programs, or one in a PID namespace other than `own`.
    fn process(&self, process: &Path, own: &Path) -> Option<(String, String)> {
        let inside = fs::read_link(process.join("ns/pid")).is_ok_and(|namespace| namespace != own);
        let program = fs::read_link(process.join("exe")).unwrap_or_default();
        if !inside && !self.programs.contains(&program) {
            return None;
        }
        let stat = fs::read_to_string(process.join("stat")).ok()?;
        // The pid, the name in brackets, then the state; the start, twenty fields on, tells the pid's next owner apart.
        let (name, rest) = stat.rsplit_once(") ")?;
        let (pid, start) = (name.split(' ').next()?, rest.split(' ').nth(19)?);
        Some((format!("process {pid} {start}"), format!("process {name}) started at {start}")))
    }
}

/// Below which groups containers' groups are made: the caller's own in each hierarchy; where systemd makes them, anywhere.
pub fn group_places() -> io::Result<Vec<PathBuf>> {
    if systemd_runs() {
        return groups::mounts();
    }
    let own = groups::Groups::of(std::process::id())?;
    Ok(own.directories().map(Path::to_owned).collect())
}

/// Whether systemd is the machine's init (`sd_booted(3)`).
pub fn systemd_runs() -> bool {
    Path::new("/run/systemd/system").exists()
}

/// The units of systemd's with `part` in their names, failed ones too: of the machine's manager, and of the caller's own.
pub fn units(part: &str) -> Vec<String> {
    let listed = |manager: &str| {
        let pattern = format!("*{part}*");
        let options = [manager, "list-units", "--all", "--plain", "--no-legend", "--full"];
        let output = Command::new("systemctl").args(options).arg(pattern).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    };
    if !systemd_runs() {
        return Vec::new();
    }
    let lists = ["--system", "--user"].map(listed);
    lists
        .iter()
        .flat_map(|list| list.lines())
        .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
        .collect()
}

/// How many files the whole machine has open (`proc_sys_fs(5)`, file-nr): also those that no process has in its table,
/// such as one that is on its way in a socket. Everybody's, and the kernel counts loosely: only many tell anything.
pub fn open_files() -> io::Result<u64> {
    let numbers = fs::read_to_string("/proc/sys/fs/file-nr")?;
    let first = numbers.split_ascii_whitespace().next().and_then(|number| number.parse().ok());
    first.ok_or_else(|| io::Error::other("/proc/sys/fs/file-nr has no number"))
}

/// The lines of `/proc/self/mountinfo`, `proc_pid_mountinfo(5)`.
fn mounts() -> io::Result<impl Iterator<Item = String>> {
    let list = fs::read_to_string("/proc/self/mountinfo")?;
    Ok(list.lines().map(|line| format!("mount {line}")).collect::<Vec<_>>().into_iter())
}

/// The network namespace of a process. One that no process has, only a mount can hold.
fn network(process: &Path) -> Option<String> {
    let namespace = fs::read_link(process.join("ns/net")).ok()?;
    Some(format!("network namespace {}", namespace.display()))
}

/// Everything below `directory`, and itself: directories, and `files` if wanted. Links are not followed.
fn below(directory: &Path, files: bool) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut found = vec![directory.display().to_string()];
    for entry in entries.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(below(&entry.path(), files)),
            Ok(_) if files => found.push(entry.path().display().to_string()),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_told_and_what_goes_is_not() -> io::Result<()> {
        let directory = std::env::temp_dir().join(format!("containerception-leaks-{}", std::process::id()));
        fs::create_dir(&directory)?;
        let places = Places { state: vec![directory.clone()], groups: Vec::new(), programs: Vec::new() };
        let before = places.look()?;
        fs::write(directory.join("stays"), "")?;
        fs::write(directory.join("goes"), "")?;
        let goes = directory.join("goes");
        let remover = std::thread::spawn(move || {
            sleep(Duration::from_millis(200));
            fs::remove_file(goes)
        });
        let left = places.left_since(&before)?;
        fs::remove_dir_all(&directory)?;
        assert!(remover.join().is_ok_and(|removed| removed.is_ok()));
        let files: Vec<&String> = left.iter().filter(|thing| thing.starts_with("file")).collect();
        assert_eq!(files, [&format!("file {}", directory.join("stays").display())]);
        Ok(())
    }
}
