//! Which devices a container may make and open (`linux.resources.devices` of the OCI runtime specification).

mod default;
mod meaning;
mod parse;

pub use default::default_rules;
pub use meaning::allowed;

use std::ffi::CString;
use std::fmt;

/// The greatest major number: the kernel has 12 bits for it (`MINORBITS` of `linux/kdev_t.h`).
pub const MAX_MAJOR: u32 = (1 << 12) - 1;
/// The greatest minor number: the kernel has 20 bits for it.
pub const MAX_MINOR: u32 = (1 << 20) - 1;

/// One rule; [`allowed`] says what several mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Whether it allows or denies.
    pub allow: bool,
    /// Which kind of devices.
    pub kind: Kind,
    /// Which major number; `None`: all.
    pub major: Option<u32>,
    /// Which minor number; `None`: all.
    pub minor: Option<u32>,
    /// What is allowed or denied.
    pub access: Access,
}

/// A kind of devices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Character and block devices.
    All,
    /// Character devices.
    Character,
    /// Block devices.
    Block,
}

/// What may be done with a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Open it for reading.
    pub read: bool,
    /// Open it for writing.
    pub write: bool,
    /// Make a file of it (`mknod(2)`).
    pub make: bool,
}

/// A device of the host inside the container, as docker's `--device` has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// Its file on the host, an absolute path.
    pub source: CString,
    /// The path inside, without the leading `/`.
    pub destination: CString,
    /// What may be done with it.
    pub access: Access,
}

/// As the kernel shows a rule in `devices.list` of cgroup v1, and docker takes one: `c 1:3 rwm`. Whether it allows or
/// denies is not part of it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<u32>| number.map_or("*".to_owned(), |number| number.to_string());
        write!(f, "{} {}:{} {}", self.kind, number(self.major), number(self.minor), self.access)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::All => "a",
            Kind::Character => "c",
            Kind::Block => "b",
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [(self.read, "r"), (self.write, "w"), (self.make, "m")];
        letters.iter().filter(|(may, _)| *may).try_for_each(|(_, letter)| f.write_str(letter))
    }
}
