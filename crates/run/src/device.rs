//! Performs steps on `/dev`.

use crate::context::Context;
use crate::mount::{clone_tree, put};
use crate::path::mount_point;
use plan::device::Op;
use plan::mount::{Node, Place};
use rustix::fd::AsFd;
use std::ffi::CStr;
use sys::Result;

pub(crate) fn perform(ctx: &Context<'_>, op: &Op) -> Result<()> {
    let Op::Bind { nodes } = op;
    for (index, (outer, inner)) in nodes.iter().enumerate() {
        ctx.board.item(index);
        bind(outer, inner)?;
    }
    Ok(())
}

fn bind(outer: &CStr, inner: &Place) -> Result<()> {
    let node = clone_tree(outer, false)?;
    let point = mount_point(inner, Node::File)?;
    put(node.as_fd(), &point)
}
