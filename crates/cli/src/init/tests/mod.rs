//! What the tests share: directories that go away, and ELF files made to order.

mod attack;
mod closure;
mod collect;
mod elf;
mod place;
mod works;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A directory for one test, removed with the test.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// Below the temporary directory.
    pub fn new(name: &str) -> Self {
        Self::at(&std::env::temp_dir().canonicalize().unwrap(), name)
    }

    /// Below `parent`.
    pub fn at(parent: &Path, name: &str) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("containerception-init-{name}-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Scratch(path)
    }

    /// Writes a file, and the directories above it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes a file that may be executed.
    pub fn program(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is left: {error}", self.0.display());
        }
    }
}

/// Whether the test runs as root. Says so where it does not.
pub fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("skipped: only root can do this");
    }
    root
}

/// An ELF file for this machine with nothing but headers, an interpreter and a dynamic section.
#[derive(Default, Clone)]
pub struct Elf<'a> {
    pub interpreter: Option<&'a str>,
    pub needed: &'a [&'a str],
    pub rpath: Option<&'a str>,
    pub runpath: Option<&'a str>,
    pub e_machine: u16,
}

impl Elf<'_> {
    /// Where the strings begin, after the file header and three program headers.
    const STRINGS: u64 = 64 + 3 * 56;

    /// The file. Little-endian, 64 bits; all of it is one segment, loaded at 0x1000.
    pub fn bytes(&self) -> Vec<u8> {
        let mut strings = vec![0];
        let mut string = |text: &str| {
            let at = strings.len() as u64;
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
            at
        };
        let interpreter = self.interpreter.map(|path| (string(path), path.len() as u64 + 1));
        let mut dynamic: Vec<[u64; 2]> = self.needed.iter().map(|name| [1, string(name)]).collect();
        dynamic.extend(self.rpath.map(|list| [15, string(list)]));
        dynamic.extend(self.runpath.map(|list| [29, string(list)]));
        let size = strings.len() as u64;
        dynamic.extend([[5, 0x1000 + Self::STRINGS], [10, size], [0, 0]]);

        let dynamic_at = Self::STRINGS + size;
        let end = dynamic_at + dynamic.len() as u64 * 16;
        let mut file = self.header();
        file.extend(segment(1, 0, end));
        file.extend(segment(2, dynamic_at, end - dynamic_at));
        let (at, length) = interpreter.map_or((0, 0), |(at, length)| (Self::STRINGS + at, length));
        file.extend(segment(if length == 0 { 0 } else { 3 }, at, length));
        file.extend(strings);
        file.extend(dynamic.iter().flatten().flat_map(|word| word.to_le_bytes()));
        file
    }

    fn header(&self) -> Vec<u8> {
        let mut header = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        header.extend(3u16.to_le_bytes());
        header.extend(self.e_machine.to_le_bytes());
        header.extend(1u32.to_le_bytes());
        header.extend([0u64, 64, 0].iter().flat_map(|word| word.to_le_bytes()));
        header.extend(0u32.to_le_bytes());
        header.extend([64u16, 56, 3, 64, 0, 0].iter().flat_map(|half| half.to_le_bytes()));
        header
    }
}

fn segment(p_type: u32, offset: u64, size: u64) -> Vec<u8> {
    let mut bytes = [p_type.to_le_bytes(), 4u32.to_le_bytes()].concat();
    let words = [offset, 0x1000 + offset, 0x1000 + offset, size, size, 1];
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    bytes
}
