//! `/dev`: a file system of our own, with the standard nodes bound from outside.

use super::Builder;
use super::mount::{in_memory, options, whole_proc};
use crate::file::{self, Entry};
use crate::mount::{self, Attributes, Node, Place};
use crate::{Actor, Why};
use spec::limit::DEFAULT_SHM;
use std::ffi::CString;

/// The nodes that every program may expect (OCI runtime specification, config-linux, default devices).
const NODES: &[&str] = &["null", "zero", "full", "random", "urandom", "tty"];

/// Builds `/dev`, before anything of the image is followed (R3).
pub(crate) fn build(b: &mut Builder<'_>) {
    let make = |kind, pairs: &[(&str, &str)], attributes, at: &str| mount::Op::New {
        kind,
        options: options(pairs),
        attributes,
        at: Place::inside(at),
        enter: false,
    };
    let no_exec = Attributes { no_suid: true, no_exec: true, ..Attributes::PLAIN };
    // The devices are bound, each with the attributes of its own mount; a node that is made here opens nothing.
    b.step(Actor::Init, memory("0755", 1 << 20, "dev"), Why::Rule("R3"));
    b.step(
        Actor::Init,
        file::Op::Make { what: "the directories, links and places of /dev", entries: entries(), owner: None },
        Why::Container,
    );
    let binds = NODES.iter().map(node).collect();
    // A user namespace cannot make device nodes (mknod(2)), but bind those that are there.
    let what = "the devices null zero full random urandom tty";
    b.step(
        Actor::Init,
        mount::Op::BindEach { what, binds, attributes: Attributes::PLAIN, node: Node::File },
        Why::Container,
    );
    let mut terminals = vec![("newinstance", ""), ("ptmxmode", "0666"), ("mode", "0620")];
    // Group 5 is tty where distributions number it; a map of one id does not have it.
    if b.has_group(5) {
        terminals.push(("gid", "5"));
    }
    b.step(Actor::Init, make(c"devpts", &terminals, no_exec, "dev/pts"), Why::Rule("R19"));
    let why = if b.spec.shm == DEFAULT_SHM { Why::Container } else { Why::Asked("--shm-size") };
    b.step(Actor::Init, memory("1777", b.spec.shm, "dev/shm"), why);
    if b.spec.namespaces.ipc {
        keep_proc(b);
        b.step(Actor::Init, make(c"mqueue", &[], Attributes::INERT, "dev/mqueue"), Why::Container);
    }
}

fn memory(mode: &str, size: u64, at: &str) -> mount::Op {
    let (options, at) = (in_memory(mode, size), Place::inside(at));
    mount::Op::New { kind: c"tmpfs", options, attributes: Attributes::INERT, at, enter: false }
}

/// A user namespace may mount a `/proc` only where one without covers is mounted already (`mount_too_revealing()` in
/// the kernel's fs/namespace.c). Ours has covers; so one without is kept at a place that the next mount hides: a
/// container inside may mount its own, and nobody can reach this one. Not for the host's root, who could write there.
fn keep_proc(b: &mut Builder<'_>) {
    if b.masks_proc() && !b.root_is_the_hosts() {
        let why = "a container inside can mount its own /proc, which needs one without covers here; the next mount hides it";
        whole_proc(b, Place::inside("dev/mqueue/proc"), Why::SoThat(why));
    }
}

fn node(name: &&str) -> (CString, Place) {
    (CString::new(format!("/dev/{name}")).unwrap_or_default(), Place::Inside(place(name)))
}

fn place(name: &str) -> CString {
    CString::new(format!("dev/{name}")).unwrap_or_default()
}

fn entries() -> Vec<Entry> {
    let directories = ["dev/pts", "dev/shm", "dev/mqueue"].map(Entry::directory);
    let places = NODES.iter().map(|name| Entry::File(place(name), 0o644, Vec::new()));
    let links = [
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
        ("dev/ptmx", "pts/ptmx"),
    ];
    let links = links.map(|(path, target)| Entry::link(path, target));
    directories.into_iter().chain(links).chain(places).collect()
}
