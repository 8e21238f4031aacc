//! What a container inside is made of (see [`crate::nest`]), read-only and out of everybody's reach.

use super::{Builder, root, share};
use crate::facts::{Layer, Program};
use crate::file::{self, Entry};
use crate::mount::{Attributes, Node, Op, Place};
use crate::nest::{DEPTH, GROUPS, LAYERS, PLACE, PROGRAM, PROGRAMS};
use crate::{Actor, Why};
use ::cgroup::{Hierarchy, UNIFIED, Version};
use spec::{Capabilities, Root};
use std::ffi::CString;

/// A set-user-ID program has no business here, nor has a device.
const LOCKED: Attributes = Attributes { read_only: true, no_suid: true, ..Attributes::NO_DEV };

const WHY: Why = Why::SoThat("a container can be started inside");

impl Builder<'_> {
    /// Whether containers can be started inside. Not where root inside may make a read-only mount writable again
    /// (CAP_SYS_ADMIN in the user namespace of the mount namespace), or is the host's: it could change the host's programs.
    pub(super) fn nests(&self) -> bool {
        let tame = self.spec.capabilities.is_some_and(|some| some.with(Capabilities::SYS_ADMIN) != some);
        self.spec.nest && tame && !self.root_is_the_hosts() && self.program_place().is_some()
    }

    /// Where the program will be found.
    fn program_place(&self) -> Option<ProgramPlace> {
        let program = self.facts.program.as_ref()?;
        let in_layer = self.placed_layers().find_map(|layer| {
            let path = program.path.to_bytes().strip_prefix(layer.source.to_bytes())?;
            let path = path.strip_prefix(b"/")?;
            let target = [b"../layers/", layer.name.to_bytes(), b"/", path].concat();
            Some(ProgramPlace::InLayer(CString::new(target).ok()?))
        });
        Some(in_layer.unwrap_or_else(|| ProgramPlace::Bound(program.clone())))
    }

    /// The layers that are placed one by one.
    fn placed_layers(&self) -> impl Iterator<Item = &Layer> {
        self.facts.layers.iter().filter(|_| self.spec.root == Root::Programs)
    }
}

/// How the program comes to its place.
enum ProgramPlace {
    /// A link leads to it in its layer: so no list of mounts tells its path outside.
    InLayer(CString),
    /// It is bound.
    Bound(Program),
}

/// Takes the program, if it is in no layer.
pub(super) fn take(b: &mut Builder<'_>, actor: Actor) {
    if !b.nests() {
        return;
    }
    if let Some(ProgramPlace::Bound(Program { path, inode })) = b.program_place() {
        b.program = Some(root::take(b, actor, WHY, |slot| Op::Take {
            source: path,
            inode: Some(inode),
            slot,
            attributes: LOCKED,
            mapped_by: None,
            recursive: false,
        }));
    }
}

/// Places all of it in the new `/dev`.
pub(super) fn place(b: &mut Builder<'_>) {
    if !b.nests() {
        return;
    }
    let mut entries: Vec<Entry> = [PLACE, PROGRAMS].map(|path| Entry::directory(&path[1..])).to_vec();
    let depth = b.facts.depth.saturating_add(1);
    entries.push(Entry::File(relative(DEPTH), 0o444, format!("{depth}\n").into_bytes()));
    if let Some(ProgramPlace::InLayer(target)) = b.program_place() {
        entries.push(Entry::Link(relative(PROGRAM), target));
    }
    let groups = groups(b);
    if !groups.is_empty() {
        entries.push(Entry::directory(&GROUPS[1..]));
        entries.extend(groups.iter().map(|(name, _)| Entry::Directory(in_groups(name), 0o755)));
    }
    if b.copies_on_write() {
        entries.push(Entry::directory(&LAYERS[1..]));
    }
    entries.extend(b.placed_layers().map(|layer| Entry::Directory(in_layers(layer), 0o755)));
    let what = "the hidden place for containers inside";
    b.step(Actor::Init, file::Op::Make { what, entries, owner: None }, WHY);
    if let Some(slot) = b.program {
        b.step(Actor::Init, Op::Put { slot, at: Place::Inside(relative(PROGRAM)), node: Node::File }, WHY);
    }
    for (name, source) in &groups {
        let (source, at) = (source.clone(), Place::Inside(in_groups(name)));
        let op = Op::Bind { source, at, attributes: Attributes::INERT, recursive: false };
        b.step(Actor::Init, op, Why::SoThat("a container inside can have limits of its own"));
    }
    place_layers(b);
}

/// A root filesystem that is copied is the layers, whole: it has its `usr` where theirs is. Given in place it can be
/// stacked on as it is, and what a container inside goes on from is what there is of it by then.
fn place_layers(b: &mut Builder<'_>) {
    if let Root::Ephemeral(_) = b.spec.root {
        let (source, at) = (c"../lower/root".to_owned(), Place::Inside(relative(LAYERS)));
        // An overlay has nothing of what is mounted below its layer; and so has nobody inside.
        let op = Op::Bind { source, at, attributes: LOCKED, recursive: false };
        return b.step(Actor::Init, op, WHY);
    }
    let layers: Vec<Layer> = b.placed_layers().cloned().collect();
    if layers.is_empty() {
        return;
    }
    let taken = !b.layers.is_empty();
    let bind = |layer: &Layer| {
        let source = match taken && !layer.mounts_below {
            true => CString::new([b"../lower/", layer.name.to_bytes()].concat()).unwrap_or_default(),
            false => layer.source.clone(),
        };
        (source, Place::Inside(in_layers(layer)))
    };
    let binds = layers.iter().map(bind).collect();
    let what = "the layers for containers inside";
    b.step(Actor::Init, Op::BindEach { what, binds, attributes: LOCKED, node: Node::Directory }, WHY);
}

/// The groups that are handed down, each with the name of one of its controllers, or that of v2.
fn groups(b: &Builder<'_>) -> Vec<(&'static str, CString)> {
    let handed = |hierarchy: &Hierarchy| {
        let name = match hierarchy.version {
            Version::V1 => hierarchy.controllers.first()?.name(Version::V1),
            Version::V2 => UNIFIED,
        };
        Some((name, share::handed_down(b, hierarchy)?))
    };
    b.facts.groups.hierarchies.iter().filter_map(handed).collect()
}

fn in_groups(name: &str) -> CString {
    CString::new([&GROUPS.as_bytes()[1..], b"/", name.as_bytes()].concat()).unwrap_or_default()
}

fn in_layers(layer: &Layer) -> CString {
    CString::new([&LAYERS.as_bytes()[1..], b"/", layer.name.to_bytes()].concat()).unwrap_or_default()
}

fn relative(path: &str) -> CString {
    CString::new(&path[1..]).unwrap_or_default()
}
