//! What the tree will hold: the value in which reading the host ends and writing the tree begins.

use super::text::shown;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// `MAXSYMLINKS` of the kernel (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// One name in the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A directory, which keeps its mode where it is already.
    Directory {
        /// Permission bits.
        mode: u32,
    },
    /// A symbolic link.
    Symlink {
        /// As it is stored: absolute or relative to its directory.
        target: PathBuf,
    },
    /// A copy of the host's file at the same path.
    Copy {
        /// Permission bits.
        mode: u32,
        /// Bytes, when it was looked at.
        size: u64,
    },
    /// A small file of our own, which is written only where it is not there.
    Text {
        /// What it says.
        content: &'static str,
    },
}

/// Names by absolute path. A directory sorts before what it holds.
#[derive(Default, Debug)]
pub struct Manifest {
    entries: BTreeMap<PathBuf, Entry>,
}

impl Manifest {
    /// All names, a directory before what it holds.
    pub fn entries(&self) -> impl Iterator<Item = (&Path, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_path(), entry))
    }

    /// How many files are copied, and their bytes.
    pub fn copies(&self) -> (usize, u64) {
        self.entries.values().fold((0, 0), |(files, bytes), entry| match entry {
            Entry::Copy { size, .. } => (files + 1, bytes.saturating_add(*size)),
            _ => (files, bytes),
        })
    }

    /// Adds an entry of our own, unless there is one.
    pub fn set(&mut self, path: impl Into<PathBuf>, entry: Entry) {
        self.entries.entry(path.into()).or_insert(entry);
    }

    /// Adds a file or directory of the host under the same name, with the directories above it and every symbolic link
    /// on the way: `/bin/awk` brings `/bin -> usr/bin`, `/usr/bin/awk -> /etc/alternatives/awk` and what follows. So
    /// names resolve as they do on the host, whether or not it has merged `/bin` into `/usr`. Returns the real path.
    ///
    /// Where a directory was set before, it stays one, even if the host has a link there.
    ///
    /// # Errors
    /// `ELOOP` after 40 links, `InvalidInput` for a device or socket, and what `lstat(2)` and `readlink(2)` report.
    pub fn add(&mut self, path: &Path) -> io::Result<PathBuf> {
        let (mut at, mut rest, mut links) = (PathBuf::from("/"), names(path), 0);
        while let Some(name) = rest.pop() {
            if name == ".." {
                at.pop();
                continue;
            }
            at.push(name);
            let Some(target) = self.look(&at)? else { continue };
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::from_raw_os_error(rustix::io::Errno::LOOP.raw_os_error()));
            }
            if target.is_absolute() {
                at = PathBuf::from("/")
            } else {
                at.pop();
            }
            rest.extend(names(&target));
        }
        Ok(at)
    }

    /// Adds what may be absent. Looks first, so that nothing of a path that leads nowhere is recorded.
    pub fn add_optional(&mut self, path: &Path) {
        if path.exists() {
            // A file that vanishes in between is one that is not there.
            let _ = self.add(path);
        }
    }

    /// Records what the host has at `path`, and returns where it leads if it is a link.
    fn look(&mut self, path: &Path) -> io::Result<Option<PathBuf>> {
        if !self.entries.contains_key(path) {
            self.entries.insert(path.to_path_buf(), of_host(path, &fs::symlink_metadata(path)?)?);
        }
        Ok(match self.entries.get(path) {
            Some(Entry::Symlink { target }) => Some(target.clone()),
            _ => None,
        })
    }
}

fn of_host(path: &Path, metadata: &Metadata) -> io::Result<Entry> {
    let kind = metadata.file_type();
    if kind.is_symlink() {
        return Ok(Entry::Symlink { target: fs::read_link(path)? });
    }
    if kind.is_dir() {
        return Ok(Entry::Directory { mode: 0o755 });
    }
    if !kind.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} is not a regular file", shown(path)),
        ));
    }
    Ok(Entry::Copy { mode: mode(metadata.permissions().mode()), size: metadata.len() })
}

/// The mode of a copy: executable or not, readable by all. Set-user-ID and set-group-ID bits are dropped: inside,
/// no_new_privs makes them void; on the host, a copy that root made would be a second way to become root, which no
/// package manager knows of and no update reaches.
fn mode(of_host: u32) -> u32 {
    if of_host & 0o111 == 0 { 0o644 } else { 0o755 }
}

/// The components of a path, last one first: a stack.
fn names(path: &Path) -> Vec<OsString> {
    let named = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_os_string()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    let mut names: Vec<_> = path.components().filter_map(named).collect();
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::tests::Scratch;
    use std::os::unix::fs::symlink;

    fn kinds(manifest: &Manifest, below: &Path) -> Vec<(String, &'static str)> {
        let kind = |entry: &Entry| match entry {
            Entry::Directory { .. } => "directory",
            Entry::Symlink { .. } => "link",
            Entry::Copy { .. } => "copy",
            Entry::Text { .. } => "text",
        };
        let inside =
            |path: &Path| path.strip_prefix(below).ok().map(|rest| rest.to_string_lossy().into_owned());
        manifest.entries().filter_map(|(path, entry)| Some((inside(path)?, kind(entry)))).skip(1).collect()
    }

    #[test]
    fn a_chain_of_links_comes_along() {
        let scratch = Scratch::new("chain");
        scratch.file("usr/bin/real", "x");
        symlink("usr/bin", scratch.0.join("bin")).unwrap();
        fs::create_dir(scratch.0.join("alternatives")).unwrap();
        symlink(scratch.0.join("alternatives/it"), scratch.0.join("usr/bin/it")).unwrap();
        symlink("../bin/./real", scratch.0.join("alternatives/it")).unwrap();

        let mut manifest = Manifest::default();
        assert_eq!(manifest.add(&scratch.0.join("bin/it")).unwrap(), scratch.0.join("usr/bin/real"));
        let found = kinds(&manifest, &scratch.0);
        let expected = [
            ("alternatives", "directory"),
            ("alternatives/it", "link"),
            ("bin", "link"),
            ("usr", "directory"),
            ("usr/bin", "directory"),
            ("usr/bin/it", "link"),
            ("usr/bin/real", "copy"),
        ];
        assert_eq!(found, expected.map(|(path, kind)| (path.to_owned(), kind)));
        assert_eq!(manifest.copies(), (1, 1));
    }

    #[test]
    fn a_directory_that_was_set_stays_one() {
        let scratch = Scratch::new("fixed");
        scratch.file("elsewhere/program", "x");
        symlink("elsewhere", scratch.0.join("local")).unwrap();
        let mut manifest = Manifest::default();
        manifest.set(scratch.0.join("local"), Entry::Directory { mode: 0o755 });
        assert_eq!(manifest.add(&scratch.0.join("local/program")).unwrap(), scratch.0.join("local/program"));
    }

    #[test]
    fn loops_and_sockets_are_errors() {
        let scratch = Scratch::new("loop");
        symlink("b", scratch.0.join("a")).unwrap();
        symlink("a", scratch.0.join("b")).unwrap();
        let looped = Manifest::default().add(&scratch.0.join("a")).unwrap_err();
        assert_eq!(looped.raw_os_error(), Some(rustix::io::Errno::LOOP.raw_os_error()));
        let socket = std::os::unix::net::UnixListener::bind(scratch.0.join("socket")).unwrap();
        let refused = Manifest::default().add(&scratch.0.join("socket")).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        drop(socket);
    }

    #[test]
    fn special_bits_are_dropped() {
        assert_eq!(mode(0o104_755), 0o755);
        assert_eq!(mode(0o102_711), 0o755);
        assert_eq!(mode(0o100_600), 0o644);
    }
}
