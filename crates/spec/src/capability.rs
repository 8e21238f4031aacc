//! Capabilities: which of root's powers root inside keeps (`capabilities(7)`).

use crate::catalogue::UNKNOWN_CAPABILITY;
use crate::error::{Error, Result};
use crate::near::nearest;

/// A set of capabilities, one bit each, as the kernel numbers them (`linux/capability.h`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities(pub u64);

/// The names by number, without their prefix `CAP_`; CAP_CHECKPOINT_RESTORE (Linux 5.9) is the newest.
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

impl Capabilities {
    /// No capability.
    pub const NONE: Capabilities = Capabilities(0);
    /// Every capability that this program knows.
    pub const ALL: Capabilities = Capabilities((1 << NAMES.len()) - 1);
    /// Sending raw packets; not given where there is a network to attack (R17).
    pub const NET_RAW: Capabilities = Capabilities(1 << 13);
    /// Mounting, and most of what else a system's administrator does.
    pub const SYS_ADMIN: Capabilities = Capabilities(1 << 21);
    /// What init needs beside the command's own: to signal any process, and to become the command's user.
    pub const FOR_INIT: Capabilities = Capabilities(1 << 5 | 1 << 6 | 1 << 7);
    /// Docker's default: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE,
    /// NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP.
    pub const DEFAULT: Capabilities = Capabilities(0xa804_25fb);

    /// Parses one name, with or without `CAP_`, in either case; `ALL` is all of them.
    ///
    /// # Errors
    /// `UNKNOWN_CAPABILITY`.
    pub fn parse(text: &str) -> Result<Self> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if name == "ALL" {
            return Ok(Capabilities::ALL);
        }
        let number = NAMES.iter().position(|known| *known == name);
        number.map(|number| Capabilities(1 << number)).ok_or_else(|| {
            let error = Error::new(UNKNOWN_CAPABILITY, format!("{text:?} is not a capability"));
            match nearest(name, NAMES) {
                Some(meant) => error.fix(format!("did you mean {meant}? capabilities(7) has all names")),
                None => error.fix(
                    "see capabilities(7) for the names, such as NET_ADMIN or CAP_SYS_PTRACE, or say ALL",
                ),
            }
        })
    }

    /// These and those of `other`.
    #[must_use]
    pub fn with(self, other: Capabilities) -> Self {
        Capabilities(self.0 | other.0)
    }

    /// These without those of `other`.
    #[must_use]
    pub fn without(self, other: Capabilities) -> Self {
        Capabilities(self.0 & !other.0)
    }

    /// The names, ascending by number, without `CAP_`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().enumerate().filter(move |(number, _)| self.0 & (1 << number) != 0).map(|(_, name)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sets() {
        assert_eq!(Capabilities::parse("cap_net_raw").unwrap(), Capabilities::NET_RAW);
        assert_eq!(Capabilities::parse("sys_admin").unwrap(), Capabilities::SYS_ADMIN);
        assert_eq!(Capabilities::parse("ALL").unwrap(), Capabilities::ALL);
        for bad in ["", "CAP_", "NET", "CAP_CAP_KILL", "ALL "] {
            assert_eq!(Capabilities::parse(bad).unwrap_err().code, UNKNOWN_CAPABILITY, "{bad}");
        }
        for (typed, meant) in [("NET_RWA", "NET_RAW"), ("cap_sys_amdin", "SYS_ADMIN"), ("CHWON", "CHOWN")] {
            let fix = Capabilities::parse(typed).unwrap_err().fix.unwrap();
            assert!(fix.starts_with(&format!("did you mean {meant}?")), "{typed}: {fix}");
        }
        let default: Vec<_> = Capabilities::DEFAULT.names().collect();
        assert_eq!(default.len(), 14);
        assert!(default.contains(&"SETFCAP") && !default.contains(&"SYS_ADMIN"));
        assert_eq!(Capabilities::FOR_INIT.names().collect::<Vec<_>>(), ["KILL", "SETGID", "SETUID"]);
        assert_eq!(Capabilities::DEFAULT.without(Capabilities::ALL), Capabilities::NONE);
    }
}
