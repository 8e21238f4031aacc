//! Directories, symbolic links and small files of our own making.

use crate::tell::{Call, Lesson, Tell, mode, quote};
use std::ffi::CString;

/// The mode of a copy.
pub const COPY: u32 = 0o644;

/// When a copy is made.
const READABLE: &str = "the host's can be read";

/// One thing to be made, at a path below the current directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A directory.
    Directory(CString, u32),
    /// A symbolic link: path and target.
    Link(CString, CString),
    /// A file: path, mode, content.
    File(CString, u32, Vec<u8>),
    /// A copy of a file of the host, where it is there and can be read: path and source.
    Copy(CString, CString),
}

impl Entry {
    /// A directory with mode 0755.
    pub fn directory(path: &str) -> Self {
        Entry::Directory(CString::new(path).unwrap_or_default(), 0o755)
    }

    /// A directory with a mode of its own.
    pub fn directory_mode(path: &str, mode: u32) -> Self {
        Entry::Directory(CString::new(path).unwrap_or_default(), mode)
    }

    /// A symbolic link.
    pub fn link(path: &str, target: &str) -> Self {
        Entry::Link(CString::new(path).unwrap_or_default(), CString::new(target).unwrap_or_default())
    }

    fn calls(&self) -> Vec<Call> {
        match self {
            Entry::Directory(path, bits) => {
                vec![Call::once("mkdirat", format!("{}, {}", quote(path), mode(*bits)))]
            }
            Entry::Link(path, target) => {
                vec![Call::once("symlinkat", format!("{}, {}", quote(target), quote(path)))]
            }
            Entry::File(path, bits, content) => {
                let path = quote(path);
                let open = Call::once("openat", format!("{path}, O_CREAT|O_EXCL, {}", mode(*bits)));
                let write = Call::once("write", format!("{path}, {} bytes", content.len()));
                if content.is_empty() { vec![open] } else { vec![open, write] }
            }
            Entry::Copy(path, source) => {
                let (path, source) = (quote(path), quote(source));
                vec![
                    Call::maybe("openat", format!("{path}, O_CREAT|O_EXCL, {}", mode(COPY)), READABLE),
                    Call::each("sendfile", format!("{path}, {source}"), "part of it, and its end"),
                ]
            }
        }
    }
}

/// The calls by which files are made as somebody else, and by which that ends.
fn act_as(uid: u32, gid: u32) -> [Call; 2] {
    [Call::once("setfsgid", gid.to_string()), Call::once("setfsuid", uid.to_string())]
}

/// A step on files.
#[derive(Clone, Debug)]
pub enum Op {
    /// Makes entries in order; none of them exists yet.
    Make {
        /// What they are together.
        what: &'static str,
        /// The entries.
        entries: Vec<Entry>,
        /// As whom they are made; `None`: as the maker.
        owner: Option<(u32, u32)>,
    },
}

impl Tell for Op {
    fn title(&self) -> String {
        let Op::Make { what, .. } = self;
        format!("make {what}")
    }

    fn calls(&self) -> Vec<Call> {
        let Op::Make { entries, owner, .. } = self;
        let mut calls = vec![Call::once("umask", "000")];
        calls.extend(owner.iter().flat_map(|(uid, gid)| act_as(*uid, *gid)));
        calls.extend(entries.iter().flat_map(Entry::calls));
        calls.extend(owner.iter().flat_map(|_| act_as(0, 0)));
        calls
    }

    fn lesson(&self) -> Lesson {
        Lesson {
            why: "A root filesystem is directories at the places where programs look for them, and mount points.",
            without: "There would be nothing to mount on, and programs would not find what they expect.",
            man: "hier(7)",
        }
    }
}
