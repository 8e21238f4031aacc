//! Which ids of the host are which inside, and who writes the maps.

use crate::during::During;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Gid, Uid, getgid, getuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::io;
use std::process::{Child, Command};

/// How many ids root's containers and users with a range get.
const COUNT: u32 = 65_536;

/// Where root's range begins: above SUB_UID_MAX, 600,100,000, up to which `useradd(8)` hands ranges out.
const BASE: u32 = 1_000_000_000;

/// The three kinds of callers.
pub enum Ids {
    /// Root: everybody inside is nobody outside.
    Shifted,
    /// A user to whom `/etc/subuid` and `/etc/subgid` give ranges that begin with these two.
    Range(Uid, Gid, u32, u32),
    /// A user without: root inside is the caller, and there is nobody else.
    Single(Uid, Gid),
}

impl Ids {
    /// Which kind the caller is; with `one_id`, a user who has a range does without it.
    pub fn of_caller(one_id: bool) -> io::Result<Ids> {
        let (uid, gid) = (getuid(), getgid());
        if uid.is_root() {
            return Ok(Ids::Shifted);
        }
        if one_id {
            return Ok(Ids::Single(uid, gid));
        }
        let passwd = std::fs::read_to_string("/etc/passwd")?;
        let entry = passwd.lines().find(|line| line.split(':').nth(2) == Some(&uid.as_raw().to_string()));
        let name = entry.and_then(|line| line.split(':').next()).unwrap_or_default();
        Ok(match (subordinate("/etc/subuid", name), subordinate("/etc/subgid", name)) {
            (Some(uids), Some(gids)) => Ids::Range(uid, gid, uids, gids),
            _ => Ids::Single(uid, gid),
        })
    }

    /// Whether the child can write the maps by itself: one id, and its own.
    pub fn mapped_from_inside(&self) -> bool {
        matches!(self, Ids::Single(..))
    }

    /// Writes the maps of `pid`, or has them written.
    pub fn map_from_outside(&self, pid: i32) -> io::Result<()> {
        match self {
            Ids::Shifted => {
                let map = format!("0 {BASE} {COUNT}\n");
                write(&format!("/proc/{pid}/uid_map"), &map)?;
                write(&format!("/proc/{pid}/gid_map"), &map)
            }
            Ids::Range(uid, gid, uids, gids) => {
                map_by_helpers(pid, (uid.as_raw(), *uids), (gid.as_raw(), *gids))
            }
            Ids::Single(..) => Ok(()),
        }
    }

    /// Maps the single id. A process without rights must give up `setgroups(2)` first, or it could drop a group that
    /// denies it something (CVE-2014-8989).
    pub fn map_from_inside(&self) -> io::Result<()> {
        if let Ids::Single(uid, gid) = self {
            write("/proc/self/setgroups", "deny")?;
            write("/proc/self/uid_map", &format!("0 {} 1\n", uid.as_raw()))?;
            write("/proc/self/gid_map", &format!("0 {} 1\n", gid.as_raw()))?;
        }
        Ok(())
    }

    /// Drops the caller's groups; and its ids where those are not root inside by the map.
    pub fn become_root(&self) -> io::Result<()> {
        set_thread_groups(&[]).during("setgroups")?;
        if let Ids::Shifted = self {
            set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT).during("setresgid")?;
            set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT).during("setresuid")?;
        }
        Ok(())
    }
}

/// Runs both helpers at once: each is a set-user-ID program of its own and takes above a millisecond.
fn map_by_helpers(pid: i32, (uid, uids): (u32, u32), (gid, gids): (u32, u32)) -> io::Result<()> {
    let helpers =
        [spawn("/usr/bin/newuidmap", pid, uid, uids)?, spawn("/usr/bin/newgidmap", pid, gid, gids)?];
    for mut helper in helpers {
        if !helper.wait()?.success() {
            return Err(io::Error::other("newuidmap or newgidmap failed"));
        }
    }
    Ok(())
}

fn spawn(program: &str, pid: i32, id: u32, first: u32) -> io::Result<Child> {
    let numbers = [i64::from(pid), 0, id.into(), 1, 1, first.into(), (COUNT - 1).into()];
    Command::new(program).env_clear().args(numbers.map(|number| number.to_string())).spawn().during(program)
}

/// The first id of the range of at least 65,536 that `file` gives to `name` (`subuid(5)`).
fn subordinate(file: &str, name: &str) -> Option<u32> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (owner, range) = line.split_once(':')?;
        let (first, count) = range.split_once(':')?;
        (owner == name && count.parse::<u32>().ok()? >= COUNT).then(|| first.parse().ok())?
    })
}

/// One open and one write. The descriptor is left to `execve(2)`, or the end of the process, to close.
pub fn write(path: &str, text: &str) -> io::Result<()> {
    let file = openat(CWD, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()).during(path)?;
    rustix::io::write(&file, text.as_bytes()).during(path)?;
    std::mem::forget(file);
    Ok(())
}
