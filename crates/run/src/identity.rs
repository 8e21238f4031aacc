//! Performs steps on users and groups.

use crate::context::Context;
use plan::identity::{Extent, Op};
use rustix::process::{Gid, Uid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::ffi::{CStr, OsStr};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, Stdio};
use sys::{Errno, Result};

/// The most supplementary groups that a command gets; more are not looked up.
const GROUPS: usize = 256;

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::WriteMaps { uids, gids, deny_setgroups, slot } => {
            let pid = ctx.first_in_proc()?;
            if *deny_setgroups {
                ctx.proc()?.write(pid, "setgroups", "deny")?;
            }
            ctx.proc()?.write(pid, "uid_map", uids)?;
            ctx.proc()?.write(pid, "gid_map", gids)?;
            if let Some(slot) = slot {
                let (path, length) = crate::procfs::path(pid, "ns/user")?;
                let path = CStr::from_bytes_until_nul(&path[..=length]).map_err(|_| Errno::INVAL)?;
                let namespace = ctx.proc()?.namespace(path)?;
                ctx.fill(*slot, namespace);
            }
            Ok(())
        }
        Op::StartHelpers { newuidmap, newgidmap, uids, gids } => {
            let pid = ctx.first_in_proc()?;
            ctx.helpers = vec![start(newuidmap, pid, uids)?, start(newgidmap, pid, gids)?];
            Ok(())
        }
        Op::AwaitHelpers => await_helpers(ctx),
        Op::BecomeRoot { groups } => become_user(0, 0, groups.then_some(&[][..])),
        Op::BecomeUser { uid, gid, groups } => become_user(*uid, *gid, groups.as_deref()),
    }
}

/// Starts a helper by its absolute path with nothing in its environment; the standard library uses `posix_spawn`.
fn start(program: &CStr, pid: i32, map: &[Extent]) -> Result<Child> {
    let mut command = Command::new(OsStr::from_bytes(program.to_bytes()));
    command
        .arg(pid.to_string())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    for extent in map {
        command.args([extent.inside, extent.outside, extent.count].map(|number| number.to_string()));
    }
    command.spawn().map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
}

fn await_helpers(ctx: &mut Context<'_>) -> Result<()> {
    let helpers = std::mem::take(&mut ctx.helpers);
    await_all(helpers).map_err(|said| {
        ctx.message = Some(said);
        Errno::PERM
    })
}

/// Waits for all; the error is what the first that failed has said.
fn await_all(helpers: Vec<Child>) -> std::result::Result<(), String> {
    let mut result = Ok(());
    for mut child in helpers {
        let mut said = String::new();
        if let Some(stderr) = child.stderr.take() {
            let _ = stderr.take(1024).read_to_string(&mut said);
        }
        if !child.wait().is_ok_and(|status| status.success()) {
            result = result.and_then(|()| Err(said.trim().to_owned()));
        }
    }
    result
}

/// Has the helpers map the ids of `pid`, and waits for them.
///
/// # Errors
/// What they said.
pub(crate) fn map_by_helpers(
    uids: Helper<'_>,
    gids: Helper<'_>,
    pid: i32,
) -> std::result::Result<(), String> {
    let start = |helper: Helper<'_>| start(helper.0, pid, helper.1).map_err(|errno| errno.to_string());
    await_all(vec![start(uids)?, start(gids)?])
}

/// A helper and the map that it is to write.
pub(crate) type Helper<'a> = (&'a CStr, &'a [Extent]);

pub(crate) fn become_user(uid: u32, gid: u32, groups: Option<&[u32]>) -> Result<()> {
    if let Some(groups) = groups {
        let mut list = [Gid::ROOT; GROUPS];
        let count = groups.len().min(GROUPS);
        for (place, group) in list.iter_mut().zip(groups) {
            *place = Gid::from_raw(*group);
        }
        set_thread_groups(&list[..count])?;
    }
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)
}
