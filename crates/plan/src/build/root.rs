//! The root filesystem: which steps build it, out of what, and by whom.
//!
//! The runtime mounts where layers are id-mapped, for only the host's root may do that; else init does. Either way it
//! is the same steps in the same layout, at the mount point of containers:
//!
//! ```text
//! DIR                   a directory given in place is mounted here, and is the root
//! DIR                   else a tmpfs of bounded size, or a directory on disk, with
//!   lower/NAME          what the overlays read
//!   upper/NAME work/NAME  what they write; in the same place, so that one bound holds all
//!   root                the root: an overlay, or a bind of itself with overlays for usr, opt, nix
//! ```
//!
//! When `root` becomes the root and the old one is let go, the rest of this is out of reach.

use super::mount::{in_memory, make_private, options};
use super::{Builder, nest, storage};
use crate::facts::{EtcContent, EtcEntry, Kernel, Layer};
use crate::file::{self, Entry};
use crate::identity::{Ids, Source};
use crate::mount::{Attributes, Node, Op, Place};
use crate::namespace;
use crate::{Actor, Slot, Why};
use spec::catalogue::{BAD_VOLUME, ROOTFS_NOT_PRIVATE, ROOTFS_READ_ONLY};
use spec::error::{Error, Result};
use spec::{Capabilities, Root};
use std::ffi::CString;

/// An overlay takes id-mapped layers since this kernel.
const MAPPED_LAYERS: Kernel = Kernel(5, 19);

impl Builder<'_> {
    /// Whether the runtime mounts, with the rights of the host's root, because layers are id-mapped.
    pub(super) fn runtime_mounts(&self) -> bool {
        self.maps_mounts() && self.copies_on_write()
    }

    /// Whether what is written to the root goes elsewhere, and is thrown away.
    pub(super) fn copies_on_write(&self) -> bool {
        matches!(self.spec.root, Root::Programs | Root::Ephemeral(_))
    }

    /// Whether the root filesystem is id-mapped.
    pub(crate) fn maps_mounts(&self) -> bool {
        let mappable = match (&self.spec.root, &self.facts.rootfs) {
            (Root::Programs, _) => self.facts.layers.iter().any(|layer| layer.id_mappable),
            (Root::Directory(_) | Root::Ephemeral(_), Some(rootfs)) => rootfs.id_mappable,
            _ => false,
        };
        mappable
            && (!self.copies_on_write() || self.facts.kernel >= MAPPED_LAYERS)
            && self.facts.caller.can_mount
            && self.ids.as_ref().is_some_and(|ids| ids.source == Source::Reserved)
    }

    /// Whether any mount needs the user namespace's map.
    pub(crate) fn wants_user_namespace(&self) -> bool {
        self.maps_mounts() || self.spec.volumes.iter().any(|volume| volume.id_mapped)
    }

    /// Root inside, whose is what the runtime makes in the container; what init makes there is its own.
    pub(super) fn owner(&self, maker: Actor) -> Option<(u32, u32)> {
        self.ids.as_ref().filter(|_| maker == Actor::Runtime).map(Ids::root)
    }

    fn below(&self, name: &str) -> CString {
        CString::new([self.facts.state.mount_point.as_bytes(), b"/", name.as_bytes()].concat())
            .unwrap_or_default()
    }
}

/// Refuses what would be unsafe or could not work.
///
/// # Errors
/// `ROOTFS_NOT_PRIVATE` (R21), `ROOTFS_READ_ONLY`, `BAD_VOLUME`; those of [`storage::check`].
pub(crate) fn check(b: &Builder<'_>) -> Result<()> {
    if let (Root::Directory(path), Some(rootfs)) = (&b.spec.root, &b.facts.rootfs) {
        let path = path.to_string_lossy();
        if b.maps_mounts() && !rootfs.private {
            return Err(Error::new(ROOTFS_NOT_PRIVATE, format!("other users of this host can reach {path}, or what is mounted below it"))
                .why("a set-user-ID program that root makes inside would be root's on the host, for any user to run")
                .fix("put it below a directory that is root's with mode 0700, or say --ephemeral, or --userns host"));
        }
        if rootfs.read_only && !b.spec.read_only {
            return Err(Error::new(ROOTFS_READ_ONLY, format!("{path} lies on a read-only file system"))
                .fix("say --read-only, or --ephemeral for a writable copy that is thrown away"));
        }
    }
    storage::check(b)?;
    for (volume, source) in b.spec.volumes.iter().zip(&b.facts.volumes) {
        let path = volume.source.to_string_lossy();
        if volume.id_mapped && !b.ids.as_ref().is_some_and(|ids| ids.source == Source::Reserved) {
            return Err(Error::new(BAD_VOLUME, format!("the volume {path} cannot be id-mapped"))
                .why("only root of the host may shift ids, and only for a container with a range of ids of its own")
                .fix("leave out :idmap"));
        }
        // With CAP_SYS_ADMIN, root inside may make a read-only mount of its own namespace writable again.
        let writable = !volume.read_only
            || b.spec.capabilities.is_none_or(|some| some.with(Capabilities::SYS_ADMIN) == some);
        if volume.id_mapped && writable && !source.private {
            return Err(Error::new(
                ROOTFS_NOT_PRIVATE,
                format!("other users of this host can reach the volume {path}, or what is mounted below it"),
            )
            .why("a set-user-ID program that root makes in an id-mapped volume would be root's on the host")
            .fix("add :ro (and no SYS_ADMIN), leave out :idmap, or put it below a directory that is root's with mode 0700"));
        }
    }
    Ok(())
}

/// The runtime's part, with the rights of outside: takes what paths the caller can reach, and mounts what only root of
/// the host may.
pub(crate) fn outside(b: &mut Builder<'_>) {
    if b.facts.caller.can_mount {
        take_all(b, Actor::Runtime);
    }
    if b.runtime_mounts() {
        let back = b.slot();
        b.step(
            Actor::Runtime,
            namespace::Op::VisitMounts { back },
            Why::Host("the layers can be id-mapped, by root of the host alone"),
        );
        make_private(b, Actor::Runtime);
        match b.storage {
            Some(_) => put_and_enter(b, Actor::Runtime),
            None => storage::memory(b, Actor::Runtime, Place::Host(b.facts.state.mount_point.clone())),
        }
        writable_layer(b, Actor::Runtime);
        if b.spec.root == Root::Programs {
            b.step(Actor::Runtime, Op::Enter { path: c"root".to_owned() }, Why::Container);
            skeleton(b, Actor::Runtime);
        }
        b.step(
            Actor::Runtime,
            namespace::Op::Return { back },
            Why::SoThat("the runtime is outside when the command starts"),
        );
    }
}

/// Init's part before it becomes root inside, while paths still are as open to it as to the caller.
pub(crate) fn enter(b: &mut Builder<'_>) {
    if b.spec.root == Root::Host {
        return;
    }
    if b.runtime_mounts() {
        let path = b.below("root");
        return b.step(Actor::Init, Op::Enter { path }, Why::Container);
    }
    if !b.facts.caller.can_mount {
        take_all(b, Actor::Init);
    }
    put_and_enter(b, Actor::Init);
}

/// Goes to the mount point, on which is placed what was taken for that: a root filesystem that is given in place, or
/// the directory to which the container writes.
fn put_and_enter(b: &mut Builder<'_>, actor: Actor) {
    let path = b.facts.state.mount_point.clone();
    let taken = match &b.spec.root {
        Root::Directory(_) => b.root.map(|slot| (slot, Why::Asked("--rootfs"))),
        _ => b.storage.zip(b.why_disk()),
    };
    if let Some((slot, why)) = taken {
        b.step(actor, Op::Put { slot, at: Place::Host(path.clone()), node: Node::Directory }, why);
    }
    b.step(actor, Op::Enter { path }, Why::Container);
}

/// Init's part as root inside: the rest of the root filesystem.
pub(crate) fn inside(b: &mut Builder<'_>) {
    if b.copies_on_write() && !b.runtime_mounts() {
        if b.storage.is_none() {
            storage::memory(b, Actor::Init, Place::layer("."));
        }
        writable_layer(b, Actor::Init);
        b.step(Actor::Init, Op::Enter { path: c"root".to_owned() }, Why::Container);
        if b.spec.root == Root::Programs {
            skeleton(b, Actor::Init);
        }
    }
}

/// Volumes and file systems in memory, when all that they may lie in is there.
pub(crate) fn volumes(b: &mut Builder<'_>) {
    for (index, slot) in b.volumes.clone().into_iter().enumerate() {
        let at = Place::Asked(b.spec.volumes[index].destination.clone());
        let node = if b.facts.volumes[index].directory { Node::Directory } else { Node::File };
        let why = Why::Asked(if b.spec.volumes[index].device { "--device" } else { "-v" });
        b.step(Actor::Init, Op::Put { slot, at, node }, why);
    }
    for tmpfs in b.spec.tmpfs.clone() {
        let options = in_memory("1777", tmpfs.size.unwrap_or_else(|| storage::bound(b)));
        let at = Place::Asked(tmpfs.destination);
        let op = Op::New { kind: c"tmpfs", options, attributes: Attributes::INERT, at, enter: false };
        b.step(Actor::Init, op, Why::Asked("--tmpfs"));
    }
}

/// Takes what lies at paths of the host: a path is looked up once.
fn take_all(b: &mut Builder<'_>, actor: Actor) {
    take_root(b, actor);
    take_volumes(b, actor);
    nest::take(b, actor);
    if let (Some(why), Some(on_disk)) = (b.why_disk(), b.facts.state.on_disk.clone()) {
        b.storage = Some(take(b, actor, why, |slot| Op::Take {
            source: on_disk.directory,
            inode: None,
            slot,
            attributes: Attributes::NO_DEV,
            mapped_by: None,
            recursive: false,
        }));
    }
}

/// Takes the directories that the root is made of, where their path is not ours.
fn take_root(b: &mut Builder<'_>, actor: Actor) {
    let mapped = b.maps_mounts().then_some(b.user_namespace).flatten();
    match (&b.spec.root, &b.facts.rootfs) {
        (Root::Directory(_) | Root::Ephemeral(_), Some(rootfs)) => {
            // In place, with --read-only, no mount below may be written to either, now or later.
            let read_only = b.spec.read_only || matches!(b.spec.root, Root::Ephemeral(_));
            let attributes = Attributes { read_only, ..Attributes::NO_DEV };
            let (source, inode) = (rootfs.path.clone(), Some(rootfs.inode));
            b.root = Some(take(b, actor, Why::Asked("--rootfs"), |slot| Op::Take {
                source,
                inode,
                slot,
                attributes,
                mapped_by: mapped,
                recursive: true,
            }));
        }
        (Root::Programs, _) if mapped.is_some() => {
            for layer in b.facts.layers.clone().iter().filter(|layer| !layer.mounts_below) {
                let slot = take(b, actor, Why::Container, |slot| Op::Take {
                    source: layer.source.clone(),
                    inode: None,
                    slot,
                    attributes: Attributes::NO_DEV.read_only(),
                    mapped_by: mapped.filter(|_| layer.id_mappable),
                    recursive: false,
                });
                b.layers.push(slot);
            }
        }
        _ => {}
    }
}

fn take_volumes(b: &mut Builder<'_>, actor: Actor) {
    let mapped = b.user_namespace;
    for (volume, source) in b.spec.volumes.iter().zip(&b.facts.volumes) {
        let why = Why::Asked(if volume.device { "--device" } else { "-v" });
        let slot = take(b, actor, why, |slot| Op::Take {
            source: volume.source.clone(),
            inode: Some(source.inode),
            slot,
            attributes: Attributes {
                read_only: volume.read_only,
                no_suid: true,
                no_dev: !volume.device,
                no_exec: false,
            },
            mapped_by: mapped.filter(|_| volume.id_mapped),
            recursive: true,
        });
        b.volumes.push(slot);
    }
}

pub(super) fn take(b: &mut Builder<'_>, actor: Actor, why: Why, op: impl FnOnce(Slot) -> Op) -> Slot {
    let slot = b.slot();
    b.step(actor, op(slot), why);
    slot
}

/// The writable layer in the current directory, and the overlays that write to it.
fn writable_layer(b: &mut Builder<'_>, actor: Actor) {
    let layers: Vec<Layer> = b.facts.layers.iter().filter(|layer| !layer.mounts_below).cloned().collect();
    let programs = b.spec.root == Root::Programs;
    let names: Vec<String> = if programs {
        layers.iter().map(|layer| text(&layer.name)).collect()
    } else {
        vec!["root".to_owned()]
    };
    make_directories(b, actor, &names);
    if programs {
        let (source, at) = (c"root".to_owned(), Place::layer("root"));
        b.step(
            actor,
            Op::Bind { source, at, attributes: Attributes::PLAIN, recursive: false },
            Why::Container,
        );
    }
    for (index, name) in names.iter().enumerate() {
        let lower = match if programs { b.layers.get(index).copied() } else { b.root } {
            Some(slot) => {
                let at = Place::layer(&format!("lower/{name}"));
                b.step(actor, Op::Put { slot, at, node: Node::Directory }, Why::Container);
                format!("lower/{name}")
            }
            None => layers.get(index).map_or_else(String::new, |layer| text(&layer.source)),
        };
        let at = if programs { format!("root/{name}") } else { "root".to_owned() };
        overlay(b, actor, name, &lower, &at);
    }
    if programs {
        bind_layers_with_mounts(b, actor);
    }
    if actor == Actor::Init && b.ids.is_some() && programs {
        b.note("the host's files belong to nobody inside, and directories of the host's root refuse writes; new files in /usr/bin, /usr/lib, /usr/local and the like can be made".to_owned());
    }
}

/// A layer with other file systems below it cannot be an overlay's lower directory whole: it is bound, read-only, and
/// never id-mapped, so that nothing could be written even if the container had the right to make it writable.
fn bind_layers_with_mounts(b: &mut Builder<'_>, actor: Actor) {
    for layer in b.facts.layers.clone().iter().filter(|layer| layer.mounts_below) {
        let name = text(&layer.name);
        b.note(format!("/{name} has other file systems mounted below it: it is read-only inside"));
        let at = Place::layer(&format!("root/{name}"));
        let op = Op::Bind {
            source: layer.source.clone(),
            at,
            attributes: Attributes::NO_DEV.read_only(),
            recursive: true,
        };
        b.step(actor, op, Why::Host("other file systems are mounted below it"));
    }
}

/// What of the finished root is a mount of its own and can be written to.
pub(super) fn mounts(b: &Builder<'_>) -> Vec<CString> {
    let overlays = b.facts.layers.iter().filter(|layer| !layer.mounts_below);
    let overlays = overlays.filter(|_| b.spec.root == Root::Programs).map(top);
    std::iter::once(c"/".to_owned()).chain(overlays).collect()
}

fn make_directories(b: &mut Builder<'_>, actor: Actor, names: &[String]) {
    let mut entries: Vec<Entry> = ["root", "lower", "upper", "work"].map(Entry::directory).to_vec();
    for name in names {
        entries.extend(["lower", "upper", "work"].map(|kind| Entry::directory(&format!("{kind}/{name}"))));
        if b.spec.root == Root::Programs {
            entries.push(Entry::directory(&format!("root/{name}")));
        }
    }
    if actor == Actor::Init && b.spec.root == Root::Programs && b.ids.is_some() {
        for layer in b.facts.layers.iter().filter(|layer| !layer.mounts_below) {
            let upper = format!("upper/{}", text(&layer.name));
            entries.extend(layer.premade.iter().map(|name| Entry::directory(&format!("{upper}/{name}"))));
        }
    }
    let owner = b.owner(actor);
    b.step(
        actor,
        file::Op::Make { what: "the directories of the writable layer", entries, owner },
        Why::Container,
    );
}

fn overlay(b: &mut Builder<'_>, actor: Actor, name: &str, lower: &str, at: &str) {
    let (upper, work) = (format!("upper/{name}"), format!("work/{name}"));
    let mut pairs = vec![("lowerdir", lower), ("upperdir", upper.as_str()), ("workdir", work.as_str())];
    if b.has_user_attributes() {
        pairs.push(("userxattr", ""));
    } else {
        // Lets directories of the lower layer be renamed.
        pairs.push(("redirect_dir", "on"));
    }
    if b.storage.is_some() {
        // What is thrown away need not be synced first, which takes ext4 100 ms (Linux 5.10).
        pairs.push(("volatile", ""));
    }
    let op = Op::New {
        kind: c"overlay",
        options: options(&pairs),
        attributes: Attributes::NO_DEV,
        at: Place::layer(at),
        enter: false,
    };
    b.step(actor, op, Why::Container);
}

/// The root directory of a container of the host's programs: what a system has, empty, and the allowed part of `/etc`.
fn skeleton(b: &mut Builder<'_>, actor: Actor) {
    let mut entries = vec![
        Entry::directory_mode("root", 0o700),
        Entry::directory_mode("tmp", 0o1777),
        Entry::directory_mode("var", 0o755),
        Entry::directory_mode("var/tmp", 0o1777),
    ];
    let plain = [
        "dev",
        "etc",
        "home",
        "media",
        "mnt",
        "proc",
        "run",
        "srv",
        "sys",
        "var/cache",
        "var/lib",
        "var/log",
        "var/spool",
    ];
    entries.extend(plain.map(Entry::directory));
    entries.push(Entry::directory_mode("run/lock", 0o1777));
    entries.extend([
        Entry::link("var/run", "../run"),
        Entry::link("var/lock", "../run/lock"),
        Entry::link("etc/mtab", "/proc/self/mounts"),
    ]);
    if !b.facts.layers.iter().any(|layer| layer.name.as_c_str() == c"opt") {
        entries.push(Entry::directory("opt"));
    }
    entries.extend(b.facts.aliases.iter().map(|(name, target)| Entry::Link(name.clone(), target.clone())));
    etc(b, &mut entries);
    let owner = b.owner(actor);
    b.step(actor, file::Op::Make { what: "the root directory and its /etc", entries, owner }, Why::Container);
    let directories = b.facts.etc.iter().filter(|entry| entry.content == EtcContent::Directory);
    let bind = |entry: &EtcEntry| (in_etc("/etc/", &entry.name), Place::Inside(in_etc("etc/", &entry.name)));
    let binds: Vec<(CString, Place)> = directories.map(bind).collect();
    if !binds.is_empty() {
        let (what, attributes) =
            ("the directories of /etc that are harmless, read-only", Attributes::INERT.read_only());
        b.step(actor, Op::BindEach { what, binds, attributes, node: Node::Directory }, Why::Container);
    }
}

fn etc(b: &Builder<'_>, entries: &mut Vec<Entry>) {
    let mut made: Vec<String> = Vec::new();
    for entry in &b.facts.etc {
        let inside = in_etc("etc/", &entry.name);
        let path = text(&inside);
        for (at, _) in path.match_indices('/').skip(1) {
            if !made.iter().any(|parent| parent == &path[..at]) {
                made.push(path[..at].to_owned());
                entries.push(Entry::directory(&path[..at]));
            }
        }
        match &entry.content {
            EtcContent::File => entries.push(Entry::Copy(inside, in_etc("/etc/", &entry.name))),
            EtcContent::Link(target) => entries.push(Entry::Link(inside, target.clone())),
            // A place to be bound on.
            EtcContent::Directory => entries.push(Entry::Directory(inside, 0o755)),
        }
    }
    let name = if b.spec.namespaces.uts { b.spec.hostname.as_str() } else { "localhost" };
    entries.push(Entry::File(c"etc/hostname".to_owned(), 0o644, format!("{name}\n").into_bytes()));
    let hosts =
        format!("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t{name}\n");
    entries.push(Entry::File(c"etc/hosts".to_owned(), 0o644, hosts.into_bytes()));
}

fn in_etc(prefix: &str, name: &CString) -> CString {
    CString::new([prefix.as_bytes(), name.as_bytes()].concat()).unwrap_or_default()
}

fn top(layer: &Layer) -> CString {
    in_etc("/", &layer.name)
}

fn text(name: &CString) -> String {
    name.to_string_lossy().into_owned()
}
