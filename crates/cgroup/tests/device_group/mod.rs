//! Groups for tests of devices, below the group of the test itself, and shells in them.

#![allow(dead_code, reason = "each test file uses its part")]

use std::ffi::CString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use cgroup::Version;
use spec::device::Rule;

/// A group; it is removed when it is dropped.
pub struct DeviceGroup {
    pub dir: PathBuf,
    /// The file by which a process joins it.
    join: &'static str,
}

impl DeviceGroup {
    /// A new group, or none and a line that says why the test is skipped.
    pub fn new(version: Version) -> Option<DeviceGroup> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let Some(own) = own_group(version) else { return skip("no hierarchy of this version has devices") };
        let dir = own.join(format!("containerception-test-devices-{}-{number}", std::process::id()));
        match fs::create_dir(&dir) {
            Ok(()) => Some(DeviceGroup { join: join_file(&dir), dir }),
            Err(error) => skip(&format!("no group can be made in {}: {error}", own.display())),
        }
    }

    /// A group below this one.
    pub fn child(&self) -> DeviceGroup {
        let dir = self.dir.join("child");
        fs::create_dir(&dir).expect("the group is made");
        DeviceGroup { join: join_file(&dir), dir }
    }

    pub fn path(&self) -> CString {
        CString::new(self.dir.as_os_str().as_bytes()).expect("no NUL in a path")
    }

    /// A shell in the group.
    pub fn shell(&self) -> Shell {
        Shell::start("echo 0 > \"$0\" || exit 1", &self.dir.join(self.join))
    }
}

impl Drop for DeviceGroup {
    fn drop(&mut self) {
        if let Err(busy) = cgroup::remove(&self.path()) {
            eprintln!("{} is left: {busy}", self.dir.display());
        }
    }
}

/// A process that lives, and does what it is told, each time in a child of its own.
pub struct Shell {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

/// What a shell says of what the kernel refuses with EPERM.
pub const REFUSED: &str = "Operation not permitted";

impl Shell {
    /// One that is in no group of ours: what it cannot do says nothing about rules.
    pub fn outside() -> Shell {
        Shell::start("", "sh".as_ref())
    }

    fn start(first: &str, zero: &std::path::Path) -> Shell {
        let each = r#"while read -r line; do r=$( (eval "$line") 2>&1 ) && echo || echo "$r"; done"#;
        let mut process = Command::new("sh")
            .arg("-c")
            .arg(format!("{first}\n{each}"))
            .arg(zero)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let stdin = process.stdin.take().expect("it is a pipe");
        let stdout = BufReader::new(process.stdout.take().expect("it is a pipe"));
        Shell { process, stdin, stdout }
    }

    /// What there is to say when `line` was done: nothing if all went well, else the reason.
    pub fn does(&mut self, line: &str) -> String {
        writeln!(self.stdin, "{line}").expect("it reads");
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).expect("it answers");
        assert!(answer.ends_with('\n'), "the shell has ended");
        answer.trim_end().rsplit(": ").next().unwrap_or_default().to_owned()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        self.process.wait().expect("it is ours");
    }
}

/// Rules, each with a sign for whether it allows.
pub fn parse(rules: &[&str]) -> Vec<Rule> {
    let rule = |text: &&str| Rule { allow: text.starts_with('+'), ..Rule::parse(&text[1..]).unwrap() };
    rules.iter().map(rule).collect()
}

/// Where a test may make a device file; it is removed when this is dropped.
pub struct Node(PathBuf);

impl Node {
    pub fn new(name: &str) -> Node {
        Node(std::env::temp_dir().join(format!("containerception-test-{name}-{}", std::process::id())))
    }

    /// The command that makes a character device there.
    pub fn make(&self, major: u32, minor: u32) -> String {
        format!("mknod {} c {major} {minor}", self.0.display())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _not_made = fs::remove_file(&self.0);
    }
}

/// The directory of the group of this process in the hierarchy that has devices.
fn own_group(version: Version) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let listed = |list: &str| list.split(',').any(|name| name == "devices");
    let of_mount = |line: &&str| match (version, line.split_once(" - ")) {
        (Version::V2, Some((_, kind))) => kind.starts_with("cgroup2 "),
        (Version::V1, Some((_, kind))) => {
            kind.starts_with("cgroup ") && kind.rsplit(' ').next().is_some_and(listed)
        }
        _ => false,
    };
    let of_group = |line: &&str| match line.split(':').nth(1) {
        Some(list) => (version == Version::V2 && list.is_empty()) || (version == Version::V1 && listed(list)),
        None => false,
    };
    let mut fields = mounts.lines().find(of_mount)?.split(' ').skip(3);
    let (root, point) = (fields.next()?, fields.next()?);
    let path = groups.lines().find(of_group)?.splitn(3, ':').nth(2)?;
    // Else the mount shows part of the hierarchy, and this is no way to find the group in it.
    (root == "/").then(|| PathBuf::from(point).join(path.trim_start_matches('/')))
}

/// On v2 below a group that has become the root of threads, a group must be made threaded before it can be joined.
fn join_file(dir: &std::path::Path) -> &'static str {
    match fs::read_to_string(dir.join("cgroup.type")) {
        Err(_) => "tasks",
        Ok(kind) if kind.trim_end() == "domain" => "cgroup.procs",
        Ok(_) => {
            fs::write(dir.join("cgroup.type"), "threaded").expect("the group is threaded");
            "cgroup.threads"
        }
    }
}

pub fn skip<T>(why: &str) -> Option<T> {
    println!("SKIP: {why}");
    None
}
