//! The part of the host's `/etc` that a container of the host's programs may see: an allow-list.
//!
//! `/etc` holds what programs need to run and what must stay secret, side by side. What is not listed here is not in
//! the container. Files are copied, so that root inside owns them; directories are bound, read-only. Never listed:
//! `shadow`, `gshadow` and their backups, `ssh`, `ssl/private`, `machine-id`, `sudoers`, `krb5.keytab`, credentials of
//! package sources and network managers. Nor is what few programs read and all do without, such as `mime.types`: each file
//! takes some 20 µs of every start.

/// How an entry gets in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// Copied, if it is a small file or a symbolic link.
    Copy,
    /// Bound, if it is a directory.
    Bind,
}

/// An entry, how it gets in, and why.
pub const ALLOWED: &[(&str, How, &str)] = &[
    ("alternatives", How::Bind, "Debian's links from names such as awk to programs"),
    ("bash.bashrc", How::Copy, "bash reads it when it starts"),
    ("crypto-policies", How::Bind, "Fedora's crypto libraries do not start without it"),
    ("debian_version", How::Copy, "scripts ask it for the release"),
    ("fonts", How::Bind, "where programs find fonts"),
    ("gai.conf", How::Copy, "the order of addresses, read by getaddrinfo(3)"),
    ("group", How::Copy, "names of groups; readable by all on every system"),
    ("host.conf", How::Copy, "read by the resolver"),
    ("inputrc", How::Copy, "keys of programs that use readline"),
    ("java-11-openjdk", How::Bind, "Java does not start without its settings"),
    ("java-17-openjdk", How::Bind, "Java does not start without its settings"),
    ("java-21-openjdk", How::Bind, "Java does not start without its settings"),
    ("ld.so.cache", How::Copy, "how ld.so(8) finds libraries"),
    ("ld.so.conf", How::Copy, "so that ldconfig(8) inside makes the same cache"),
    ("ld.so.conf.d", How::Bind, "read by ld.so.conf"),
    ("locale.alias", How::Copy, "names of locales"),
    ("localtime", How::Copy, "the time zone"),
    ("nsswitch.conf", How::Copy, "where names are looked up"),
    ("os-release", How::Copy, "which system this is"),
    ("passwd", How::Copy, "names of users; readable by all on every system, and without passwords"),
    ("perl", How::Bind, "Perl's settings"),
    ("pki/ca-trust/extracted", How::Bind, "Fedora's public certificates"),
    ("pki/tls/certs", How::Bind, "Fedora's public certificates"),
    ("profile", How::Copy, "read by login shells"),
    ("profile.d", How::Bind, "read by profile"),
    ("protocols", How::Copy, "names of protocols"),
    ("resolv.conf", How::Copy, "where names are asked for, once there is a network"),
    ("services", How::Copy, "names of ports"),
    ("shells", How::Copy, "which shells there are"),
    ("ssl/certs", How::Bind, "Debian's public certificates"),
    ("ssl/openssl.cnf", How::Copy, "OpenSSL reads it when it starts"),
    ("terminfo", How::Bind, "what terminals can do"),
    ("timezone", How::Copy, "the time zone's name"),
    ("vim", How::Bind, "vim's settings"),
];

/// The largest file that is copied, in bytes: an `ld.so.cache` of a large desktop has some 200 kB.
pub const MOST: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_listed() {
        let secret =
            ["shadow", "gshadow", "ssh", "private", "key", "machine-id", "sudoers", "apt", "NetworkManager"];
        for (name, _, why) in ALLOWED {
            assert!(secret.iter().all(|word| !name.contains(word)), "{name}");
            assert!(!why.is_empty() && !name.starts_with('/') && !name.contains(".."), "{name}");
        }
        assert!(ALLOWED.is_sorted_by_key(|(name, _, _)| *name));
    }
}
