//! File systems with quotas of projects, in files. Root can mount them where nobody else sees it.

use crate::{lacks, skip};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use testbed::scratch::Scratch;
use testbed::tools::find;

/// Mounts the file `$1` with the options `$2` on /var/lib, and memory on /run, for the command after it alone: what dead
/// containers of others have left there is not looked for in the wrong place.
pub const MOUNT: &str = r#"mount -o "loop,$2" "$1" /var/lib && mount -t tmpfs -o mode=755 none /run || exit 99
    shift 2; exec "$@""#;

/// The least that mkfs.xfs takes, and room for a test.
const SIZE: u64 = 400 << 20;

/// A file system in a file, with the features that quotas of projects need.
pub struct Disk {
    /// `ext4` or `xfs`.
    pub kind: &'static str,
    scratch: Scratch,
}

impl Disk {
    /// One of each kind that can be had on this machine; the others are skipped, and told.
    pub fn all(test: &str) -> Vec<Disk> {
        if !testbed::caller::is_root().expect("the caller is known") {
            skip(test, "only root can mount a file system with quotas");
            return Vec::new();
        }
        ["ext4", "xfs"].into_iter().filter_map(|kind| Disk::with_quotas(kind, test)).collect()
    }

    /// One of a kind, if this machine can make and mount it.
    pub fn with_quotas(kind: &'static str, test: &str) -> Option<Disk> {
        let features: &[&str] =
            if kind == "ext4" { &["-O", "quota,project", "-E", "quotatype=prjquota"] } else { &[] };
        let disk = Disk::make(kind, features, test)?;
        if disk.enter("prjquota", "true").stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        {
            return Some(disk);
        }
        skip(test, &format!("this kernel mounts no {kind} with prjquota"));
        None
    }

    /// One with other features.
    pub fn make(kind: &'static str, features: &[&str], test: &str) -> Option<Disk> {
        let program = format!("mkfs.{kind}");
        if lacks(test, &[&program]) {
            return None;
        }
        let scratch = Scratch::new(&format!("{test}-{kind}")).expect("a scratch directory");
        let disk = Disk { kind, scratch };
        File::create(disk.file()).and_then(|file| file.set_len(SIZE)).expect("a file with holes");
        let mut make = Command::new(find(&program).expect("it is there"));
        let made = make.arg("-q").args(features).arg(disk.file()).status();
        assert!(made.is_ok_and(|status| status.success()), "{program}");
        Some(disk)
    }

    /// The file in which it is.
    pub fn file(&self) -> PathBuf {
        self.scratch.path().join("disk")
    }

    /// A directory for the test's own files.
    pub fn directory(&self) -> &Path {
        self.scratch.path()
    }

    /// sh(1) with `script`, for which it is mounted on /var/lib with these options. Exits with 99 if that cannot be.
    pub fn enter(&self, options: &str, script: &str) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", MOUNT, "sh"]).arg(self.file()).arg(options);
        command.args(["sh", "-c", script]).stdin(Stdio::null());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        command
    }
}
