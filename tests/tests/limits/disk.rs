//! A block device of the test's own: a loop device on a file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How large it is.
const SIZE: u64 = 16 << 20;

/// A loop device (`losetup(8)`), detached in the end; it keeps its scheduler, which is given back before.
pub struct Disk(PathBuf);

impl Disk {
    /// Makes one of a new file in `directory`. Root's to do.
    ///
    /// # Errors
    /// There are none here, or all are taken.
    pub fn new(directory: &Path) -> io::Result<Disk> {
        let file = directory.join("disk");
        File::create(&file)?.set_len(SIZE)?;
        let output = Command::new("losetup").args(["--find", "--show"]).arg(&file).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(io::Error::other(format!("losetup: {said}")));
        }
        Ok(Disk(String::from_utf8_lossy(&output.stdout).trim().into()))
    }

    /// Makes one whose time is shared by weights.
    ///
    /// # Errors
    /// As of [`Disk::new`]; or the kernel has no BFQ.
    pub fn by_weights(directory: &Path) -> io::Result<Disk> {
        let disk = Disk::new(directory)?;
        disk.choose("bfq")?;
        Ok(disk)
    }

    /// Gives it another scheduler.
    ///
    /// # Errors
    /// The kernel has none of this name.
    pub fn choose(&self, scheduler: &str) -> io::Result<()> {
        fs::write(self.in_sysfs("queue/scheduler"), scheduler)
    }

    /// Its numbers, as a limit has them.
    pub fn numbers(&self) -> String {
        fs::read_to_string(self.in_sysfs("dev")).expect("the disk's numbers").trim().to_owned()
    }

    fn in_sysfs(&self, file: &str) -> PathBuf {
        Path::new("/sys/block").join(self.0.file_name().unwrap_or_default()).join(file)
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.choose("none");
        let _ = Command::new("losetup").arg("--detach").arg(&self.0).status();
    }
}

/// Whether a disk of the host, or one that a test has made, shares its time by weights.
pub fn one_goes_by_weights() -> bool {
    let mut entries = fs::read_dir("/sys/block").into_iter().flatten().flatten();
    entries.any(|disk| {
        let read = |file| fs::read_to_string(disk.path().join(file)).unwrap_or_default();
        read("size").trim() != "0" && read("queue/scheduler").contains("[bfq]")
    })
}

/// The path and the numbers of a whole disk of the host, as a limit names one. Nothing is read from it or written to it.
pub fn of_the_host() -> Option<(PathBuf, String)> {
    let entries = fs::read_dir("/sys/block").ok()?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let real = names.filter(|name| !["loop", "ram", "zram"].iter().any(|kind| name.starts_with(kind)));
    let device = |name: String| {
        let numbers = fs::read_to_string(format!("/sys/block/{name}/dev")).ok()?;
        let path = Path::new("/dev").join(&name);
        path.exists().then(|| (path, numbers.trim().to_owned()))
    };
    real.filter_map(device).min()
}
