//! Where something is mounted, as what, and with which attributes.

use crate::tell::{quote, show};
use std::ffi::CString;

/// Where something is mounted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// An absolute path of the host, of our own making.
    Host(CString),
    /// A path below the current directory, which is the new root or the writable layer. It is walked by
    /// `openat2(2)`, which follows no symbolic link and does not leave that directory, and made where it is missing.
    Inside(CString),
    /// The same, chosen by a person: symbolic links that stay inside are followed.
    Asked(CString),
    /// The same as `Inside`, while the current directory is the writable layer, which is not the root.
    Layer(CString),
}

impl Place {
    /// A path below the current directory.
    pub fn inside(path: &str) -> Self {
        Place::Inside(CString::new(path).unwrap_or_default())
    }

    /// A path of the writable layer.
    pub fn layer(path: &str) -> Self {
        Place::Layer(CString::new(path).unwrap_or_default())
    }

    /// The path as a person reads it.
    pub(crate) fn show(&self) -> String {
        match self {
            Place::Host(path) => show(path),
            Place::Layer(path) if path.as_c_str() == c"." => "the current directory".to_owned(),
            Place::Layer(path) => show(path),
            Place::Inside(path) | Place::Asked(path) => format!("/{}", show(path)),
        }
    }

    /// The parts of the path that are made where they are missing.
    pub(crate) fn parts(&self) -> Vec<CString> {
        match self {
            Place::Host(_) => Vec::new(),
            Place::Layer(path) | Place::Inside(path) | Place::Asked(path) => {
                let parts = path.as_bytes().split(|byte| *byte == b'/').filter(|part| *part != b".");
                parts.filter_map(|part| CString::new(part).ok()).collect()
            }
        }
    }

    /// The path as a call tells it.
    pub(crate) fn quote(&self) -> String {
        match self {
            // The link that may stand there is followed, and leads the container knows where.
            Place::Asked(_) => format!("to {}", self.show()),
            Place::Layer(path) if path.as_c_str() == c"." => self.show(),
            Place::Layer(path) => quote(path),
            _ => format!("{:?}", self.show()),
        }
    }
}

/// The attributes of a mount, as `mount_setattr(2)` has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Attributes {
    /// Nothing can be written.
    pub read_only: bool,
    /// Set-user-ID bits have no effect.
    pub no_suid: bool,
    /// Device nodes cannot be opened.
    pub no_dev: bool,
    /// Nothing can be executed.
    pub no_exec: bool,
}

impl Attributes {
    /// None.
    pub const PLAIN: Attributes =
        Attributes { read_only: false, no_suid: false, no_dev: false, no_exec: false };
    /// No set-user-ID, no devices, no programs: for the kernel's own file systems.
    pub const INERT: Attributes = Attributes { read_only: false, no_suid: true, no_dev: true, no_exec: true };
    /// No devices: for what holds programs.
    pub const NO_DEV: Attributes = Attributes { no_dev: true, ..Attributes::PLAIN };

    /// These, read-only.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Attributes { read_only: true, ..self }
    }

    pub(crate) fn show(self) -> String {
        let all = [
            (self.read_only, "MOUNT_ATTR_RDONLY"),
            (self.no_suid, "MOUNT_ATTR_NOSUID"),
            (self.no_dev, "MOUNT_ATTR_NODEV"),
            (self.no_exec, "MOUNT_ATTR_NOEXEC"),
        ];
        let names: Vec<&str> = all.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        if names.is_empty() { "0".to_owned() } else { names.join("|") }
    }
}

/// What a mount point must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Node {
    /// A directory.
    Directory,
    /// Anything else.
    File,
}
