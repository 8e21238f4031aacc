//! Mounts: how file systems are made, taken, placed, covered, and how one becomes the root.

use crate::Slot;
use crate::facts::Inode;
pub use crate::place::{Attributes, Node, Place};
use crate::tell::{Call, Count, Lesson, Tell, quote, quote_all, show};
use std::ffi::{CStr, CString};

/// A step on mounts.
#[derive(Clone, Debug)]
pub enum Op {
    /// Makes every mount private.
    MakePrivate,
    /// Takes a detached copy of what is mounted at a path of the host. It is made private: copies of shared mounts
    /// are peers of the originals, so that what a container mounts on them would appear on the host.
    Take {
        /// The path; relative ones start where the caller stood.
        source: CString,
        /// What must be found there, if it was looked at before: somebody may have exchanged it.
        inode: Option<Inode>,
        /// Where the copy goes.
        slot: Slot,
        /// Its attributes.
        attributes: Attributes,
        /// The user namespace by whose map its ids are shifted.
        mapped_by: Option<Slot>,
        /// Whether mounts below come along.
        recursive: bool,
    },
    /// Places what was taken.
    Put {
        /// What.
        slot: Slot,
        /// Where.
        at: Place,
        /// What the mount point must be.
        node: Node,
    },
    /// Mounts a new file system.
    New {
        /// Its type.
        kind: &'static CStr,
        /// Its options.
        options: Vec<(CString, CString)>,
        /// The attributes of the mount.
        attributes: Attributes,
        /// Where.
        at: Place,
        /// Whether it becomes the current directory.
        enter: bool,
    },
    /// Mounts a path at another place as well.
    Bind {
        /// The path: absolute, or relative to the current directory.
        source: CString,
        /// Where.
        at: Place,
        /// The attributes of the mount.
        attributes: Attributes,
        /// Whether mounts below come along.
        recursive: bool,
    },
    /// Binds several paths, which belong together.
    BindEach {
        /// What they are together.
        what: &'static str,
        /// Each path and its place.
        binds: Vec<(CString, Place)>,
        /// The attributes of the mounts.
        attributes: Attributes,
        /// What the mount points must be.
        node: Node,
    },
    /// Goes to a directory.
    Enter {
        /// The directory.
        path: CString,
    },
    /// Covers paths with nothing: an empty directory or `/dev/null`.
    Mask {
        /// The paths below the current directory; those that do not exist are skipped.
        paths: &'static [&'static CStr],
    },
    /// Makes paths read-only.
    Lock {
        /// The paths below the current directory; those that do not exist are skipped.
        paths: &'static [&'static CStr],
    },
    /// Makes the current directory, which is a mount, the root, and lets go of the old one.
    PivotRoot,
    /// The same where the old root is the initial ramdisk, which cannot be pivoted away: move and chroot.
    MoveRoot,
    /// Makes the root read-only.
    LockRoot {
        /// The mounts that it consists of.
        mounts: Vec<CString>,
    },
}

fn list_quoted(paths: &[&CStr]) -> String {
    quote_all(paths.iter().copied())
}

fn list(paths: &[&CStr]) -> String {
    paths.iter().map(|path| format!("/{}", show(path))).collect::<Vec<_>>().join(" ")
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::MakePrivate => "make all mounts private".to_owned(),
            Op::Take { source, mapped_by: None, .. } => format!("take {}", show(source)),
            Op::Take { source, .. } => {
                format!("take {} with its ids shifted into the container", show(source))
            }
            Op::Put { at, .. } => format!("place what was taken on {}", at.show()),
            Op::New { kind, at, attributes, .. } => {
                let how = if attributes.read_only { ", read-only" } else { "" };
                format!("mount {} {} on {}{how}", article(kind), show(kind), at.show())
            }
            Op::Bind { source, at: Place::Layer(path), .. } if source == path => {
                format!("make {} a mount of its own", show(source))
            }
            Op::Bind { source, at, attributes, .. } => {
                let how = if attributes.read_only { ", read-only" } else { "" };
                format!("bind {} on {}{how}", show(source), at.show())
            }
            Op::BindEach { what, .. } => format!("bind {what}"),
            Op::Enter { path } => format!("go to {}", show(path)),
            Op::Mask { paths } => format!("cover {}", list(paths)),
            Op::Lock { paths } => format!("make read-only {}", list(paths)),
            Op::PivotRoot => "make this the root and let go of the old one".to_owned(),
            Op::MoveRoot => "move this over the root and change to it".to_owned(),
            Op::LockRoot { .. } => "make the root read-only".to_owned(),
        }
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Op::MakePrivate => vec![Call::once("mount", r#""/", MS_REC|MS_PRIVATE"#)],
            Op::Take { source, attributes, mapped_by, recursive, .. } => {
                vec![
                    cloned(source, *recursive),
                    set_attributes(*attributes, mapped_by.is_some(), *recursive, ", MS_PRIVATE"),
                ]
            }
            Op::Put { at, node, .. } => placed(at, *node),
            Op::New { kind, options, attributes, at, enter } => {
                let mut calls = made(kind, options, *attributes);
                calls.extend(placed(at, Node::Directory));
                calls.extend(enter.then(|| Call::once("fchdir", "the new mount")));
                calls
            }
            Op::Bind { source, at, attributes, recursive } => {
                let mut calls = vec![cloned(source, *recursive)];
                calls.extend(changed(*attributes, *recursive));
                calls.extend(placed(at, Node::Directory));
                calls
            }
            Op::BindEach { binds, attributes, node, .. } => {
                let bind = |(source, at): &(CString, Place)| {
                    let mut calls = vec![cloned(source, true)];
                    calls.extend(changed(*attributes, true));
                    calls.extend(placed(at, *node));
                    calls
                };
                binds.iter().flat_map(bind).collect()
            }
            Op::Enter { path } => vec![Call::once("chdir", quote(path))],
            Op::Mask { paths } => masked(&list_quoted(paths)),
            Op::Lock { paths } => {
                let (paths, item) = (list_quoted(paths), "of these that exists");
                vec![
                    Call::each("open_tree", format!("{paths}, OPEN_TREE_CLONE|AT_RECURSIVE"), item),
                    Call::each(
                        "mount_setattr",
                        format!("AT_RECURSIVE, {}", Attributes::INERT.read_only().show()),
                        item,
                    ),
                    Call::each("move_mount", format!("{paths}, on top of itself"), item),
                ]
            }
            Op::PivotRoot => vec![
                Call::once("pivot_root", r#"".", ".""#),
                Call::once("umount2", r#"".", MNT_DETACH"#),
                Call::once("chdir", r#""/""#),
            ],
            Op::MoveRoot => vec![
                Call::once("move_mount", r#"the current directory, "/""#),
                Call::once("chroot", r#"".""#),
                Call::once("chdir", r#""/""#),
            ],
            Op::LockRoot { mounts } => mounts
                .iter()
                .map(|mount| Call::once("mount_setattr", format!("{}, MOUNT_ATTR_RDONLY", quote(mount))))
                .collect(),
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::MakePrivate => Lesson {
                why: "A new mount namespace is a copy whose mounts still are peers of the originals where these are shared.",
                without: "What is mounted inside could appear outside, and pivot_root refuses a shared root.",
                man: "mount_namespaces(7)",
            },
            Op::Take { mapped_by: Some(_), .. } => Lesson {
                why: "An id-mapped mount shows the files of one user as those of another, and nothing on disk changes (Linux 5.12).",
                without: "The files of the host's root would belong to nobody inside.",
                man: "mount_setattr(2)",
            },
            Op::Take { .. } => Lesson {
                why: "A path is looked up once, here, and must lead to what was judged; it is held by a descriptor, so that nobody can swap it later.",
                without: "Between a check and a mount, a symbolic link could lead elsewhere (CVE-2021-30465).",
                man: "open_tree(2)",
            },
            Op::Put { .. } | Op::Bind { .. } | Op::BindEach { .. } => Lesson {
                why: "The same directory at one more place; the mount lands on a descriptor, not on a path.",
                without: "Programs inside would not find what they look for there.",
                man: "move_mount(2), openat2(2)",
            },
            Op::New { kind, .. } => lesson_of(kind),
            Op::Enter { .. } => Lesson {
                why: "From here on paths are relative and cannot leave this directory.",
                without: "The next mounts would land on the host's paths.",
                man: "chdir(2)",
            },
            Op::Mask { .. } => Lesson {
                why: "These files tell about the host's kernel, keys and hardware.",
                without: "The container could read them. It is tidiness, not a wall: the wall is that root inside is nobody outside.",
                man: "proc(5)",
            },
            Op::Lock { .. } => Lesson {
                why: "What is here changes the kernel's behaviour for all.",
                without: "Where the container has rights over it, a write here would reach beyond the container.",
                man: "mount_setattr(2)",
            },
            Op::PivotRoot => Lesson {
                why: "The old root is stacked under the new one and then detached: it exists no more in this namespace.",
                without: "chroot alone leaves the host's root mounted, and root inside can climb back to it.",
                man: "pivot_root(2)",
            },
            Op::MoveRoot => Lesson {
                why: "The initial ramdisk has no parent mount, and so cannot be pivoted away; it is covered instead.",
                without: "No container could be made on a machine that runs from its ramdisk.",
                man: "pivot_root(2)",
            },
            Op::LockRoot { .. } => Lesson {
                why: "The command finds its files as they were, each time.",
                without: "It could write to its root.",
                man: "mount_setattr(2)",
            },
        }
    }

    fn fills(&self) -> Vec<Slot> {
        if let Op::Take { slot, .. } = self { vec![*slot] } else { Vec::new() }
    }

    fn uses(&self) -> Vec<Slot> {
        match self {
            Op::Take { mapped_by: Some(slot), .. } | Op::Put { slot, .. } => vec![*slot],
            _ => Vec::new(),
        }
    }
}

fn article(kind: &CStr) -> &'static str {
    if kind == c"overlay" { "an" } else { "a fresh" }
}

/// The call that takes a detached copy of what is mounted at a path.
fn cloned(source: &CStr, recursive: bool) -> Call {
    let below = if recursive { "|AT_RECURSIVE" } else { "" };
    Call::once("open_tree", format!("{}, OPEN_TREE_CLONE{below}", quote(source)))
}

/// The call that gives a mount its attributes, if there are any to give.
fn changed(attributes: Attributes, recursive: bool) -> Option<Call> {
    (attributes != Attributes::PLAIN).then(|| set_attributes(attributes, false, recursive, ""))
}

fn set_attributes(attributes: Attributes, mapped: bool, recursive: bool, propagation: &str) -> Call {
    let below = if recursive { "AT_RECURSIVE, " } else { "" };
    let map = if mapped { "|MOUNT_ATTR_IDMAP by the user namespace" } else { "" };
    Call::once("mount_setattr", format!("{below}{}{map}{propagation}", attributes.show()))
}

/// The calls that make a new file system.
fn made(kind: &CStr, options: &[(CString, CString)], attributes: Attributes) -> Vec<Call> {
    let option = |(key, value): &(CString, CString)| {
        let (key, value) = (quote(key), quote(value));
        let flag = value == r#""""#;
        let how = if flag { "FSCONFIG_SET_FLAG, " } else { "FSCONFIG_SET_STRING, " };
        Call::once("fsconfig", if flag { how.to_owned() + &key } else { format!("{how}{key}, {value}") })
    };
    let mut calls = vec![Call::once("fsopen", quote(kind))];
    calls.push(option(&(c"source".to_owned(), kind.to_owned())));
    calls.extend(options.iter().map(option));
    calls.push(Call::once("fsconfig", "FSCONFIG_CMD_CREATE"));
    calls.push(Call::once("fsmount", attributes.show()));
    calls
}

/// The calls that cover those of `paths` that exist.
fn masked(paths: &str) -> Vec<Call> {
    let (file, directory) = ("of these that is a file", "of these that is a directory");
    let each = |call: Call| Call { count: Count::Each(directory), ..call };
    let mut calls = vec![
        Call::each("open_tree", r#""dev/null", OPEN_TREE_CLONE"#, file),
        Call::each("move_mount", paths, file),
    ];
    calls.extend(made(c"tmpfs", &[], Attributes::INERT.read_only()).into_iter().map(each));
    calls.push(Call::each("move_mount", paths, directory));
    calls
}

/// The calls that land a mount on its place, which is made where it is missing.
fn placed(at: &Place, node: Node) -> Vec<Call> {
    let mut directories = at.parts();
    let file = if node == Node::File { directories.pop() } else { None };
    let mut calls = Vec::new();
    if !directories.is_empty() {
        let names = quote_all(directories.iter().map(|name| &**name));
        calls.push(Call::each("mkdirat", format!("{names}, 0755"), "of these that is missing"));
    }
    calls.extend(file.map(|name| {
        Call::maybe("openat", format!("{}, O_CREAT|O_EXCL, 0644", quote(&name)), "it is missing")
    }));
    calls.push(Call::once("move_mount", at.quote()));
    calls
}

fn lesson_of(kind: &CStr) -> Lesson {
    match kind.to_bytes() {
        b"proc" => Lesson {
            why: "A proc file system shows the processes of the PID namespace in which it is mounted.",
            without: "ps would read the host's /proc and show the host's processes.",
            man: "proc(5), pid_namespaces(7)",
        },
        b"sysfs" => Lesson {
            why: "A sysfs shows the network devices of its network namespace; read-only, for the rest of it is the host's.",
            without: "Programs that ask for CPUs or interfaces would find nothing.",
            man: "sysfs(5)",
        },
        b"overlay" => Lesson {
            why: "Reads go to the lower directory; the first write to a file copies it to the upper one.",
            without: "The container would change the directory that it is made from, or could not write at all.",
            man: "mount(8), overlay in the kernel's documentation",
        },
        b"devpts" => Lesson {
            why: "Terminals inside are the container's own.",
            without: "The container would see, and could open, the terminals of the host.",
            man: "pts(4)",
        },
        b"mqueue" => Lesson {
            why: "POSIX message queues of the container's own IPC namespace.",
            without: "mq_open(3) would work, but nobody could list or remove its queues.",
            man: "mq_overview(7)",
        },
        _ => Lesson {
            why: "Files in memory: quick to make, bounded in size, gone with the container.",
            without: "There would be no place for files that belong to this container alone.",
            man: "tmpfs(5)",
        },
    }
}
