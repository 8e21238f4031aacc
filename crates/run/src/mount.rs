//! Performs mounts.

use crate::context::Context;
use crate::path::{below, mount_point};
use plan::mount::{Attributes, Node, Op, Place};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, FileType, fstat, makedev};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags,
    UnmountFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, mount_change,
    move_mount, open_tree, unmount,
};
use rustix::process::{chdir, chroot, fchdir, pivot_root};
use std::ffi::{CStr, CString};
use sys::mount::{attribute, mount_setattr};
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, op: &Op) -> Result<()> {
    match op {
        Op::MakePrivate => mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC),
        Op::Take { source, inode, slot, attributes, mapped_by, recursive } => {
            let tree = clone_tree(source, *recursive)?;
            if inode.is_some_and(|judged| crate::path::inode(&tree) != Ok(judged)) {
                return Err(Errno::STALE);
            }
            let map = mapped_by.map(|slot| ctx.get(slot)).transpose()?;
            let idmap = if map.is_some() { attribute::IDMAP } else { 0 };
            mount_setattr(tree.as_fd(), bits(*attributes) | idmap, map, true, *recursive)?;
            ctx.fill(*slot, tree);
            Ok(())
        }
        Op::Put { slot, at, node } => put(ctx.take(*slot)?.as_fd(), &mount_point(at, *node)?),
        Op::New { kind, options, attributes, at, enter } => {
            let mount = new(kind, options, *attributes)?;
            put(mount.as_fd(), &mount_point(at, Node::Directory)?)?;
            if *enter { fchdir(&mount) } else { Ok(()) }
        }
        Op::Bind { source, at, attributes, recursive } => {
            let tree = clone_tree(source, *recursive)?;
            set(tree.as_fd(), *attributes, *recursive)?;
            put(tree.as_fd(), &mount_point(at, Node::Directory)?)
        }
        Op::BindEach { binds, attributes, node, .. } => bind_each(ctx, binds, *attributes, *node),
        Op::Enter { path } => chdir(path),
        Op::Mask { paths } => mask(ctx, paths),
        Op::Lock { paths } => paths.iter().try_for_each(|path| lock(path)),
        Op::PivotRoot => pivot(),
        Op::MoveRoot => move_root(),
        Op::LockRoot { mounts } => mounts.iter().try_for_each(|mount| {
            let mount = open_tree(CWD, mount, OpenTreeFlags::OPEN_TREE_CLOEXEC)?;
            set(mount.as_fd(), Attributes::PLAIN.read_only(), false)
        }),
    }
}

fn bind_each(
    ctx: &Context<'_>,
    binds: &[(CString, Place)],
    attributes: Attributes,
    node: Node,
) -> Result<()> {
    for (index, (source, at)) in binds.iter().enumerate() {
        ctx.board.item(index);
        let tree = clone_tree(source, true)?;
        set(tree.as_fd(), attributes, true)?;
        put(tree.as_fd(), &mount_point(at, node)?)?;
    }
    Ok(())
}

/// A detached copy of the mount at `source` (`open_tree(2)`).
fn clone_tree(source: &CStr, recursive: bool) -> Result<OwnedFd> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    flags.set(OpenTreeFlags::AT_RECURSIVE, recursive);
    open_tree(CWD, source, flags)
}

/// Lands a detached mount on an open mount point.
pub(crate) fn put(mount: BorrowedFd<'_>, at: &OwnedFd) -> Result<()> {
    let empty = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount, c"", at, c"", empty)
}

fn set(mount: BorrowedFd<'_>, attributes: Attributes, recursive: bool) -> Result<()> {
    if attributes == Attributes::PLAIN {
        return Ok(());
    }
    mount_setattr(mount, bits(attributes), None, false, recursive)
}

fn bits(attributes: Attributes) -> u64 {
    let all = [
        (attributes.read_only, attribute::RDONLY),
        (attributes.no_suid, attribute::NOSUID),
        (attributes.no_dev, attribute::NODEV),
        (attributes.no_exec, attribute::NOEXEC),
    ];
    all.iter().filter(|(set, _)| *set).fold(0, |bits, (_, bit)| bits | bit)
}

/// A new file system, mounted nowhere yet.
pub(crate) fn new(kind: &CStr, options: &[(CString, CString)], attributes: Attributes) -> Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    // What tools show as the device.
    fsconfig_set_string(&context, c"source", kind)?;
    for (key, value) in options {
        if value.is_empty() {
            fsconfig_set_flag(&context, key)?;
        } else {
            fsconfig_set_string(&context, key, value)?;
        }
    }
    fsconfig_create(&context)?;
    fsmount(
        &context,
        FsMountFlags::FSMOUNT_CLOEXEC,
        MountAttrFlags::from_bits_retain(bits(attributes) as u32),
    )
}

/// Covers each path that exists: a directory with an empty, read-only one, anything else with `/dev/null`, which is
/// verified to be that device (R3, CVE-2025-31133).
fn mask(ctx: &Context<'_>, paths: &[&CStr]) -> Result<()> {
    for (index, path) in paths.iter().enumerate() {
        ctx.board.item(index);
        let target = match below(path) {
            Err(Errno::NOENT) => continue,
            other => other?,
        };
        let directory = FileType::from_raw_mode(fstat(&target)?.st_mode) == FileType::Directory;
        let cover = if directory { new(c"tmpfs", &[], Attributes::INERT.read_only())? } else { null()? };
        put(cover.as_fd(), &target)?;
    }
    Ok(())
}

fn null() -> Result<OwnedFd> {
    let null = clone_tree(c"dev/null", false)?;
    if fstat(&null)?.st_rdev == makedev(1, 3) { Ok(null) } else { Err(Errno::NODEV) }
}

/// Binds a path over itself, read-only.
fn lock(path: &CStr) -> Result<()> {
    let target = match below(path) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    let flags =
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(&target, c"", flags | OpenTreeFlags::AT_EMPTY_PATH)?;
    set(tree.as_fd(), Attributes::INERT.read_only(), true)?;
    put(tree.as_fd(), &target)
}

/// `pivot_root(".", ".")` stacks the old root on the new one's mount point; letting go of the top leaves the new one
/// (`pivot_root(2)`, NOTES).
fn pivot() -> Result<()> {
    pivot_root(c".", c".")?;
    unmount(c".", UnmountFlags::DETACH)?;
    chdir(c"/")
}

fn move_root() -> Result<()> {
    let root = open_tree(CWD, c".", OpenTreeFlags::OPEN_TREE_CLOEXEC)?;
    put(root.as_fd(), &mount_point(&Place::Host(c"/".to_owned()), Node::Directory)?)?;
    chroot(c".")?;
    chdir(c"/")
}
