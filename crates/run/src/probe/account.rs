//! The command's user, looked up in the container's own files.

use plan::facts::{Account, Rootfs};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use spec::catalogue::{UNKNOWN_GROUP, UNKNOWN_USER};
use spec::error::{Error, Result};
use spec::{Principal, Spec, User};
use std::ffi::CString;
use std::fs::File;
use std::io::Read;

/// The most bytes of a passwd or group file that are read (R9).
const MOST: u64 = 4 << 20;

/// Finds the ids of the spec's user. Root, the default, needs no file.
///
/// # Errors
/// `UNKNOWN_USER`, `UNKNOWN_GROUP` for names that the container does not have. A number needs no entry.
pub(super) fn look_up(spec: &Spec, rootfs: Option<&Rootfs>) -> Result<Account> {
    look_up_in(&spec.user, |path| read(rootfs, path))
}

/// Finds the ids of a user in the files that `read` gives: `etc/passwd` and `etc/group`.
///
/// # Errors
/// As [`look_up`].
pub(crate) fn look_up_in(user: &User, read: impl Fn(&str) -> String) -> Result<Account> {
    if *user == User::ROOT {
        return Ok(Account::default());
    }
    let passwd = read("etc/passwd");
    let group = read("etc/group");
    let mut account = match &user.user {
        Principal::Id(uid) => {
            user_by(&passwd, |fields| fields[2] == uid.to_string()).unwrap_or((String::new(), *uid, 0, None))
        }
        Principal::Name(name) => user_by(&passwd, |fields| fields[0] == name)
            .ok_or_else(|| unknown(UNKNOWN_USER, "user", name, "passwd"))?,
    };
    let groups = match &user.group {
        None => supplementary(&group, &account.0),
        Some(Principal::Id(gid)) => {
            account.2 = *gid;
            Vec::new()
        }
        Some(Principal::Name(name)) => {
            account.2 =
                group_by_name(&group, name).ok_or_else(|| unknown(UNKNOWN_GROUP, "group", name, "group"))?;
            Vec::new()
        }
    };
    Ok(Account { uid: account.1, gid: account.2, groups, home: account.3 })
}

fn unknown(code: spec::catalogue::Code, kind: &str, name: &str, file: &str) -> Error {
    Error::new(code, format!("there is no {kind} {name} in the container"))
        .why(format!("its /etc/{file} has no such name"))
        .fix("use a name that it has, or a number")
}

/// A user's name, id, group and home directory (`passwd(5)`), if `matches` finds its line. A line that is malformed is skipped.
fn user_by(passwd: &str, matches: impl Fn(&[&str]) -> bool) -> Option<(String, u32, u32, Option<CString>)> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let valid = fields.len() >= 4 && matches(&fields);
        valid.then(|| Some((fields[0].to_owned(), id(fields[2])?, id(fields[3])?, home(&fields)))).flatten()
    })
}

fn home(fields: &[&str]) -> Option<CString> {
    fields.get(5).filter(|path| path.starts_with('/')).and_then(|path| CString::new(*path).ok())
}

fn group_by_name(group: &str, name: &str) -> Option<u32> {
    group
        .lines()
        .find(|line| line.split(':').next() == Some(name))
        .and_then(|line| id(line.split(':').nth(2)?))
}

/// The groups of which a user is a member (`group(5)`).
fn supplementary(group: &str, user: &str) -> Vec<u32> {
    let member = |line: &&str| {
        !user.is_empty()
            && line.split(':').nth(3).is_some_and(|members| members.split(',').any(|m| m == user))
    };
    group.lines().filter(member).filter_map(|line| id(line.split(':').nth(2)?)).collect()
}

/// An id: digits that fit, and are not -1.
fn id(text: &str) -> Option<u32> {
    text.parse().ok().filter(|id| *id != u32::MAX)
}

/// A file of the container, read before it exists: of the given directory, without leaving it (R1), or of the host.
fn read(rootfs: Option<&Rootfs>, path: &str) -> String {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match rootfs {
        None => openat(CWD, format!("/{path}"), flags, Mode::empty()),
        Some(rootfs) => {
            openat(CWD, &rootfs.path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).and_then(|root| {
                openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS)
            })
        }
    };
    file.map(text_of).unwrap_or_default()
}

/// The text of a regular file.
pub(crate) fn text_of(file: OwnedFd) -> String {
    let (file, mut content) = (File::from(file), Vec::new());
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        let _ = file.take(MOST).read_to_end(&mut content);
    }
    String::from_utf8_lossy(&content).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_groups() {
        let passwd = "broken\nbig:x:4294967296:0::/:\nminus:x:4294967295:0::/:\nann:x:1000:1001:Ann:/home/ann:/bin/sh\n";
        let group = "wheel:x:10:bob,ann\nann:x:1001:\naudio:x:29:ann\nbad:x:-1:ann\n";
        assert_eq!(
            user_by(passwd, |f| f[0] == "ann"),
            Some(("ann".into(), 1000, 1001, Some(c"/home/ann".into())))
        );
        assert_eq!(user_by(passwd, |f| f[0] == "big"), None);
        assert_eq!(user_by(passwd, |f| f[0] == "minus"), None);
        assert_eq!(group_by_name(group, "wheel"), Some(10));
        assert_eq!(group_by_name(group, "no"), None);
        assert_eq!(supplementary(group, "ann"), [10, 29]);
        assert_eq!(supplementary(group, ""), [] as [u32; 0]);
    }
}
