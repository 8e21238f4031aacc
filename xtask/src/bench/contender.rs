//! Who is measured, and against whom.

use super::bundle::{Bundle, resources};
use super::covered::Covered;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use testbed::kind::Kind;
use testbed::{caller, tools};

/// Names by which others are compared.
pub const FLOOR: &str = "floor";
/// The floor of a user who has a range, without it.
pub const FLOOR_ONE_ID: &str = "floor --one-id";
/// bubblewrap.
pub const BWRAP: &str = "bwrap";
/// crun.
pub const CRUN: &str = "crun";

/// One thing that is started in every round.
pub struct Contender {
    /// Its name in the report.
    pub name: String,
    /// How it is started; or why it cannot be.
    pub start: Result<Start, String>,
    /// What it does.
    pub task: Task,
    /// What is expected of it.
    pub targets: &'static [Target],
    /// Whether it is ours, so that the run is not complete without it.
    pub own: bool,
}

/// What is measured: only contenders that do the same are in one table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A container, from its start to its end.
    Start,
    /// One more command in a container that runs.
    Exec,
    /// A container with a limit, from its start to its end.
    Limit,
    /// The same container, whose process comes into its group in one way or another.
    Join,
}

impl Contender {
    /// One of the others, of whom nothing is expected.
    pub fn new(name: impl Into<String>, task: Task, start: Result<Start, String>) -> Self {
        Contender { name: name.into(), start, task, targets: &[], own: false }
    }

    /// One of ours.
    pub fn of_ours(self, targets: &'static [Target]) -> Self {
        Contender { targets, own: true, ..self }
    }
}

/// How a contender is started.
pub enum Start {
    /// A program and its arguments.
    Words(Vec<OsString>),
    /// The same, where there are no control groups.
    Within(Covered, Vec<OsString>),
    /// `newuidmap` or `newgidmap`, for a process in a user namespace that has no map yet: its path, the caller's own
    /// id, and the first subordinate one.
    Helper(PathBuf, u32, u32),
}

/// "at most so many times as long as that one".
pub struct Target {
    /// The other's name.
    pub than: &'static str,
    /// How many times as long.
    pub at_most: f64,
}

/// "at most `at_most` times as long as `than`".
pub const fn target(than: &'static str, at_most: f64) -> Target {
    Target { than, at_most }
}

const ROOTFS_ROOT: &[Target] = &[target(FLOOR, 1.4), target(BWRAP, 1.0), target(CRUN, 0.2)];
const ROOTFS_SINGLE: &[Target] = &[target(FLOOR, 1.4), target(BWRAP, 1.0)];
const DEFAULT: &[Target] = &[target(FLOOR, 1.6)];
const RANGE: &[Target] = &[target(FLOOR_ONE_ID, 2.0)];

/// All contenders for `kind`, whose directory is `home`; the programs under test are beside it.
pub fn all(kind: Kind, home: &Path) -> io::Result<Vec<Contender>> {
    let root = home.join("rootfs");
    let beside = |program: &str| Some(home.with_file_name(program));
    let (in_place, default) = match kind {
        Kind::Root => (ROOTFS_ROOT, DEFAULT),
        Kind::Single => (ROOTFS_SINGLE, DEFAULT),
        Kind::Range => (RANGE, RANGE),
    };
    let own = |name, program: &str, arguments: &[&str], targets| {
        contender(name, beside(program), words(arguments, &root)).of_ours(targets)
    };
    let mut list = vec![
        contender("/bin/true", tools::find("true"), Vec::new()),
        own(FLOOR, "floor", &["ROOTFS", "true"], &[]),
        own("run --rootfs R true", "containerception", &["run", "--rootfs", "ROOTFS", "true"], in_place),
        own("run true", "containerception", &["run", "true"], default),
        contender(BWRAP, tools::find("bwrap"), words(BWRAP_OPTIONS, &root)),
    ];
    for (name, id) in [(CRUN, "bench-crun"), ("runc", "bench-runc")] {
        let bundle = Bundle { runtime: name, id, command: "\"true\"", resources: resources(kind) };
        list.push(contender(name, tools::find(name), bundle.make(kind, home, &root)?));
    }
    if kind == Kind::Range {
        list.insert(2, own(FLOOR_ONE_ID, "floor", &["--one-id", "ROOTFS", "true"], &[]));
        list.push(helper("newuidmap", "/etc/subuid")?);
        list.push(helper("newgidmap", "/etc/subgid")?);
    }
    Ok(list)
}

const BWRAP_OPTIONS: &[&str] =
    &["--unshare-all", "--bind", "ROOTFS", "/", "--proc", "/proc", "--dev", "/dev", "true"];

fn words(arguments: &[&str], root: &Path) -> Vec<OsString> {
    arguments.iter().map(|word| if *word == "ROOTFS" { root.into() } else { word.into() }).collect()
}

fn contender(name: &'static str, program: Option<PathBuf>, arguments: Vec<OsString>) -> Contender {
    let start = program.map(|path| std::iter::once(path.into()).chain(arguments).collect());
    Contender::new(name, Task::Start, start.map(Start::Words).ok_or_else(|| not_installed(name)))
}

fn helper(name: &'static str, file: &str) -> io::Result<Contender> {
    let start = match (tools::find(name), caller::subordinate(file)?) {
        (None, _) => Err(not_installed(name)),
        (_, None) => Err(format!("{file} has no range")),
        (Some(path), Some(first)) => Ok(Start::Helper(path, caller::uid()?, first)),
    };
    Ok(Contender::new(name, Task::Start, start))
}

/// That a program is missing, and which package has it.
pub fn not_installed(name: &str) -> String {
    let package = match name {
        BWRAP => "bubblewrap",
        "newuidmap" | "newgidmap" => "uidmap",
        "nsenter" => "util-linux",
        other => other,
    };
    format!("not installed (Debian: {package})")
}
