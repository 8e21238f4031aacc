//! Which devices a container may make and open (`linux.resources.devices` of the OCI runtime specification).

/// One rule. Of several that match, the last counts.
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
