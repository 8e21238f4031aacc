//! Users that exist in one mount namespace only.
//!
//! Root runs a command as any kind of user: copies of `/etc/passwd`, `/etc/group`, `/etc/subuid` and `/etc/subgid` that
//! have one entry more are bound over the real ones, for that command alone. Nothing of the host changes, so nothing
//! has to be undone, however this ends.

use crate::kind::Kind;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory of the bound files, whether to hide the unified hierarchy, and the command. Changes to mounts stay in
/// the namespace, which unshare(1) makes private.
const ENTER: &str = r#"
for file in passwd group subuid subgid; do
    if [ -e "$1/$file" ]; then mount --bind "$1/$file" "/etc/$file"; fi
done
if [ "$2" = hide ] && [ -d /sys/fs/cgroup/unified ]; then mount -t tmpfs none /sys/fs/cgroup/unified; fi
shift 2
exec "$@"
"#;

/// The first subordinate id of the user who has a range: above what `useradd(8)` hands out (SUB_UID_MAX).
const SUBORDINATE: u32 = 800_000_000;

/// A kind of user with a directory of their own.
pub struct Private {
    kind: Kind,
    /// Root's is 0; no file of the host and no process belongs to the other two.
    uid: u32,
    /// 0700 and the user's.
    home: PathBuf,
    etc: PathBuf,
}

impl Private {
    /// Makes the directory and, for the two that are not root, the files that name them, below `scratch`. Root's to do.
    pub fn new(kind: Kind, scratch: &Path) -> io::Result<Private> {
        let (home, etc) = (scratch.join(kind.word()), scratch.join(format!("etc-{}", kind.word())));
        fs::DirBuilder::new().mode(0o700).create(&home)?;
        fs::DirBuilder::new().mode(0o755).create(&etc)?;
        let uid = match kind {
            Kind::Root => 0,
            Kind::Range | Kind::Single => describe(kind, &etc)?,
        };
        chown(&home, Some(uid), Some(uid))?;
        Ok(Private { kind, uid, home, etc })
    }

    /// The user's directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Whether this is the host's root.
    pub fn is_root(&self) -> bool {
        self.kind == Kind::Root
    }

    /// Gives `path` and everything below it to the user.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        let owner = format!("{0}:{0}", self.uid);
        let status =
            Command::new("chown").args(["--recursive", "--no-dereference", &owner]).arg(path).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("chown {}: {status}", path.display())))
        }
    }

    /// A command to which the program and its arguments are still to be added. With `hide_unified`, cgroup v2 of a
    /// hybrid host is covered: crun 1.8 takes such a host for a plain v2 one, and fails.
    pub fn command(&self, hide_unified: bool) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-ec", ENTER, "sh"]).arg(&self.etc);
        command.arg(if hide_unified { "hide" } else { "show" });
        if !self.is_root() {
            let id = self.uid.to_string();
            command.args(["setpriv", "--reuid", &id, "--regid", &id, "--clear-groups"]);
            command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", &self.home);
            command.env("XDG_RUNTIME_DIR", &self.home);
        }
        command
    }
}

/// Writes the files, and returns the user's id.
fn describe(kind: Kind, etc: &Path) -> io::Result<u32> {
    let passwd = fs::read_to_string("/etc/passwd")?;
    let taken = |uid: &u32| passwd.lines().any(|line| line.split(':').nth(2) == Some(&uid.to_string()));
    let first = if kind == Kind::Range { 64_001 } else { 64_501 };
    let uid =
        (first..first + 500).find(|uid| !taken(uid)).ok_or_else(|| io::Error::other("no user id is free"))?;
    let name = format!("cx-{}", kind.word());
    extend(etc, "passwd", &format!("{name}:x:{uid}:{uid}::/nonexistent:/bin/sh\n"))?;
    extend(etc, "group", &format!("{name}:x:{uid}:\n"))?;
    if kind == Kind::Range {
        let range = format!("{name}:{SUBORDINATE}:65536\n");
        extend(etc, "subuid", &range)?;
        extend(etc, "subgid", &range)?;
    }
    Ok(uid)
}

fn extend(etc: &Path, file: &str, line: &str) -> io::Result<()> {
    let real = Path::new("/etc").join(file);
    let text = fs::read_to_string(&real)
        .map_err(|error| io::Error::other(format!("{}: {error}", real.display())))?;
    fs::write(etc.join(file), text + line)
}
